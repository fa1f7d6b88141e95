"""Two profiles of one person become one (docs/people.md): pure.

What is counted adds up, what is a moment takes the first or the last, what is a set is united. Whoever is merged loses
nothing that holds a message back: the merged person is never shown more than the two of them would have been.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from shared.kernel.clock import from_millis, to_millis
from shared.people.profiles.caps import latest_campaigns
from shared.people.profiles.models import (
    MAX_LINKED,
    MAX_RELEASES,
    MAX_SHOWN,
    CampaignMemory,
    Profile,
    ReleaseState,
)
from shared.people.profiles.pressure import merged_preferences
from shared.people.profiles.rules import Seen, joined_visits
from shared.people.visitors import Person

ADDRESS: Final = "address"
"""Stands in ``linked_keys`` for an address: its hash would name a place where others are, too."""
CROWD_VISITS: Final = 12
CROWD_VISIT: Final = timedelta(hours=6)
"""An address with more visits in 24 hours, or with a longer one, is used by a crowd and nobody's past."""
_DAY: Final = timedelta(hours=24)


def merged(person: Profile, visitor: Profile) -> Profile:
    """The person's profile with all that a visitor's remembers of its own accord.

    Segments, favourites, roles and whatever else belongs to an account stay the person's. Who has no profile yet is
    dealt the visitor's place in experiments; who has one keeps theirs.
    """
    reservations = {**visitor.reservations, **person.reservations}
    campaigns = dict(person.campaigns)
    for ident, memory in visitor.campaigns.items():
        campaigns[ident] = _memories(campaigns[ident], memory) if ident in campaigns else memory
    shown = sorted([*person.shown, *visitor.shown], key=lambda each: (each.at, each.channel))
    return replace(
        person,
        bucket_id=visitor.bucket_id if person.update_time is None else person.bucket_id,
        first_seen_at=_of_both(min, person.first_seen_at, visitor.first_seen_at),
        last_seen_at=_of_both(max, person.last_seen_at, visitor.last_seen_at),
        visits=joined_visits(person.visits, visitor.visits),
        release_state=_releases(person, visitor),
        campaigns=latest_campaigns(campaigns, reservations.values()),
        reservations=reservations,
        shown=tuple(shown[-MAX_SHOWN:]),
        preferences=merged_preferences(person, visitor),
    )


def linked(person: Profile, formerly: Person) -> Profile:
    """The profile that knows whom it has taken in; the same visitor's key of another epoch makes room for this one."""
    if formerly.shared:
        return person if person.linked_keys else replace(person, linked_keys=(ADDRESS,))
    if formerly.key in person.linked_keys:
        return person
    others = [key for key in person.linked_keys if key not in (ADDRESS, formerly.previous_key)]
    return replace(person, linked_keys=(*others, formerly.key)[-MAX_LINKED:])


def asks_for(person: Profile, formerly: Person) -> bool:
    """Whether somebody is still to be taken in: a visitor whose key is not linked; an address only by who has nobody."""
    return not person.linked_keys if formerly.shared else formerly.key not in person.linked_keys


def is_crowd(address: Profile) -> bool:
    """Whether an address is used as by many people: then what it remembers is no one's."""
    recent = address.visits.recent
    if not recent:
        return False
    day_before = to_millis(from_millis(recent[-1][1]) - _DAY)
    longest = timedelta(milliseconds=max(end - start for start, end in recent))
    return longest > CROWD_VISIT or sum(end >= day_before for _, end in recent) > CROWD_VISITS


def _memories(one: CampaignMemory, other: CampaignMemory) -> CampaignMemory:
    """Both counts of one campaign; of two versions of its caps only the newer counts, as after a reset."""
    occurrences = max(one.occurrences, other.occurrences)
    if one.caps_version != other.caps_version:
        return replace(max(one, other, key=lambda each: each.caps_version), occurrences=occurrences)
    return CampaignMemory(
        one.caps_version,
        occurrences,
        one.shown + other.shown,
        _of_both(max, one.last_at, other.last_at),
        one.acknowledged or other.acknowledged,
        one.dismissed or other.dismissed,
    )


def _releases(person: Profile, visitor: Profile) -> ReleaseState:
    mine, theirs = person.release_state, visitor.release_state
    acknowledged = dict.fromkeys([*theirs.acknowledged_releases, *mine.acknowledged_releases])
    return ReleaseState(
        max(_last(person), _last(visitor)).release_id or None, tuple(acknowledged)[-MAX_RELEASES:]
    )


def _last(profile: Profile) -> Seen:
    """When and on which release somebody was last seen; earlier than everything when never."""
    at = to_millis(profile.last_seen_at) if profile.last_seen_at else 0
    return Seen(at, profile.release_state.last_seen_release_id or "")


def _of_both(
    choose: Callable[[datetime, datetime], datetime], one: datetime | None, other: datetime | None
) -> datetime | None:
    return choose(one, other) if one and other else one or other
