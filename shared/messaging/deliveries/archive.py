"""Deliveries that expired in a quarter that has ended, on their way into the archive (docs/archive.md).

``archivedDeliveries/{campaignId}`` says how many of a campaign's deliveries are archived, by state and by time reported.
"""

from collections import Counter
from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from typing import Any, Final

from shared.clients.documents.port import (
    Create,
    Data,
    Delete,
    Documents,
    FieldPath,
    Increment,
    Order,
    Query,
    Snapshot,
    Update,
    Where,
    Write,
)
from shared.messaging.deliveries.hooks import SHOWN
from shared.messaging.deliveries.repository import ARCHIVED
from shared.people.archive.models import Page, Record, Row

BATCH: Final = 200
"""Deliveries of one commit: two writes each at most, of the 500 that it takes."""
_EXPIRY: Final = "timestamps.expiresAt"


class DeliveryArchive:
    """Finds what is due, and deletes it.

    Args:
        documents: the store.
        collection: ``DeliveryRepository.collection``.
        after: how long expired deliveries stay before their quarter may be archived.
    """

    name = "deliveries"

    def __init__(self, documents: Documents, collection: str, after: timedelta) -> None:
        self._documents = documents
        self._collection = collection
        self._after = after

    async def pages(self, now: datetime) -> AsyncGenerator[Page, None]:
        """What expired in quarters that were over ``after`` ago, the first expired first (1 read each)."""
        before, after = quarter_start(now - self._after), None
        while page := await self._expired(before, after):
            quarter = quarter_start(_expiry(page[0].data))
            page = [found for found in page if quarter_start(_expiry(found.data)) == quarter]
            yield Page(
                f"{quarter.year}-q{(quarter.month + 2) // 3}",
                [
                    Record(found.data["recipient"]["id"], found.id, found.data, found.update_time)
                    for found in page
                ],
            )
            after = (_expiry(page[-1].data), page[-1].id)

    async def closing(self, page: Page) -> list[Write]:
        """Add the page to its campaigns' figures (1 read for each), and delete it as it was read."""
        tallies: dict[str, Counter[str]] = {}
        for record in page.records:
            tally = tallies.setdefault(record.row["campaignId"], Counter())
            tally.update([record.row["deliveryStatus"], *record.row["timestamps"]])
        paths = [f"{ARCHIVED}/{campaign}" for campaign in tallies]
        stored = await self._documents.get_many(paths)
        writes: list[Write] = []
        for path, found, tally in zip(paths, stored, tallies.values(), strict=True):
            added: dict[FieldPath, Any] = {name: Increment(number) for name, number in tally.items()}
            writes.append(Create(path, dict(tally)) if found is None else Update(path, added))
        return writes + [Delete(f"{self._collection}/{each.id}", each.version) for each in page.records]

    async def clear(self, page: Page) -> None:
        """Nothing is left to do: they went with the note."""

    def told(self, row: Row) -> Data:
        """The delivery as the live store tells it."""
        return {name: row[name] for name in ("id", *SHOWN) if name in row}

    async def _expired(self, before: datetime, after: tuple[Any, ...] | None) -> list[Snapshot]:
        return await self._documents.query(
            Query(
                self._collection,
                (Where(_EXPIRY, "<", before),),
                (Order(_EXPIRY),),
                BATCH,
                start_after=after,
            )
        )


def quarter_start(at: datetime) -> datetime:
    """The first moment (UTC) of the quarter of a moment."""
    return datetime(at.year, (at.month - 1) // 3 * 3 + 1, 1, tzinfo=at.tzinfo)


def _expiry(data: Data) -> datetime:
    expiry: datetime = data["timestamps"]["expiresAt"]
    return expiry
