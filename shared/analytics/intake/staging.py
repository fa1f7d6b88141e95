"""``analyticsEvents/{id}``: batches that the queue could not take, until a timer applies them (messaging-platform.md §16.4)."""

from contextlib import suppress
from datetime import timedelta
from typing import Final, Protocol

from shared.clients.documents.port import Create, Delete, Documents, Query, Snapshot, Update, Where
from shared.clients.errors import Missing, Stale, StoreError, StoreUnavailable
from shared.kernel import telemetry
from shared.kernel.envelope import Envelope

COLLECTION: Final = "analyticsEvents"
WAITING: Final = "waiting"
PARKED: Final = "parked"
MAX_TRIES: Final = 5
"""Tries of one batch; then it is parked, where a person can look at it, and is in nobody's way."""
KEPT: Final = timedelta(days=14)
"""As long as a message in its queue and then on its poison queue."""
_PAGE: Final = 50


def stage(message: Envelope) -> Create:
    """Keep a batch under its own id, so that a repeat meets itself."""
    return Create(
        f"{COLLECTION}/{message.id}",
        {
            "state": WAITING,
            "body": message.encode(),
            "tries": 0,
            "createdAt": message.at,
            "expiresAt": message.at + KEPT,
        },
    )


class Worker(Protocol):
    """Whoever works off the queue as well."""

    async def apply(self, message: Envelope) -> int:
        """Apply a batch; a repeat changes nothing."""
        ...


class Staging:
    """Sweeps staged batches."""

    def __init__(self, documents: Documents, worker: Worker) -> None:
        self._documents = documents
        self._worker = worker

    async def sweep(self) -> int:
        """Apply what is staged, oldest first, at most 50 batches; gives how many were applied.

        A try is counted before the work: a batch that kills the process each time is parked as well. Raises
        StoreUnavailable when the store is away; what was applied by then stays applied and is repeatable.
        """
        # ids are ULIDs and the store breaks ties by id: the order is that of time
        waiting = await self._documents.query(
            Query(COLLECTION, (Where("state", "==", WAITING),), limit=_PAGE)
        )
        return sum([await self._settled(batch) for batch in waiting])

    async def unpark(self, limit: int) -> int:
        """Give up to ``limit`` parked batches their tries again; gives how many. Raises Stale, StoreUnavailable."""
        parked = await self._documents.query(
            Query(COLLECTION, (Where("state", "==", PARKED),), limit=min(limit, _PAGE))
        )
        put_back = [
            Update(batch.path, {"tries": 0, "state": WAITING}, if_updated_at=batch.update_time)
            for batch in parked
        ]
        if put_back:
            await self._documents.commit(put_back)
        return len(put_back)

    async def _settled(self, batch: Snapshot) -> bool:
        tries = batch.data.get("tries", 0) + 1
        state = PARKED if tries > MAX_TRIES else WAITING
        try:
            await self._documents.commit(
                [Update(batch.path, {"tries": tries, "state": state}, if_updated_at=batch.update_time)]
            )
        except (Missing, Stale):
            return False  # another sweep is at it
        if state == PARKED:
            telemetry.log().error("activity_batch_parked", batch=batch.id)
            return False
        try:
            await self._worker.apply(Envelope.decode(batch.data["body"]))
        except StoreUnavailable:
            with suppress(StoreError):  # the store's bad day is no fault of the batch
                await self._documents.commit([Update(batch.path, {"tries": tries - 1})])
            raise
        except Exception as error:  # noqa: BLE001 - one bad batch must not stop the others
            telemetry.log().error("activity_batch_failed", batch=batch.id, exc_info=error)
            return False
        await self._documents.commit([Delete(batch.path)])
        return True
