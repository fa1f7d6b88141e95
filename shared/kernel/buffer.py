"""Where small pieces of work wait to share a trip to a store: in the process, bounded, out of every request's way."""

import asyncio
import contextvars
from abc import ABC, abstractmethod
from collections import deque
from typing import ClassVar, Final, Generic, TypeVar

from shared.kernel import telemetry

MAX_WAITING: Final = 10_000
"""Items held while their stores are away; then the oldest are lost, and reported."""
_LONGEST_PAUSE: Final = 30.0

ItemT = TypeVar("ItemT")


class Buffer(ABC, Generic[ItemT]):
    """Takes items at once and sends them later, in batches; tries again, ever more slowly, while nobody takes them.

    ``name`` and ``items`` say in the log what was lost.

    Args:
        linger_ms: how long an item waits for others, in milliseconds.
        full: so many waiting items are sent without lingering.
    """

    name: ClassVar[str]
    items: ClassVar[str]

    def __init__(self, *, linger_ms: int, full: int) -> None:
        self._linger = linger_ms / 1000
        self._enough = full
        self._waiting: deque[ItemT] = deque()
        self._full = asyncio.Event()
        self._sending: asyncio.Task[None] | None = None

    @abstractmethod
    def pack(self, waiting: deque[ItemT]) -> list[ItemT]:
        """Take from the front what makes one batch: at least one item, if there is any."""

    @abstractmethod
    async def deliver(self, batch: list[ItemT]) -> bool:
        """Hand a batch over; False when nobody took it for certain: it comes again, for a repeat harms nothing."""

    def add(self, item: ItemT) -> None:
        """Take an item. Never waits and never raises."""
        self._waiting.append(item)
        self._forget_beyond_bound()
        if len(self._waiting) >= self._enough:
            self._full.set()
        if self._sending is None or self._sending.done():
            # a context of its own: what it costs is no part of the request that happened to start it
            self._sending = asyncio.get_running_loop().create_task(
                self._send_all(), context=contextvars.Context()
            )

    async def drain(self) -> None:
        """Send what waits, for an orderly stop; what nobody takes is lost, and reported."""
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.gather(self._sending, return_exceptions=True)
        while self._waiting and await self._send_batch():
            pass
        self._report_lost(len(self._waiting))
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
        if len(self._waiting) < self._enough:
            try:
                async with asyncio.timeout(self._linger):
                    await self._full.wait()
            except TimeoutError:
                return

    async def _send_batch(self) -> bool:
        """Send the oldest; what nobody has taken goes back to the front."""
        batch = self.pack(self._waiting)
        taken = False
        try:
            taken = await self.deliver(batch)
        finally:
            if not taken:
                self._waiting.extendleft(reversed(batch))
                self._forget_beyond_bound()
        return taken

    def _forget_beyond_bound(self) -> None:
        excess = len(self._waiting) - MAX_WAITING
        for _ in range(excess):
            self._waiting.popleft()
        self._report_lost(excess)

    def _report_lost(self, number: int) -> None:
        if number > 0:
            telemetry.log().error(f"{self.name}_lost", **{self.items: number})
