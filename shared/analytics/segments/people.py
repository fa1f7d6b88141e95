"""People by their numbers: reads ``userBehaviorAnalytics`` for facets, and turns numbers into keys and back."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from shared.analytics.behaviour.models import COLLECTION
from shared.analytics.behaviour.stored import from_document
from shared.analytics.segments.traits import Traits, traits_of
from shared.clients.analytics.paging import Span, page_by
from shared.clients.analytics.port import MAX_IN, Analytics, Change, Doc

PAGE: Final = 1000
"""People read at a time."""
Numbered = Mapping[int, Traits | None]
"""Traits by number; None for machines, which belong to no figure."""


class PeopleReader:
    """Reads people, at most PAGE with one operation."""

    def __init__(self, analytics: Analytics) -> None:
        self._analytics = analytics

    async def changed(self, since: datetime, now: datetime) -> tuple[Numbered, datetime | None]:
        """Who changed at ``since`` or later, the longest ago first, and where to go on; None at the end."""
        found, after = await page_by(self._analytics, COLLECTION, "updatedAt", Span(since), limit=PAGE)
        return _numbered(found, now), after

    async def between(self, start: int, stop: int, now: datetime) -> Numbered:
        """Who has a number from ``start`` until before ``stop``."""
        where = {"n": {"$gte": start, "$lt": stop}}
        return _numbered(await self._analytics.find(COLLECTION, where, order=[("n", 1)]), now)

    async def last_number(self) -> int:
        """The greatest number there is; 0 when there is nobody."""
        found = await self._analytics.find(
            COLLECTION, {"n": {"$gte": 0}}, order=[("n", -1)], limit=1, fields=["n"]
        )
        return int(found[0]["n"]) if found else 0

    async def keys(self, numbers: Sequence[int]) -> dict[int, str]:
        """Keys by number; who is gone is left out."""
        found = await self._by("n", numbers)
        return {each["n"]: each["personKey"] for each in found}

    async def numbers(self, keys: Sequence[str]) -> list[int]:
        """The numbers of these keys; who is gone is left out."""
        return [each["n"] for each in await self._by("personKey", keys)]

    async def tag(self, tags: Mapping[int, list[str]]) -> None:
        """Write the tags of these people, by number."""
        steps = [Change({"n": number}, {"$set": {"segments": mine}}) for number, mine in tags.items()]
        for start in range(0, len(steps), PAGE):
            await self._analytics.bulk(COLLECTION, steps[start : start + PAGE])

    async def _by(self, field: str, values: Sequence[int] | Sequence[str]) -> list[Doc]:
        found: list[Doc] = []
        for start in range(0, len(values), MAX_IN):
            some = list(values[start : start + MAX_IN])
            found += await self._analytics.find(COLLECTION, {field: {"$in": some}}, fields=["n", "personKey"])
        return found


def _numbered(documents: Iterable[Doc], now: datetime) -> dict[int, Traits | None]:
    people = map(from_document, documents)
    return {each.n: None if each.bot else traits_of(each, now) for each in people}
