"""Credits in the document store: sums on ``organizers/{id}``, operations in ``creditLedger/{id}``."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from shared.clients.documents.port import Create, Documents, FieldPath, Order, Query, Update, Where, Write
from shared.kernel.ids import is_plain
from shared.kernel.pagination import Page
from shared.premium.credits.models import Holdings, Operation
from shared.premium.credits.rules import Posted

ORGANIZERS: Final = "organizers"
LEDGER: Final = "creditLedger"
_PAGE: Final = 200


class CreditRepository:
    """Reads and writes credits; an operation and the sums change together."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def holdings(self, organizer_id: str) -> Holdings:
        """An organizer's credits (1 read), none where there is no such document."""
        found = await self._documents.get(f"{ORGANIZERS}/{organizer_id}") if is_plain(organizer_id) else None
        return (
            Holdings(organizer_id)
            if found is None
            else Holdings.from_data(organizer_id, found.data, found.update_time)
        )

    async def both(self, organizer_id: str, operation_id: str) -> tuple[Holdings, Operation | None]:
        """An organizer's credits, and an operation if it was done (2 reads, each of its own moment)."""
        organizer, found = await self._documents.get_many(
            [f"{ORGANIZERS}/{organizer_id}", f"{LEDGER}/{operation_id}"]
        )
        holdings = Holdings(organizer_id)
        if organizer is not None:
            holdings = Holdings.from_data(organizer_id, organizer.data, organizer.update_time)
        return holdings, None if found is None else Operation.from_data(operation_id, found.data)

    async def operation(self, ident: str) -> Operation | None:
        """One operation (1 read)."""
        found = await self._documents.get(f"{LEDGER}/{ident}") if is_plain(ident) else None
        return None if found is None else Operation.from_data(ident, found.data)

    async def store(self, before: Holdings, posted: Posted, also: Sequence[Write] = ()) -> None:
        """Write an operation over the sums that were read (2 writes). Raises what a lost race does."""
        await self._documents.commit(
            [
                self.writing(before, posted.holdings),
                Create(f"{LEDGER}/{posted.operation.id}", posted.operation.to_data()),
                *also,
            ]
        )

    def writing(self, before: Holdings, after: Holdings) -> Write:
        """The organizer's document over the version that was read."""
        path, data = f"{ORGANIZERS}/{after.organizer_id}", after.to_data()
        if before.update_time is None:
            return Create(path, data)
        fields: dict[FieldPath, Any] = {name: value for name, value in data.items()}  # noqa: C416 - typed anew
        return Update(path, fields, if_updated_at=before.update_time)

    async def commit(self, writes: Sequence[Write]) -> None:
        """All of the writes or none."""
        await self._documents.commit(writes)

    async def page(self, organizer_id: str, *, limit: int, after: list[Any] | None) -> Page[Operation]:
        """An organizer's operations, latest first (1 read each, and one to know whether more follow)."""
        found = await self._documents.query(
            Query(
                LEDGER,
                (Where("organizerId", "==", organizer_id),),
                (Order("sequence", descending=True),),
                limit + 1,
                tuple(after) if after else None,
            )
        )
        items = [Operation.from_data(each.id, each.data) for each in found[:limit]]
        return Page(items, [items[-1].sequence] if len(found) > limit else None)

    async def all_until(self, holdings: Holdings) -> list[Operation]:
        """Every operation up to the moment of the sums, from the first (1 read each)."""
        operations: list[Operation] = []
        after: list[Any] | None = [holdings.sequence + 1]
        while after is not None:
            page = await self.page(holdings.organizer_id, limit=_PAGE, after=after)
            operations += page.items
            after = page.position
        return operations[::-1]

    async def organizers(self) -> AsyncIterator[Holdings]:
        """Every organizer with a ledger, in the order of their ids (1 read each)."""
        after: tuple[Any, ...] | None = None
        while True:
            found = await self._documents.query(Query(ORGANIZERS, limit=_PAGE, start_after=after))
            for each in found:
                holdings = Holdings.from_data(each.id, each.data, each.update_time)
                if holdings.sequence:
                    yield holdings
            if len(found) < _PAGE:
                return
            after = (found[-1].id,)
