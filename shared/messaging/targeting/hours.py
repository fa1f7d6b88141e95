"""When the hours of the day that conditions ask for next begin or end: what a page must not sleep through. Pure."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from shared.messaging.targeting.conditions import Leaf
from shared.messaging.targeting.facts import Facts
from shared.messaging.targeting.kinds import Kind
from shared.messaging.targeting.turning import turns_of_day
from shared.people.places import zone

_DAY: Final = timedelta(days=1)
_MAX_KNOWN: Final = 1024


class Hours:
    """All hours of the day of some comparisons; on which days they count is not asked: the page comes once for nothing."""

    def __init__(self, asking: Iterable[Leaf]) -> None:
        self._asked: dict[tuple[str, str, str, str | None], Leaf] = {}
        for leaf in asking:
            if leaf.attribute.kind is Kind.CLOCK:
                hours = leaf.value
                self._asked[leaf.attribute.name, hours.start, hours.end, hours.zone] = leaf
        self._known: dict[tuple[str | None, str | None], tuple[datetime, datetime | None]] = {}

    def next_turn(self, facts: Facts) -> datetime | None:
        """The next moment at which any of these hours begins or ends; None when nobody knows where."""
        if not self._asked:
            return None
        place = facts.timezone, facts.profile.timezone
        known = self._known.get(place)
        # from one turn to the next it is the same for all who live by these clocks
        if known is None or (known[1] is not None and not known[0] <= facts.now < known[1]):
            if len(self._known) >= _MAX_KNOWN:
                self._known.clear()
            self._known[place] = known = facts.now, self._worked_out(facts)
        return known[1]

    def _worked_out(self, facts: Facts) -> datetime | None:
        moments: list[datetime] = []
        for leaf in self._asked.values():
            here = zone(leaf.value.zone or leaf.attribute.value(facts).zone)
            if here is None:
                continue
            today = facts.now.astimezone(here).date()
            for day in (today, today + _DAY):
                moments += turns_of_day(day, leaf.value, here)
        return min((at.astimezone(UTC) for at in moments if at > facts.now), default=None)
