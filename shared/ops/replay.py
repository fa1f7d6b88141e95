"""Puts back what failed five times, once its reason is mended (reliability.md, Part 2: poison message; docs/operations.md)."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Annotated, Final

from pydantic import Field

from shared.analytics.intake.staging import Staging
from shared.clients.errors import Missing, Stale
from shared.clients.queues.port import ACTIVITY, ALL_QUEUES, POISON_SUFFIX, QueueMessage, Queues
from shared.kernel import telemetry
from shared.kernel.clock import Clock
from shared.kernel.envelope import BadEnvelope, Envelope
from shared.kernel.errors import NotFound
from shared.kernel.wire import Wire

MAX_REPLAYED: Final = 200
OLDEST: Final = timedelta(days=14)
"""What is older has been put back before; once more, and it could bring back who was erased since (``people.erasures``)."""
_AT_ONCE: Final = 32
_HIDDEN_SECONDS: Final = 60


class ReplayQuery(Wire):
    """How many at most."""

    limit: Annotated[int, Field(ge=1, le=MAX_REPLAYED, description="How many messages go back at most.")] = (
        MAX_REPLAYED
    )


class Replayed(Wire):
    """How many messages went back to their queue, and about how many are left on its poison queue."""

    queue: str
    replayed: int
    left: int


class Replays:
    """Empties poison queues into the queues they belong to."""

    def __init__(self, queues: Queues, staging: Staging, clock: Clock) -> None:
        self._queues = queues
        self._staging = staging
        self._clock = clock

    async def replay(self, queue: str, limit: int) -> Replayed:
        """Put back up to ``limit`` messages; of ``activity`` the parked batches as well, which its timer then applies.

        A message is sent before it is taken away: a fault between the two doubles it, and every worker stands that. What
        fails again comes to the poison queue again; what is older than 14 days is taken away, and logged. Costs 2 calls a message, 2 more, and of parked batches a read and a write
        each. Raises NotFound for what is no queue, and StoreUnavailable: then some may be back.
        """
        if queue not in ALL_QUEUES:
            raise NotFound("No such queue.")
        poison = queue + POISON_SUFFIX
        # what fails anew meanwhile waits for the next replay
        room = min(limit, await self._queues.length(poison))
        replayed = taken = 0
        while room > taken:
            found = await self._queues.receive(
                poison, limit=min(_AT_ONCE, room - taken), visibility_seconds=_HIDDEN_SECONDS
            )
            if not found:
                break
            replayed += sum(await asyncio.gather(*(self._put_back(queue, message) for message in found)))
            taken += len(found)
        if queue == ACTIVITY and replayed < limit:
            with suppress(Missing, Stale):  # another replay was at it as well
                replayed += await self._staging.unpark(limit - replayed)
        return Replayed(queue=queue, replayed=replayed, left=await self._queues.length(poison))

    async def _put_back(self, queue: str, message: QueueMessage) -> bool:
        """Whether it was; what is too old is taken away all the same."""
        fresh = self._is_fresh(message)
        if fresh:
            await self._queues.send(queue, message.body)
        else:
            telemetry.log().error("message_too_old_to_replay", queue=queue, message=message.id)
        with suppress(Missing, Stale):  # another replay was at it as well
            await self._queues.delete(queue + POISON_SUFFIX, message)
        return fresh

    def _is_fresh(self, message: QueueMessage) -> bool:
        try:
            return Envelope.decode(message.body).at > self._clock.now() - OLDEST
        except BadEnvelope:
            return True  # it names nobody, and fails again
