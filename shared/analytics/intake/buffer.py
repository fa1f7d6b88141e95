"""How events get together in queue messages: those of requests, which wait for it, and our own, which do not."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from shared.analytics.intake.handover import Handover
from shared.analytics.intake.models import KIND, MAX_EVENTS, Event, texts
from shared.kernel.buffer import Buffer
from shared.kernel.clock import Clock
from shared.kernel.envelope import envelope
from shared.kernel.errors import Unavailable
from shared.kernel.ids import IdSource

FULL: Final = 400
"""So many waiting events are sent without lingering."""


class Packing:
    """Sends events, packed.

    Args:
        handover: takes batches.
        clock: stamps batches.
        ids: names batches.
    """

    def __init__(self, handover: Handover, clock: Clock, ids: IdSource) -> None:
        self._handover = handover
        self._clock = clock
        self._ids = ids

    async def send(self, events: Sequence[Event]) -> bool:
        """Hand events over; False when nobody took all of them: then all of them may be sent again."""
        for start in range(0, len(events), MAX_EVENTS):
            for text in texts(events[start : start + MAX_EVENTS]):
                message = envelope(KIND, self._ids.new("b"), "", self._clock.now(), {"z": text})
                if not await self._handover.give(message):
                    return False
        return True


@dataclass(slots=True)
class _Group:
    events: list[Event]
    full: asyncio.Event = field(default_factory=asyncio.Event)
    sent: asyncio.Future[bool] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Gathering:
    """Requests that come within a moment share a message: the first of them waits for the others, and sends for all.

    Args:
        packing: sends.
        linger_ms: how long the first one waits (``Settings.track_linger_ms``).
    """

    def __init__(self, packing: Packing, *, linger_ms: int) -> None:
        self._packing = packing
        self._linger = linger_ms / 1000
        self._open: _Group | None = None

    async def take(self, events: Sequence[Event]) -> None:
        """Come back when the queue, or Firestore in its place, holds the events. Raises Unavailable when neither does."""
        group = self._open
        if group is not None:
            group.events += events
            if len(group.events) >= FULL:
                group.full.set()
            sent = await asyncio.shield(group.sent)
        else:
            sent = await self._lead(_Group(list(events)))
        if not sent:
            raise Unavailable

    async def _lead(self, group: _Group) -> bool:
        self._open = group
        sent = False
        try:
            if len(group.events) < FULL:
                await _set_within(group.full, self._linger)
            self._open = None
            sent = await self._packing.send(group.events)
        finally:
            if self._open is group:
                self._open = None
            group.sent.set_result(sent)
        return sent


class EventBuffer(Buffer[Event]):
    """Takes our own events at once and sends them later, packed.

    Args:
        packing: sends.
        linger_ms: how long an event waits for others (``Settings.activity_linger_ms``).
    """

    name = "events"
    items = "events"

    def __init__(self, packing: Packing, *, linger_ms: int) -> None:
        super().__init__(linger_ms=linger_ms, full=FULL)
        self._packing = packing

    def pack(self, waiting: deque[Event]) -> list[Event]:
        """The next MAX_EVENTS."""
        return [waiting.popleft() for _ in range(min(len(waiting), MAX_EVENTS))]

    async def deliver(self, batch: list[Event]) -> bool:
        """Hand them over."""
        return await self._packing.send(batch)


async def _set_within(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
