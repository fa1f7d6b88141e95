"""What is worked out of the facts before it can be compared: pure, one function a reading."""

from datetime import datetime, timedelta
from typing import Final

from shared.kernel.clock import from_millis, to_millis
from shared.messaging.targeting.facts import Facts
from shared.messaging.targeting.shapes import LocalClock, Past
from shared.people.access import Role
from shared.people.profiles.rules import GAP

_DAY: Final = timedelta(days=1)
_DAY_MS: Final = 24 * 3600 * 1000
_OPEN_MS: Final = int(GAP.total_seconds() * 1000)
"""A visit is still going on this long after its last request."""


def person_type(facts: Facts) -> str:
    """``ip``, ``user`` or ``organizer``."""
    return "organizer" if Role.ORGANIZER in facts.profile.roles else facts.profile.type


def days(since: datetime | None, now: datetime) -> float | None:
    """Days of 24 hours between two moments, never negative."""
    return None if since is None else max(0.0, (now - since) / _DAY)


def first_visit(facts: Facts) -> bool | None:
    """Whether the person has not met the request's release; None when it names none."""
    release = facts.release_id
    return None if release is None else facts.profile.release_state.last_seen_release_id != release


def acknowledged(facts: Facts) -> bool | None:
    """Whether the person acknowledged the request's release; None when it names none."""
    release = facts.release_id
    return None if release is None else release in facts.profile.release_state.acknowledged_releases


def last_week(facts: Facts) -> int:
    """Visits that began in the last 7 times 24 hours."""
    since = to_millis(facts.now) - 7 * _DAY_MS
    return sum(start > since for start, _ in facts.profile.visits.recent)


def days_since_last(facts: Facts) -> float | None:
    """The gap before the present visit, so that «long time no see» stays true while the returning visit lasts."""
    earlier, now = _before_present(facts)
    return max(0, now - earlier[-1][1]) / _DAY_MS if earlier else None


def last_visit(facts: Facts) -> Past | None:
    """The end of the last visit before the present one."""
    earlier, _ = _before_present(facts)
    return past(from_millis(earlier[-1][1]), facts.now) if earlier else None


def past(at: datetime | None, now: datetime) -> Past | None:
    """A moment as seen from now; None when it is not known."""
    return None if at is None else Past(at, now)


def attended_organizers(facts: Facts) -> frozenset[str]:
    """Whose events the person came to, of those kept."""
    return frozenset(each.organizer_id for each in facts.profile.attendance.recent if each.organizer_id)


def attended_lately(facts: Facts) -> int:
    """Events attended in the last 90 times 24 hours, of those kept."""
    since = to_millis(facts.now) - 90 * _DAY_MS
    return sum(each.at > since for each in facts.profile.attendance.recent)


def last_attended(facts: Facts) -> Past | None:
    """When the person last came to an event."""
    kept = facts.profile.attendance.recent
    return past(from_millis(kept[-1].at), facts.now) if kept else None


def clock_of_person(facts: Facts) -> LocalClock:
    """The clock where the profile says the person lives."""
    return LocalClock(facts.now, facts.profile.timezone)


def clock_of_reader(facts: Facts) -> LocalClock:
    """The clock where the page says its reader is."""
    return LocalClock(facts.now, facts.timezone)


def _before_present(facts: Facts) -> tuple[tuple[tuple[int, int], ...], int]:
    """The visits before the present one, and when that began (now, while it is not recorded)."""
    visits, now = facts.profile.visits.recent, to_millis(facts.now)
    if visits and now - visits[-1][1] < _OPEN_MS:
        return visits[:-1], visits[-1][0]
    return visits, now
