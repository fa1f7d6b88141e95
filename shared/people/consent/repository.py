"""``consents/{id}`` in the document store: entries are created, read and listed, and never changed."""

from datetime import datetime
from typing import Any, Final

from shared.clients.documents.port import Create, Documents, Order, Query, Where
from shared.kernel.ids import is_plain
from shared.kernel.pagination import Page
from shared.people.consent.models import Entry
from shared.people.profiles.repository import COLLECTION as PROFILES

COLLECTION: Final = "consents"


class ConsentRepository:
    """The ledger."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def creation(self, entry: Entry) -> Create:
        """What to commit, together with the profile that it changes."""
        return Create(f"{COLLECTION}/{entry.id}", entry.to_data())

    async def get(self, ident: str) -> Entry | None:
        """One entry (1 read); an id that cannot be one costs nothing."""
        found = await self._documents.get(f"{COLLECTION}/{ident}") if is_plain(ident) else None
        return None if found is None else Entry.from_data(ident, found.data)

    async def all_there(self, entries: list[Entry]) -> bool:
        """Whether every one of them is in the ledger (1 read each)."""
        return all(await self._documents.get_many([f"{COLLECTION}/{entry.id}" for entry in entries]))

    async def page(self, alias: str, *, limit: int, after: list[Any] | None) -> Page[Entry]:
        """A person's entries, latest first (1 read each, and one to know whether more follow)."""
        found = await self._documents.query(
            Query(
                COLLECTION,
                (Where("alias", "==", alias),),
                (Order("at", descending=True),),
                limit + 1,
                (datetime.fromisoformat(after[0]), after[1]) if after else None,
            )
        )
        items = [Entry.from_data(each.id, each.data) for each in found[:limit]]
        return Page(items, [items[-1].at.isoformat(), items[-1].id] if len(found) > limit else None)

    async def person_of(self, alias: str) -> str | None:
        """Whose alias it is (1 read); None when they were erased."""
        found = await self._documents.query(Query(PROFILES, (Where("alias", "==", alias),), limit=1))
        return found[0].id if found else None
