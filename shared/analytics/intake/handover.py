"""How batches reach their worker: through the queue, or staged in Firestore while it is away (messaging-platform.md §16.4)."""

from shared.analytics.intake import staging
from shared.clients.documents.port import Documents
from shared.clients.errors import AlreadyExists, StoreError
from shared.clients.queues.port import ACTIVITY, Queues
from shared.kernel import telemetry
from shared.kernel.envelope import Envelope


class Handover:
    """Hands batches to the queue ``activity``."""

    def __init__(self, queues: Queues, documents: Documents) -> None:
        self._queues = queues
        self._documents = documents

    async def give(self, message: Envelope, *, delay_seconds: int = 0) -> bool:
        """Queue a batch, or stage it; False while both are away."""
        return await self._queued(message, delay_seconds) or await self._staged(message)

    async def _queued(self, message: Envelope, delay_seconds: int) -> bool:
        try:
            await self._queues.send(ACTIVITY, message.encode(), delay_seconds=delay_seconds)
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
