"""Months of raw rows on their way into the archive (design/decisions.md, Time limits and retention; docs/archive.md)."""

from collections.abc import AsyncGenerator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from shared.analytics.ingest.folding import parts
from shared.analytics.ingest.rows import PREFIX, told
from shared.analytics.ingest.service import HOT
from shared.clients.analytics.port import MAX_STEPS, Analytics, Doc, Remove
from shared.clients.documents.port import Data, Write
from shared.people.archive.models import Page, Record, Row

BATCH: Final = 2000
"""Rows of a page, which as a rule is one blob."""
_MARGIN: Final = timedelta(days=1)
"""How much older than HOT a month's last row is, so that no worker still writes to it."""


class EventArchive:
    """Finds months that nobody writes to any more, and takes their rows out."""

    name = "events"

    def __init__(self, analytics: Analytics) -> None:
        self._analytics = analytics

    async def pages(self, now: datetime) -> AsyncGenerator[Page, None]:
        """The rows of months that were over 91 days ago, by person and time; a month that is empty then is dropped.

        Costs 2 operations a page. Rows of people who are being erased stay, and with them their month, for the next time.
        """
        for collection in await self._analytics.collections(PREFIX):
            if collection < f"{PREFIX}{now - HOT - _MARGIN:%Y_%m}":
                async for page in self._pages_of(collection):
                    yield page
                if not await self._analytics.count(collection, {}):
                    await self._analytics.drop(collection)

    async def closing(self, page: Page) -> list[Write]:
        """Nothing: rows lie in another store than notes."""
        return []

    async def clear(self, page: Page) -> None:
        """Delete the rows, but for those that became somebody else's meanwhile: these go again, under the new name."""
        collection = PREFIX + page.period.replace("-", "_")
        for part in parts(page.records, MAX_STEPS):
            await self._analytics.bulk(
                collection,
                [Remove({"_id": bytes.fromhex(each.id), "person": each.person}) for each in part],
            )

    def told(self, row: Row) -> Data:
        """The row as the live store tells it."""
        document = document_of(row)
        return {"id": f"{PREFIX}{document['at']:%Y_%m}/{row['id']}"} | told(document)

    async def _pages_of(self, collection: str) -> AsyncGenerator[Page, None]:
        period = collection.removeprefix(PREFIX).replace("_", "-")
        after, edge = "", "$gt"
        while found := await self._analytics.find(
            collection, {"person": {edge: after}}, order=[("person", 1), ("at", 1)], limit=BATCH
        ):
            yield Page(period, [_record(document) for document in found])
            # the last person may have more than fitted; where their rows stay they would come again and again
            stays = await self._analytics.count(collection, {"_id": found[-1]["_id"]})
            after, edge = found[-1]["person"], "$gt" if stays else "$gte"


def _record(document: Mapping[str, Any]) -> Record:
    row = {name: value for name, value in document.items() if name != "_id"}
    return Record(document["person"], document["_id"].hex(), row)


def document_of(row: Row) -> Doc:
    """The document of a row that was read out of the archive, as it was in MongoDB."""
    rest = {name: value for name, value in row.items() if name not in ("id", "at")}
    return {"_id": bytes.fromhex(row["id"]), "at": datetime.fromisoformat(row["at"]), **rest}
