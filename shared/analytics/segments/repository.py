"""Segments in MongoDB: the present version in ``cohortSegments``, each version in ``cohortSegmentVersions``, people that were
pinned in ``segmentBitmaps``.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from shared.analytics.bitmaps.bits import Bits, from_bytes, to_bytes
from shared.analytics.segments.models import Segment
from shared.analytics.segments.snapshots import COLLECTION as BITMAPS
from shared.clients.analytics.port import Analytics
from shared.kernel.ids import is_plain
from shared.kernel.pagination import Page

HEADS: Final = "cohortSegments"
VERSIONS: Final = "cohortSegmentVersions"
_FIELDS: Final = (
    ("organizationId", "organization_id"),
    ("segmentName", "name"),
    ("filters", "filters"),
    ("version", "version"),
    ("createdAt", "created_at"),
    ("updatedAt", "updated_at"),
    ("size", "size"),
    ("sizedAt", "sized_at"),
)


@dataclass(frozen=True, slots=True)
class Pinned:
    """The people of a version at one moment, for one purpose; it never changes."""

    id: str
    segment_id: str
    version: int
    at: datetime
    members: Bits = field(repr=False)


class SegmentRepository:
    """Reads and writes segments."""

    def __init__(self, analytics: Analytics) -> None:
        self._analytics = analytics

    async def get(self, ident: str) -> Segment | None:
        """A segment as it is now (1 operation); an id that cannot be one costs nothing."""
        found = await self._analytics.find(HEADS, {"_id": ident}) if is_plain(ident) else []
        return _segment(ident, found[0]) if found else None

    async def version(self, ident: str, number: int) -> Segment | None:
        """One version (1 operation)."""
        found = await self._analytics.find(VERSIONS, {"_id": _version_id(ident, number)})
        return _segment(ident, found[0]) if found else None

    async def create(self, segment: Segment) -> None:
        """Store a new segment (2 operations)."""
        await self._analytics.insert(HEADS, [{"_id": segment.id, **_document(segment)}])
        await self.keep_version(segment)

    async def replace(self, segment: Segment) -> bool:
        """Store the next version over the one before (2 operations); False when another was first."""
        where = {"_id": segment.id, "version": segment.version - 1}
        if await self._analytics.find_one_and_update(HEADS, where, {"$set": _document(segment)}) is None:
            return False
        await self.keep_version(segment)
        return True

    async def keep_version(self, segment: Segment) -> None:
        """Have the version of its own number; what stands there already stays."""
        document = {"_id": _version_id(segment.id, segment.version), "segmentId": segment.id}
        await self._analytics.insert(VERSIONS, [document | _document(segment)])

    async def count(self, organization: str) -> int:
        """How many segments an organizer has."""
        return await self._analytics.count(HEADS, {"organizationId": organization})

    async def page(
        self, *, limit: int, after: list[Any] | None, organizations: Collection[str] | None
    ) -> Page[Segment]:
        """One page, newest first; ``organizations`` None for all."""
        where: dict[str, Any] = {"_id": {"$lt": after[0]}} if after else {}
        if organizations is not None:
            where["organizationId"] = {"$in": sorted(organizations)}
        found = await self._analytics.find(HEADS, where, order=[("_id", -1)], limit=limit + 1)
        return _page(found, limit, lambda each: _segment(each["_id"], each), "_id")

    async def versions(self, ident: str, *, limit: int, after: list[Any] | None) -> Page[Segment]:
        """One page of versions, newest first."""
        where: dict[str, Any] = {"segmentId": ident}
        if after:
            where["version"] = {"$lt": after[0]}
        found = await self._analytics.find(VERSIONS, where, order=[("version", -1)], limit=limit + 1)
        return _page(found, limit, lambda each: _segment(ident, each), "version")

    async def pin(self, pinned: Pinned) -> Pinned:
        """Keep people for a purpose; gives what was kept first under that id (1 operation, or 2)."""
        document = {
            "_id": _pin_id(pinned.id),
            "kind": "pin",
            "segmentId": pinned.segment_id,
            "version": pinned.version,
            "at": pinned.at,
            "data": to_bytes(pinned.members),
        }
        if await self._analytics.insert(BITMAPS, [document]):
            return pinned
        return await self.pinned(pinned.id) or pinned

    async def pinned(self, ident: str) -> Pinned | None:
        """What was kept under an id (1 operation)."""
        found = await self._analytics.find(BITMAPS, {"_id": _pin_id(ident)})
        if not found:
            return None
        each = found[0]
        return Pinned(ident, each["segmentId"], each["version"], each["at"], from_bytes(each["data"]))


def _page(found: list[dict[str, Any]], limit: int, read: Any, place: str) -> Page[Segment]:
    more = len(found) > limit
    return Page([read(each) for each in found[:limit]], [found[limit - 1][place]] if more else None)


def _document(segment: Segment) -> dict[str, Any]:
    return {name: getattr(segment, attribute) for name, attribute in _FIELDS}


def _segment(ident: str, document: Mapping[str, Any]) -> Segment:
    return Segment(id=ident, **{attribute: document[name] for name, attribute in _FIELDS})


def _version_id(ident: str, number: int) -> str:
    return f"{ident}/{number:06}"


def _pin_id(ident: str) -> str:
    return f"pin/{ident}"
