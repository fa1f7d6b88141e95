"""Dense numbers of people, by which sets of them are kept as bitmaps."""

from collections.abc import Sequence
from typing import Final

from shared.analytics.behaviour.models import COLLECTION
from shared.analytics.ingest.folding import parts
from shared.clients.analytics.port import MAX_IN, Analytics

COUNTERS: Final = "counters"
_PEOPLE: Final = "people"


class Numbers:
    """Finds and draws numbers."""

    def __init__(self, analytics: Analytics) -> None:
        self._analytics = analytics

    async def of(self, people: Sequence[str]) -> dict[str, int]:
        """The numbers of those who have one."""
        found: dict[str, int] = {}
        for part in parts(people, MAX_IN):
            rows = await self._analytics.find(COLLECTION, {"_id": {"$in": list(part)}}, fields=["n"])
            found.update({row["_id"]: row["n"] for row in rows})
        return found

    async def draw(self, people: Sequence[str]) -> dict[str, int]:
        """New numbers, ascending; those that a killed worker has drawn stay unused."""
        if not people:
            return {}
        drawn = await self._analytics.find_one_and_update(
            COUNTERS, {"_id": _PEOPLE}, {"$inc": {"last": len(people)}}, upsert=True
        )
        assert drawn is not None  # noqa: S101 - an upsert gives what it made
        first = drawn["last"] - len(people) + 1
        return {person: first + offset for offset, person in enumerate(people)}
