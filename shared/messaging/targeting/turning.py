"""When a condition that does not hold now will hold by the clock alone: for explanations. Pure.

Between the moments at which the clock turns one of its comparisons a condition stays what it is; so the first of those
moments at which it holds is exact. What visits will make of it is not foreseen: then the answer is unknown.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from shared.messaging.targeting.ages import INSTANT, origins, span_of
from shared.messaging.targeting.conditions import Condition, Leaf, holds, leaves
from shared.messaging.targeting.facts import Facts
from shared.messaging.targeting.kinds import Kind
from shared.messaging.targeting.shapes import LocalClock, Window
from shared.people.places import zone

_UNFORESEEN: Final = "visits."
_DAY: Final = timedelta(days=1)
_WEEK_AND_A_DAY: Final = 8
MAX_MOMENTS: Final = 2_000
"""So many moments are tried; a condition with more is unknown."""


def turns_at(condition: Condition, facts: Facts) -> datetime | None:
    """The soonest moment from which on the condition holds while nothing but the clock changes; None when unknown.

    None as well when it never does, and when it holds already.
    """
    parts = list(leaves(condition))
    if any(leaf.attribute.name.startswith(_UNFORESEEN) for leaf in parts) or holds(condition, facts):
        return None
    once = sorted(at for leaf in parts for at in _once(leaf, facts) if at > facts.now)
    moments = set(once)
    for start in (facts.now, *once):
        for leaf in parts:
            moments.update(_daily(leaf, facts, start))
        if len(moments) > MAX_MOMENTS:
            return None
    for moment in sorted(moments):
        if moment > facts.now and holds(condition, replace(facts, now=moment + INSTANT)):
            return moment
    return None


def _once(leaf: Leaf, facts: Facts) -> Iterator[datetime]:
    """The moments at which the clock turns a comparison with a length of time."""
    span = span_of(leaf)
    if span is not None:
        yield from (origin + span for origin in origins(leaf.attribute, facts))


def _daily(leaf: Leaf, facts: Facts, start: datetime) -> Iterator[datetime]:
    """The moments of the eight days from a moment at which hours of the day begin or end."""
    clock, window = leaf.attribute.value(facts), leaf.value
    if (
        leaf.attribute.kind is not Kind.CLOCK
        or not isinstance(clock, LocalClock)
        or not isinstance(window, Window)
    ):
        return
    here = zone(window.zone or clock.zone)
    if here is None:
        return
    first = start.astimezone(here).date() - _DAY
    for number in range(_WEEK_AND_A_DAY + 2):
        yield from turns_of_day(first + number * _DAY, window, here)


def turns_of_day(day: date, window: Window, here: tzinfo) -> Iterator[datetime]:
    """The moments of one local day: both hours, midnight, each of an hour that comes twice, and a change of the clock."""
    for wall in (window.start, window.end, "00:00"):
        at = datetime.combine(day, time.fromisoformat(wall), here)
        yield at.astimezone(UTC)
        yield at.replace(fold=1).astimezone(UTC)
    low, high = (datetime.combine(each, time(), here).astimezone(UTC) for each in (day, day + _DAY))
    before = low.astimezone(here).utcoffset()
    if before != high.astimezone(here).utcoffset():
        while high - low > timedelta(seconds=1):
            middle = (low + (high - low) / 2).replace(microsecond=0)
            if middle.astimezone(here).utcoffset() == before:
                low = middle
            else:
                high = middle
        yield high
