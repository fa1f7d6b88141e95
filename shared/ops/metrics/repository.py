"""``storeOperations/{day}_{instance}``: each instance's own, so that none is hot; and ``storeOperations/{day}``, their sum."""

from datetime import date, datetime
from typing import Any, Final

from shared.clients.documents.port import Delete, Documents, Query, Set, Where
from shared.ops.metrics.models import KEPT, Share, Spent, Total

COLLECTION: Final = "storeOperations"
_PAGE: Final = 300


class UsageRepository:
    """Reads and writes what was spent. A write says the whole again, so a repeat changes nothing."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def save_share(self, share: Share) -> None:
        """Keep an instance's counts of a day (1 write)."""
        data = {
            "day": share.day.isoformat(),
            **_spent_data(share.spent),
            "longestMs": share.longest_ms,
            "at": share.at,
            "expiresAt": share.at + KEPT,
        }
        await self._documents.commit([Set(f"{COLLECTION}/{share.day}_{share.instance}", data)])

    async def shares(self, day: date) -> list[Share]:
        """Every instance's counts of a day (1 read for each)."""
        found = await self._documents.query(Query(COLLECTION, (Where("day", "==", day.isoformat()),)))
        return [
            Share(day, each.id.split("_", 1)[1], _spent(each.data), each.data["longestMs"], each.data["at"])
            for each in found
        ]

    async def save_total(self, total: Total) -> None:
        """Keep the sum of a day (1 write)."""
        at = total.samples[-1][0]
        data = {
            "samples": [{"at": when, **_spent_data(spent)} for when, spent in total.samples],
            "longestMs": total.longest_ms,
            "expiresAt": at + KEPT,
        }
        await self._documents.commit([Set(f"{COLLECTION}/{total.day}", data)])

    async def total(self, day: date) -> Total:
        """The sum of a day (1 read)."""
        found = await self._documents.get(f"{COLLECTION}/{day}")
        if found is None:
            return Total(day)
        samples = tuple((each["at"], _spent(each)) for each in found.data["samples"])
        return Total(day, samples, found.data["longestMs"])

    async def forget(self, now: datetime) -> None:
        """Remove what is past its time, at most 300 documents."""
        old = await self._documents.query(Query(COLLECTION, (Where("expiresAt", "<=", now),), limit=_PAGE))
        if old:
            await self._documents.commit([Delete(each.path) for each in old])


def _spent_data(spent: Spent) -> dict[str, int]:
    return {"reads": spent.reads, "writes": spent.writes, "deletes": spent.deletes}


def _spent(data: dict[str, Any]) -> Spent:
    return Spent(data["reads"], data["writes"], data["deletes"])
