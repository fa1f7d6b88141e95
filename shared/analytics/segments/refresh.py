"""Facets kept up: every few minutes who changed since, and every night everybody, in shards (docs/segments.md)."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from shared.analytics.bitmaps.bits import EMPTY, Bits, bits, from_bytes, span, to_bytes, union
from shared.analytics.segments.facets import facets_of
from shared.analytics.segments.people import PAGE, PeopleReader
from shared.analytics.segments.snapshots import COLLECTION, Manifest, Snapshots
from shared.analytics.segments.traits import Traits
from shared.clients.analytics.port import Analytics
from shared.kernel.clock import Clock
from shared.kernel.ids import IdSource

SHARD: Final = 65_536
"""People of one shard: the numbers of one Roaring container."""
OVERLAP: Final = timedelta(seconds=60)
"""How far before the watermark a refresh begins: writers' clocks differ, and doing it again changes nothing."""
MAX_PAGES: Final = 100
"""Pages that one refresh reads; the next one goes on where it stopped."""


class Refresh:
    """Publishes snapshots.

    A refresh costs 1 operation for each 1,000 changed people, one for each 500 sets that are not in memory or changed, and 5.
    """

    def __init__(
        self, analytics: Analytics, people: PeopleReader, snapshots: Snapshots, clock: Clock, ids: IdSource
    ) -> None:
        self._analytics = analytics
        self._people = people
        self._snapshots = snapshots
        self._clock = clock
        self._ids = ids

    async def run(self) -> int:
        """Bring the facets up to date; gives how many people were looked at. Before the first rebuild, 0.

        A rebuild that publishes meanwhile wins, and the next refresh does what this one did again.
        """
        manifest = await self._snapshots.latest(fresh=True)
        if manifest is None:
            return 0
        people, watermark = await self._changed(manifest)
        gone = await self._analytics.find(COLLECTION, {"kind": "gone"}, limit=PAGE)
        touched = bits([*people, *(each["n"] for each in gone)])
        if touched or watermark - manifest.watermark > OVERLAP:
            changed = await self._applied(manifest, touched, people)
            run = self._ids.new("run")
            published = await self._snapshots.publish(manifest, run, changed, watermark=watermark)
            if published and gone:
                await self._analytics.delete(COLLECTION, {"_id": {"$in": [each["_id"] for each in gone]}})
        return len(people)

    async def _changed(self, manifest: Manifest) -> tuple[dict[int, Traits | None], datetime]:
        now = self._clock.now()
        since: datetime | None = manifest.watermark - OVERLAP
        people: dict[int, Traits | None] = {}
        for _ in range(MAX_PAGES):
            if since is None:
                return people, now
            found, since = await self._people.changed(since, now)
            people |= found
        return people, since or now

    async def _applied(
        self, manifest: Manifest, touched: Bits, people: Mapping[int, Traits | None]
    ) -> dict[str, Bits]:
        """The sets that are no longer what they were."""
        fresh = facets_of({number: traits for number, traits in people.items() if traits is not None})
        held = await self._snapshots.facets(manifest, manifest.runs)
        changed = {}
        for key in {*manifest.runs, *fresh}:
            before = held.get(key)
            after = (before - touched) | fresh.get(key, EMPTY)
            if after != before:
                changed[key] = after
        return changed


class Rebuild:
    """Everybody's facets anew: any shard may be done again, by anyone; the last step publishes them all."""

    def __init__(
        self, analytics: Analytics, people: PeopleReader, snapshots: Snapshots, clock: Clock
    ) -> None:
        self._analytics = analytics
        self._people = people
        self._snapshots = snapshots
        self._clock = clock

    async def plan(self) -> int:
        """How many shards there are."""
        return await self._people.last_number() // SHARD + 1

    async def shard(self, run: str, index: int) -> int:
        """Compute one shard and keep it; gives how many people are in it. What is kept already is not computed again."""
        ident = _part_id(run, index)
        done = await self._analytics.find(COLLECTION, {"_id": ident}, fields=["people"])
        if done:
            return int(done[0]["people"])
        now, end = self._clock.now(), min((index + 1) * SHARD, await self._people.last_number() + 1)
        sets: dict[str, list[Bits]] = defaultdict(list)
        people = 0
        for start in range(index * SHARD, end, PAGE):
            found = await self._people.between(start, min(start + PAGE, end), now)
            people += len(found)
            part = facets_of({number: each for number, each in found.items() if each is not None})
            for key, members in part.items():
                sets[key].append(members)
        packed = [{"key": key, "data": to_bytes(union(several))} for key, several in sets.items()]
        part_of: dict[str, Any] = {"_id": ident, "kind": "part", "at": now, "people": people, "sets": packed}
        await self._analytics.insert(COLLECTION, [part_of])
        return people

    async def publish(self, run: str, shards: int) -> int:
        """Put the shards together as the next snapshot; gives its number, or that of who was first."""
        sets: dict[str, list[Bits]] = defaultdict(list)
        started, parts = self._clock.now(), 0
        for index in range(shards):
            for part in await self._analytics.find(COLLECTION, {"_id": _part_id(run, index)}):
                started, parts = min(started, part["at"]), parts + 1
                for each in part["sets"]:
                    sets[each["key"]].append(from_bytes(each["data"]))
        whole = {key: union(several) for key, several in sets.items()}
        latest = await self._snapshots.latest(fresh=True)
        # with parts missing: whoever published them took them away
        while parts == shards and not _published(run, latest):
            # a refresh that comes in between is done again from where the first shard began
            name = f"{run}.{latest.generation if latest else 0}"
            mine = await self._snapshots.publish(latest, name, whole, watermark=started, whole=True)
            latest = mine or await self._snapshots.latest(fresh=True)
            if mine is not None:
                break
        for index in range(shards):
            await self._analytics.delete(COLLECTION, {"_id": _part_id(run, index)})
        return latest.generation if latest else 0

    async def run(self, run: str) -> int:
        """All of it, one shard after the other; gives the number of the snapshot."""
        shards = await self.plan()
        for index in range(shards):
            await self.shard(run, index)
        return await self.publish(run, shards)


def within(members: Bits, shard: int) -> Bits:
    """The part of a set that is in one shard."""
    return members & span(shard * SHARD, (shard + 1) * SHARD)


def _published(run: str, manifest: Manifest | None) -> bool:
    return manifest is not None and any(name.startswith(f"{run}.") for name in manifest.runs.values())


def _part_id(run: str, index: int) -> str:
    return f"part/{run}/{index:05}"
