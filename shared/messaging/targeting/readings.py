"""What is worked out of the facts before it can be compared: pure, one function a reading."""

from datetime import datetime, timedelta
from typing import Final

from shared.kernel.clock import to_millis
from shared.messaging.targeting.facts import Facts
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
    visits, now = facts.profile.visits.recent, to_millis(facts.now)
    if visits and now - visits[-1][1] < _OPEN_MS:
        now, visits = visits[-1][0], visits[:-1]
    return max(0, now - visits[-1][1]) / _DAY_MS if visits else None
