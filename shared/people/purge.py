"""Visitors who stayed away for 180 days are forgotten (design/decisions.md, Time limits and retention)."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final

from shared.clients.documents.port import Delete, Documents, Order, Query, Snapshot, Where
from shared.clients.errors import Stale
from shared.kernel.clock import Clock
from shared.people.hooks import MAX_PER_RUN, PAGE
from shared.people.profiles.repository import COLLECTION

IDLE: Final = timedelta(days=180)


class VisitorPurge:
    """Deletes their profiles, longest away first.

    It remembers nothing: a run that is killed leaves the rest to the next one.
    """

    def __init__(self, documents: Documents, clock: Clock) -> None:
        self._documents = documents
        self._clock = clock

    async def run(self) -> int:
        """Delete at most MAX_PER_RUN profiles and give how many (1 read and 1 delete each).

        Each is deleted as it was read: who comes back in between stays. Raises StoreUnavailable.
        """
        before = self._clock.now() - IDLE
        looked_at = gone = 0
        after: tuple[Any, ...] | None = None
        while looked_at < MAX_PER_RUN:
            page = await self._idle(before, after)
            gone += await self._delete(page)
            looked_at += len(page)
            if len(page) < PAGE:
                break
            after = (page[-1].data["lastSeenAt"], page[-1].id)
        return gone

    async def _idle(self, before: datetime, after: tuple[Any, ...] | None) -> list[Snapshot]:
        return await self._documents.query(
            Query(
                COLLECTION,
                (Where("type", "==", "ip"), Where("lastSeenAt", "<", before)),
                (Order("lastSeenAt"),),
                PAGE,
                after,
            )
        )

    async def _delete(self, page: Sequence[Snapshot]) -> int:
        deletes = [Delete(found.path, if_updated_at=found.update_time) for found in page]
        if not deletes:
            return 0
        try:
            await self._documents.commit(deletes)
        except Stale:
            return sum([await self._deleted(each) for each in deletes])
        return len(deletes)

    async def _deleted(self, delete: Delete) -> bool:
        with suppress(Stale):
            await self._documents.commit([delete])
            return True
        return False
