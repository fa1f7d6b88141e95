"""What a decision knows when it judges a condition: the person's profile and the request."""

from dataclasses import dataclass
from datetime import datetime

from shared.people.profiles.models import Profile


@dataclass(frozen=True, slots=True)
class Facts:
    """A person at a moment, on a page. ``locale`` and ``timezone`` are the request's, else the profile's."""

    profile: Profile
    now: datetime
    release_id: str | None = None
    feature_flags: frozenset[str] = frozenset()
    locale: str | None = None
    timezone: str | None = None
    page: str | None = None
