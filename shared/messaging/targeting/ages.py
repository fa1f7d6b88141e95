"""When what happened is as long ago as conditions ask: what a page must not sleep through. Pure.

A relative date, a length of time and a count over the last days turn at an instant of their own, whatever the local day does.
``visits.daysSinceLast`` is not among them: it stays the same while a visit lasts, and who asks is visiting.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from shared.kernel.clock import from_millis
from shared.messaging.targeting.conditions import Leaf
from shared.messaging.targeting.facts import Facts
from shared.messaging.targeting.kinds import Attribute, Kind
from shared.messaging.targeting.shapes import MAX_DAYS, DaysAgo, HoursAgo, Past

INSTANT: Final = timedelta(microseconds=1)
"""Just behind a moment: «more than two days ago» holds after the two days, not at their end."""
_BOUNDS: Final = frozenset({"lt", "lte", "gt", "gte"})
_SINCE: Final[Mapping[str, Callable[[Facts], datetime | None]]] = {
    "person.daysSinceFirstSeen": lambda facts: facts.profile.first_seen_at,
    "person.daysSinceRoleChange": lambda facts: facts.profile.role_changed_at,
}
"""Lengths of time, by the moment from which they are counted."""
_LATELY: Final[Mapping[str, tuple[timedelta, Callable[[Facts], Iterable[int]]]]] = {
    "visits.last7Days": (
        timedelta(days=7),
        lambda facts: (start for start, _ in facts.profile.visits.recent),
    ),
    "attendance.last90Days": (
        timedelta(days=90),
        lambda facts: (each.at for each in facts.profile.attendance.recent),
    ),
}
"""Counts over the last days, by how many days and by the moments counted, in milliseconds since 1970."""


def span_of(leaf: Leaf) -> timedelta | None:
    """The age at which the comparison turns; None when it does not turn with age, or only beyond 100 years."""
    name, wanted = leaf.attribute.name, leaf.value
    if leaf.attribute.kind is Kind.MOMENT:
        return wanted.span if isinstance(wanted, DaysAgo | HoursAgo) else None
    if name in _LATELY:
        return _LATELY[name][0]
    if name in _SINCE and leaf.op in _BOUNDS and 0 <= wanted <= MAX_DAYS:
        return timedelta(days=wanted)
    return None


def origins(attribute: Attribute, facts: Facts) -> Iterator[datetime]:
    """The moments whose age the attribute tells; none when they are not known."""
    if attribute.name in _LATELY:
        yield from map(from_millis, _LATELY[attribute.name][1](facts))
        return
    since = _SINCE.get(attribute.name)
    found = since(facts) if since else attribute.value(facts)
    at = found.at if isinstance(found, Past) else found
    if at is not None:
        yield at


class Ages:
    """All ages that some comparisons ask for; what else their conditions ask does not count: the page comes once for nothing."""

    def __init__(self, asking: Iterable[Leaf]) -> None:
        asked: dict[Attribute, set[timedelta]] = defaultdict(set)
        for leaf in asking:
            span = span_of(leaf)
            if span is not None:
                asked[leaf.attribute].add(span)
        self._asked = [(attribute, sorted(spans)) for attribute, spans in asked.items()]

    def next_turn(self, facts: Facts) -> datetime | None:
        """The next moment by which one of these ages is reached and passed; None when none is to come."""
        soonest: datetime | None = None
        for attribute, spans in self._asked:
            for origin in origins(attribute, facts):
                place = bisect_left(spans, facts.now - origin)
                if place < len(spans):
                    at = origin + spans[place] + INSTANT
                    soonest = at if soonest is None else min(soonest, at)
        return soonest
