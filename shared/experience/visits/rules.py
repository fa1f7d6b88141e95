"""What a visit tells of who its person was before: pure."""

from datetime import datetime, timedelta
from typing import Final

from shared.experience.visits.models import Visit
from shared.people.profiles.merging import asks_for
from shared.people.profiles.models import Profile

JUST_SIGNED_IN: Final = timedelta(hours=1)


def to_tell(visit: Visit, profile: Profile, signed_in_at: datetime | None, now: datetime) -> Visit:
    """The visit to send: with who the caller was before while that is still to be taken in, off the answer's path.

    Whoever signed in within the last hour is looked at again, for what they did while they were signed out.
    """
    past = visit.person.formerly
    if past is None or asks_for(profile, past):
        return visit
    fresh = signed_in_at is not None and now - signed_in_at < JUST_SIGNED_IN
    return visit if fresh and not past.shared else visit.once()
