"""Where visits wait to share a queue message: in the process, bounded, and out of every request's way."""

import asyncio
import contextvars
from collections import deque
from typing import Final

from shared.clients.documents.port import Documents
from shared.clients.errors import AlreadyExists, StoreError
from shared.clients.queues.port import ACTIVITY, Queues
from shared.experience.visits import staging
from shared.experience.visits.models import KIND, Visit, pack, to_data
from shared.kernel import telemetry
from shared.kernel.clock import Clock
from shared.kernel.envelope import Envelope, envelope
from shared.kernel.ids import IdSource

FULL: Final = 150
"""So many waiting visits fill about one message and are sent without lingering."""
MAX_WAITING: Final = 10_000
"""Visits held while queue and staging are both away; then the oldest are lost, and reported."""
_LONGEST_PAUSE: Final = 30.0


class ActivityBuffer:
    """Takes visits at once and sends them later, packed; falls back to the staging collection.

    Args:
        queues: where batches go.
        documents: where they are staged while the queue is away.
        clock: stamps batches.
        ids: names batches.
        linger_ms: how long a visit waits for others (``Settings.activity_linger_ms``).
    """

    def __init__(
        self, queues: Queues, documents: Documents, clock: Clock, ids: IdSource, *, linger_ms: int
    ) -> None:
        self._queues = queues
        self._documents = documents
        self._clock = clock
        self._ids = ids
        self._linger = linger_ms / 1000
        self._waiting: deque[Visit] = deque()
        self._full = asyncio.Event()
        self._sending: asyncio.Task[None] | None = None

    def add(self, visit: Visit) -> None:
        """Take a visit. Never waits and never raises."""
        self._waiting.append(visit)
        self._forget_beyond_bound()
        if len(self._waiting) >= FULL:
            self._full.set()
        if self._sending is None or self._sending.done():
            # a context of its own: what it costs is no part of the request that happened to start it
            self._sending = asyncio.get_running_loop().create_task(
                self._send_all(), context=contextvars.Context()
            )

    async def drain(self) -> None:
        """Send what waits, for an orderly stop; what neither queue nor staging takes is lost, and reported."""
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.gather(self._sending, return_exceptions=True)
        while self._waiting and await self._send_batch():
            pass
        _report_lost(len(self._waiting))
        self._waiting.clear()

    async def _send_all(self) -> None:
        failures = 0
        while self._waiting:
            if failures:
                await asyncio.sleep(min(2.0**failures, _LONGEST_PAUSE))
            else:
                await self._linger_for_others()
            failures = 0 if await self._send_batch() else failures + 1

    async def _linger_for_others(self) -> None:
        self._full.clear()
        if len(self._waiting) < FULL:
            try:
                async with asyncio.timeout(self._linger):
                    await self._full.wait()
            except TimeoutError:
                return

    async def _send_batch(self) -> bool:
        """Send the oldest; what nobody has taken for certain goes back, for a repeat harms nothing."""
        batch = pack(self._waiting)
        message = envelope(KIND, self._ids.new("b"), "", self._clock.now(), to_data(batch))
        taken = False
        try:
            taken = await self._queued(message) or await self._staged(message)
        finally:
            if not taken:
                self._waiting.extendleft(reversed(batch))
                self._forget_beyond_bound()
        return taken

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

    def _forget_beyond_bound(self) -> None:
        excess = len(self._waiting) - MAX_WAITING
        for _ in range(excess):
            self._waiting.popleft()
        _report_lost(excess)


def _report_lost(visits: int) -> None:
    if visits > 0:
        telemetry.log().error("activity_lost", visits=visits)
