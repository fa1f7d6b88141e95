"""Who came back after a message, of those who had stayed away (messaging-platform.md §10, Dormant-user reactivation): pure.

A person is asked about once, at one moment: the first message that reached them in the period while they were dormant, or, when
none did, the period's beginning. Both groups are thus given the same days to come back in.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from math import sqrt
from typing import Final

from shared.analytics.behaviour.figures import span_of_week

DORMANT_DAYS: Final = 30
"""How long somebody stayed away who counts as dormant, after having been there."""
_DORMANT_MS: Final = timedelta(days=DORMANT_DAYS) // timedelta(milliseconds=1)
DEVIATIONS: Final = 1.96
"""Intervals hold in 95 of 100 cases."""
Answers = Mapping[int, bool]
"""Dormant people by their numbers, and whether each came back in time."""


@dataclass(frozen=True, slots=True)
class Life:
    """When somebody was there, as far as it is remembered: spans of milliseconds since 1970, in no order."""

    number: int
    person_key: str = field(repr=False)
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Share:
    """A share, and the interval it lies in but for chance in 95 of 100 cases."""

    value: float
    low: float
    high: float


def spans_of(visits: Iterable[tuple[int, int]], weeks: Mapping[int, int]) -> tuple[tuple[int, int], ...]:
    """When somebody was there. ``visits`` are those that are remembered one by one; of ``weeks``, numbered, with the visits that began
    in each, those before them are remembered as wholes.
    """
    kept = sorted(visits)
    begin = kept[0][0] if kept else None
    before = [span_of_week(week) for week, number in weeks.items() if number]
    return (*((start, end) for start, end in before if begin is None or start < end <= begin), *kept)


def dormant(life: Life, at: int) -> bool:
    """Whether the last visit before ``at`` ended 30 days or longer before it; who was never there is not."""
    before = [min(end, at) for start, end in life.spans if start < at]
    return bool(before) and at - max(before) >= _DORMANT_MS


def returned(life: Life, at: int, within: int) -> bool:
    """Whether a visit began at ``at`` or up to ``within`` milliseconds later."""
    return any(at <= start <= at + within for start, _ in life.spans)


def written_to(lives: Iterable[Life], reached: Mapping[str, Iterable[int]], within: int) -> dict[int, bool]:
    """Those whom a message reached while they were dormant; ``reached`` are moments by person."""
    found: dict[int, bool] = {}
    for life in lives:
        at = _first(life, reached.get(life.person_key, ()))
        if at is not None:
            found[life.number] = returned(life, at, within)
    return found


def left_alone(
    lives: Iterable[Life], reached: Mapping[str, Iterable[int]], begin: int, within: int
) -> dict[int, bool]:
    """Those who were dormant at ``begin``, and whom no message reached in the period before they came back by themselves."""
    return {
        life.number: returned(life, begin, within)
        for life in lives
        if dormant(life, begin) and _first(life, reached.get(life.person_key, ())) is None
    }


def share(part: int, whole: int) -> Share:
    """Wilson's interval of ``part`` of ``whole``, which is not 0."""
    value, z = part / whole, DEVIATIONS**2 / whole
    middle = (value + z / 2) / (1 + z)
    half = DEVIATIONS * sqrt(value * (1 - value) / whole + z / (4 * whole)) / (1 + z)
    return Share(value, max(0.0, min(value, middle - half)), min(1.0, max(value, middle + half)))


def difference(one: Share, other: Share) -> Share:
    """One less the other, by Newcombe's interval (1998, method 10)."""
    value = one.value - other.value
    below = sqrt((one.value - one.low) ** 2 + (other.high - other.value) ** 2)
    above = sqrt((one.high - one.value) ** 2 + (other.value - other.low) ** 2)
    return Share(value, value - below, value + above)


def _first(life: Life, moments: Iterable[int]) -> int | None:
    return next((at for at in sorted(moments) if dormant(life, at)), None)
