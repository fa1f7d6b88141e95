"""Tags in ``experienceProfiles.segments``: computed every night, written only where they changed (messaging-platform.md §4.1).

What was last written is kept as bitmaps, one document for each shard of 65,536 people: the difference to what holds now is
who has to be written, without a read of any profile.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any, Final

from shared.analytics.bitmaps.bits import EMPTY, Bits, bits, from_bytes, pages, to_bytes, union
from shared.analytics.segments.estimates import Cohorts
from shared.analytics.segments.filters import parse
from shared.analytics.segments.models import READY_MADE
from shared.analytics.segments.people import PeopleReader
from shared.analytics.segments.ready import FAVORITE_OF, TAGS
from shared.analytics.segments.refresh import SHARD, within
from shared.analytics.segments.repository import SegmentRepository
from shared.analytics.segments.snapshots import COLLECTION, Snapshots
from shared.clients.analytics.port import Analytics, Replace
from shared.clients.documents.port import Documents, Update
from shared.clients.errors import Missing
from shared.people.profiles.repository import path_of

AT_ONCE: Final = 300
"""Profiles written in one commit."""
_FOLLOWS: Final = "follows.organizers="
Named = Callable[[], Awaitable[Collection[str]]]
"""The tags that running campaigns ask for: of these, ids of segments are tags as well."""


class Tagging:
    """Writes tags.

    A night costs, for each shard, 1 read and 1 write of MongoDB; for each 1,000 people whose tags changed 1 read and 1 write
    more; and 1 write of Firestore for each of these people.
    """

    def __init__(
        self,
        *,
        analytics: Analytics,
        documents: Documents,
        people: PeopleReader,
        snapshots: Snapshots,
        cohorts: Cohorts,
        segments: SegmentRepository,
        named: Named,
    ) -> None:
        self._analytics = analytics
        self._documents = documents
        self._people = people
        self._snapshots = snapshots
        self._cohorts = cohorts
        self._segments = segments
        self._named = named

    async def tags(self) -> dict[str, Bits]:
        """Who has which tag now; none before the first snapshot."""
        manifest = await self._snapshots.latest(fresh=True)
        if manifest is None:
            return {}
        found = {tag: (await self._cohorts.find(parse(each))).members for tag, each in TAGS.items()}
        for ident in sorted(await self._named()):
            segment = READY_MADE.get(ident) or await self._segments.get(ident)
            if segment is not None:
                found[ident] = (await self._cohorts.find(segment.tree())).members
        facets = await self._snapshots.facets(manifest, manifest.keys(_FOLLOWS))
        for key in manifest.keys(_FOLLOWS):
            found[FAVORITE_OF + key.removeprefix(_FOLLOWS)] = facets.get(key)
        return found

    async def shard(self, index: int, tags: Mapping[str, Bits] | None = None) -> int:
        """Write the tags of one shard's people; gives how many people's changed.

        May be done again, and by another worker: what was written is written again, and kept last.
        """
        tags = await self.tags() if tags is None else tags
        now = {tag: part for tag, members in tags.items() if (part := within(members, index))}
        before = await self._written(index)
        changed = union(now.get(tag, EMPTY) ^ before.get(tag, EMPTY) for tag in {*now, *before})
        written = 0
        for numbers in pages(changed, AT_ONCE):
            written += await self._write(numbers, now)
        if changed:
            await self._keep(index, now)
        return written

    async def run(self) -> int:
        """All shards, one after the other; gives how many people's tags changed."""
        tags = await self.tags()
        shards = max((members.max() // SHARD + 1 for members in tags.values() if members), default=0)
        known = await self._analytics.count(COLLECTION, {"kind": "tags"})
        return sum([await self.shard(index, tags) for index in range(max(shards, known))])

    async def _write(self, numbers: Sequence[int], tags: Mapping[str, Bits]) -> int:
        keys = await self._people.keys(numbers)
        mine: dict[int, list[str]] = defaultdict(list)
        asked = bits(keys)
        for tag in sorted(tags):
            for number in tags[tag] & asked:
                mine[number].append(tag)
        updates = [Update(path_of(key), {"segments": mine[number]}) for number, key in keys.items()]
        written = await self._commit(updates)
        if keys:
            await self._people.tag({number: mine[number] for number in keys})
        return written

    async def _commit(self, updates: Sequence[Update]) -> int:
        """Write them at once; one by one where somebody has no profile."""
        if not updates:
            return 0
        try:
            await self._documents.commit(list(updates))
        except Missing:
            if len(updates) == 1:
                return 0
            middle = len(updates) // 2
            return await self._commit(updates[:middle]) + await self._commit(updates[middle:])
        return len(updates)

    async def _written(self, index: int) -> dict[str, Bits]:
        found = await self._analytics.find(COLLECTION, {"_id": _tags_id(index)})
        return {each["tag"]: from_bytes(each["data"]) for each in found[0]["sets"]} if found else {}

    async def _keep(self, index: int, tags: Mapping[str, Bits]) -> None:
        sets = [{"tag": tag, "data": to_bytes(members)} for tag, members in tags.items()]
        document: dict[str, Any] = {"_id": _tags_id(index), "kind": "tags", "sets": sets}
        await self._analytics.bulk(COLLECTION, [Replace({"_id": _tags_id(index)}, document, upsert=True)])


def _tags_id(index: int) -> str:
    return f"tags/{index:05}"
