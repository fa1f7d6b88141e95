"""Where visits wait to share a queue message (docs/decisions/0007)."""

from collections import deque
from typing import Final

from shared.clients.documents.port import Documents
from shared.clients.errors import AlreadyExists, StoreError
from shared.clients.queues.port import ACTIVITY, Queues
from shared.experience.visits import staging
from shared.experience.visits.models import KIND, Visit, pack, to_data
from shared.kernel import telemetry
from shared.kernel.buffer import Buffer
from shared.kernel.clock import Clock
from shared.kernel.envelope import Envelope, envelope
from shared.kernel.ids import IdSource

FULL: Final = 150
"""So many waiting visits fill about one message and are sent without lingering."""


class ActivityBuffer(Buffer[Visit]):
    """Takes visits at once and sends them later, packed; falls back to the staging collection.

    Args:
        queues: where batches go.
        documents: where they are staged while the queue is away.
        clock: stamps batches.
        ids: names batches.
        linger_ms: how long a visit waits for others (``Settings.activity_linger_ms``).
    """

    name = "activity"
    items = "visits"

    def __init__(
        self, queues: Queues, documents: Documents, clock: Clock, ids: IdSource, *, linger_ms: int
    ) -> None:
        super().__init__(linger_ms=linger_ms, full=FULL)
        self._queues = queues
        self._documents = documents
        self._clock = clock
        self._ids = ids

    def pack(self, waiting: deque[Visit]) -> list[Visit]:
        """What fits one message."""
        return pack(waiting)

    async def deliver(self, batch: list[Visit]) -> bool:
        """Queue a batch, or stage it; False while both are away."""
        message = envelope(KIND, self._ids.new("b"), "", self._clock.now(), to_data(batch))
        return await self._queued(message) or await self._staged(message)

    async def _queued(self, message: Envelope) -> bool:
        try:
            await self._queues.send(ACTIVITY, message.encode())
        except StoreError as error:
            telemetry.log().warning("activity_queue_away", exc_info=error)
            return False
        return True

    async def _staged(self, message: Envelope) -> bool:
        try:
            await self._documents.commit([staging.stage(message)])
        except AlreadyExists:
            return True
        except StoreError as error:
            telemetry.log().warning("activity_staging_away", exc_info=error)
            return False
        return True
