"""Tells the orchestration of a broadcast that there is something to do: through the ``broadcasts`` queue, off every answer's path.

What the queue could not take, or whose worker died, is found by a timer: a wake-up too many does no harm.
"""

from datetime import timedelta
from typing import Final

from shared.clients.errors import StoreError
from shared.clients.queues.port import BROADCASTS, Queues
from shared.kernel import telemetry
from shared.kernel.clock import Clock
from shared.kernel.envelope import envelope
from shared.messaging.broadcasts.repository import BroadcastRepository

WAKE: Final = "broadcast.wake"
OVERDUE: Final = timedelta(minutes=3)
"""A broadcast that should be at work and was not written for so long has lost its orchestration."""


class Waking:
    """Sends wake-ups."""

    def __init__(self, queues: Queues, repository: BroadcastRepository, clock: Clock) -> None:
        self._queues = queues
        self._repository = repository
        self._clock = clock

    async def wake(self, ident: str) -> None:
        """Ask for a step soon. Never raises for a queue that is away."""
        now = self._clock.now()
        try:
            await self._queues.send(
                BROADCASTS, envelope(WAKE, f"{ident}@{now.isoformat()}", ident, now, {}).encode()
            )
        except StoreError:
            telemetry.log().warning("broadcast_wake_lost", broadcast=ident)

    async def wake_overdue(self) -> int:
        """Wake what should be at work and is not (1 read for each open broadcast); gives how many."""
        now, woken = self._clock.now(), 0
        for broadcast in await self._repository.all_open():
            due = max(broadcast.updated_at, broadcast.start_at, broadcast.push_at or broadcast.start_at)
            if broadcast.state != "paused" and due + OVERDUE <= now:
                await self.wake(broadcast.id)
                woken += 1
        return woken
