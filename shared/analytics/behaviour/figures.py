"""What is computed from a person's behaviour: pure, and frozen while the person is idle, but for the years that pass."""

from collections.abc import Mapping, Sequence
from typing import Final

from shared.analytics.behaviour.models import (
    FREQUENCY_WEEKS,
    LAST_CITIES,
    LEVELS,
    Behaviour,
    Level,
    Occasion,
)

DAY_MS: Final = 86_400_000
YEAR_MS: Final = 365 * DAY_MS
_WEEK_MS: Final = 7 * DAY_MS
_FIRST_MONDAY: Final = 4 * DAY_MS
"""5 January 1970, from which weeks are counted."""
_SCORES: Final = (0, 0, 3, 5, 8, 10)
"""multiCityScore of 0, 1, 2, 3, 4 and 5 or more cities (design/decisions.md, Analytics)."""


def week_of(at: int) -> int:
    """The number of a moment's week since 1970; weeks begin on Monday (UTC)."""
    return (at - _FIRST_MONDAY) // _WEEK_MS


def span_of_week(week: int) -> tuple[int, int]:
    """When a week begins and when the next one does, in milliseconds since 1970."""
    start = _FIRST_MONDAY + week * _WEEK_MS
    return start, start + _WEEK_MS


def cities_at(behaviour: Behaviour, now: int) -> int:
    """Cities of the 365 days before ``now``; 32 stands for that many or more."""
    return sum(at > now - YEAR_MS for at in behaviour.cities.values())


def multi_city_score(cities: int) -> int:
    """0, 3, 5, 8, 10 for 1, 2, 3, 4, 5 and more cities."""
    return _SCORES[min(cities, len(_SCORES) - 1)]


def next_loss(behaviour: Behaviour, now: int) -> int | None:
    """When the next city will be a year ago, so that what is stored of cities has to be computed anew; None when never."""
    return min((at + YEAR_MS for at in behaviour.cities.values() if at > now - YEAR_MS), default=None)


def last_cities(cities: Mapping[str, int]) -> list[str]:
    """The cities visited latest, at most 5, latest first."""
    return sorted(cities, key=lambda city: (-cities[city], city))[:LAST_CITIES]


def primary_level(occasions: Mapping[Occasion, int]) -> Level | None:
    """The level of most classes; of equals the higher one. None without any class."""
    best = max(LEVELS, key=lambda level: (occasions.get(level, 0), LEVELS.index(level)))
    return best if occasions.get(best) else None


def peak(counts: Sequence[int]) -> int | None:
    """The first place of the greatest count; None when all are 0."""
    return counts.index(max(counts)) if any(counts) else None


def visit_frequency(behaviour: Behaviour) -> float:
    """Visits a week in the 12 weeks that end with the week of the last visit, or in those since the first one."""
    latest = max(behaviour.weeks, default=None)
    if latest is None or behaviour.first_seen_at is None:
        return 0.0
    weeks = min(FREQUENCY_WEEKS, max(1, latest - week_of(behaviour.first_seen_at) + 1))
    return _mean(behaviour.weeks, latest, weeks)


def prior_frequency(behaviour: Behaviour) -> float:
    """Visits a week in the 12 weeks before the week of the last visit: as it was when they were last seen."""
    latest = max(behaviour.weeks, default=None)
    return 0.0 if latest is None else _mean(behaviour.weeks, latest - 1, FREQUENCY_WEEKS)


def _mean(weeks: Mapping[int, int], last: int, number: int) -> float:
    return round(sum(weeks.get(last - back, 0) for back in range(number)) / number, 3)
