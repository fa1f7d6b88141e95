"""The one pipe that all broadcasts write through: how fast, and whose turn it is (docs/broadcasts.md, Fair shares).

``messagePipes/bulk`` is written once for each page of an audience. A page is granted a stretch of the pipe's time; an organizer holds one
stretch at a time and asks again when it has ended, so that organizers take turns however many broadcasts each has. Nothing but broadcasts
passes through here: a message of one person to another never waits.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from shared.clients.documents.port import Documents, Set, Snapshot, Transaction
from shared.kernel.clock import Clock
from shared.kernel.ramp import HEADROOM, Ramp

PATH: Final = "messagePipes/bulk"
ATTEMPTS: Final = 8
Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Grant:
    """A stretch of the pipe's time for some writes, at so many a second."""

    begin: datetime
    end: datetime
    rate: float


class Pipe:
    """Grants stretches.

    Args:
        documents: the store.
        clock: the time.
        first_rate: writes a second on a cold store (``BULK_WRITES_PER_SECOND``).
    """

    def __init__(self, documents: Documents, clock: Clock, first_rate: float) -> None:
        self._documents = documents
        self._clock = clock
        self._first = first_rate

    async def ask(self, organizer_id: str, purpose: str, writes: int) -> Grant | datetime:
        """A stretch for a page (1 read, 1 write), or when to ask again: another page of the organizer's is under way.

        ``purpose`` names broadcast and page: asked for again before it ends, the same stretch is given. Raises Contended.
        """

        async def body(transaction: Transaction) -> Grant | datetime:
            found, now = await transaction.get(PATH), self._clock.now()
            ramp, held = _read(found, now)
            mine = held.get(organizer_id)
            if mine is not None:
                same = mine["purpose"] == purpose
                return Grant(mine["begin"], mine["end"], mine["rate"]) if same else mine["end"]
            ramp, begin = ramp.take(writes, now, self._first)
            rate = ramp.rate(begin, self._first) / HEADROOM
            grant = Grant(begin, ramp.free_at, rate)
            held[organizer_id] = {"purpose": purpose, "begin": begin, "end": grant.end, "rate": rate}
            transaction.write(Set(PATH, ramp.to_data() | {"held": held}))
            return grant

        return await self._documents.transaction(body, attempts=ATTEMPTS)

    async def slow_down(self) -> None:
        """The store asked for less (1 read, 1 write)."""

        async def body(transaction: Transaction) -> None:
            found, now = await transaction.get(PATH), self._clock.now()
            ramp, held = _read(found, now)
            transaction.write(Set(PATH, ramp.slower(now).to_data() | {"held": held}))

        await self._documents.transaction(body, attempts=ATTEMPTS)


class Pace:
    """Spreads the writes of one stretch evenly over it, in this worker."""

    def __init__(self, grant: Grant, clock: Clock, sleep: Sleep = asyncio.sleep) -> None:
        self._rate = grant.rate
        self._clock = clock
        self._sleep = sleep
        self._next = max(grant.begin, clock.now())

    async def turn(self, writes: int) -> None:
        """Wait until so many may be written."""
        begin = max(self._next, self._clock.now())
        self._next = begin + timedelta(seconds=writes / self._rate)
        seconds = (begin - self._clock.now()).total_seconds()
        if seconds > 0:
            await self._sleep(seconds)


def _read(found: Snapshot | None, now: datetime) -> tuple[Ramp, dict[str, Any]]:
    """Where the ramp stands, and the stretches that have not ended, by organizer."""
    if found is None:
        return Ramp.new(now), {}
    held = {name: stretch for name, stretch in found.data["held"].items() if stretch["end"] > now}
    return Ramp.from_data(found.data), held
