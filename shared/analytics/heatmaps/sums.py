"""Weeks and months of ``loginHeatmaps``, 168 cells each, summed every night from their days (messaging-platform.md §4.3, pre-computed).

A period is settled once no event can come into its days any more: then its sums are read in their place. Those of the site (``all``)
are stored for every period, also when nobody came: they tell of all scopes that the period is settled.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final

from shared.analytics.heatmaps.models import ALL, COLLECTION, Cells, Granularity, HeatSum, from_document
from shared.analytics.heatmaps.rules import end_of, from_stored, start_of, stored
from shared.analytics.ingest.folding import parts
from shared.clients.analytics.port import MAX_IN, MAX_STEPS, Analytics, Doc, Replace
from shared.kernel.clock import Clock

SETTLES: Final = timedelta(days=6)
"""After how long nothing comes into a day any more: events may be 72 hours late, and the nightly proof mends 5 days."""
KINDS: Final[tuple[Granularity, ...]] = ("weekly", "monthly")
FURTHEST: Final = timedelta(days=460)
"""How far back a night looks for periods that nobody has summed: somewhat more than can be asked for."""


class HeatSums:
    """Sums, and finds sums."""

    def __init__(self, analytics: Analytics, clock: Clock) -> None:
        self._analytics = analytics
        self._clock = clock

    async def run(self) -> int:
        """Sum the periods that are not settled, the latest first; gives how many (1 find a day, 1 write for each 1,000 scopes).

        Each is put in its place whole: it may be stopped anywhere and done again, by two at once as well.
        """
        number = 0
        for kind in KINDS:
            start = start_of((self._clock.now() + timedelta(hours=14)).date(), kind)
            oldest = start - FURTHEST
            while start > oldest and not await self._settled(kind, [start]):
                await self._sum(kind, start)
                number += 1
                start = start_of(start - timedelta(days=1), kind)
        return number

    async def within(self, scope: str, kind: Granularity, first: date, last: date) -> dict[date, HeatSum]:
        """The settled periods that lie whole between two days, by their first day (2 finds); none for days."""
        if kind not in KINDS:
            return {}
        starts = []
        start = start_of(first, kind)
        while end_of(start, kind) <= last:
            starts += [start] if start >= first else []
            start = end_of(start, kind) + timedelta(days=1)
        settled = await self._settled(kind, starts)
        idents = [key_of(scope, kind, each) for each in settled]
        found = {each["start"]: from_stored(each["cells"]) for each in await self._get(idents)}
        return {
            each: HeatSum(scope, kind, each, found.get(each.isoformat(), Counter()), at)
            for each, at in settled.items()
        }

    async def _settled(self, kind: Granularity, starts: Iterable[date]) -> dict[date, datetime]:
        """Which of the periods are settled, and when they were summed."""
        idents = [key_of(ALL, kind, start) for start in starts]
        told = {date.fromisoformat(each["start"]): each["updatedAt"] for each in await self._get(idents)}
        return {start: at for start, at in told.items() if at.date() > end_of(start, kind) + SETTLES}

    async def _get(self, idents: list[str]) -> list[Doc]:
        found: list[Doc] = []
        for part in parts(idents, MAX_IN):
            found += await self._analytics.find(COLLECTION, {"_id": {"$in": list(part)}})
        return found

    async def _sum(self, kind: Granularity, start: date) -> None:
        sums: dict[str, Cells] = {ALL: Counter()}
        now, day = self._clock.now(), start
        while day <= end_of(start, kind):
            for document in await self._analytics.find(COLLECTION, {"day": day.isoformat()}):
                heat = from_document(document)
                sums.setdefault(heat.scope, Counter()).update(heat.cells)
            day += timedelta(days=1)
        steps = [
            Replace(
                {"_id": key_of(scope, kind, start)},
                {
                    "scope": scope,
                    "granularity": kind,
                    "start": start.isoformat(),
                    "cells": stored(cells),
                    "updatedAt": now,
                },
                upsert=True,
            )
            for scope, cells in sorted(sums.items())
        ]
        for part in parts(steps, MAX_STEPS):
            await self._analytics.bulk(COLLECTION, list(part))


def key_of(scope: str, kind: Granularity, start: date) -> str:
    """The id of a period's sums."""
    return f"{scope}|{kind}|{start.isoformat()}"
