"""Errands of which only the pieces differ (``people.hooks``)."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from shared.clients.documents.port import Documents, Set, Write
from shared.kernel.clock import Clock

COLLECTION: Final = "errands"
Piece = Callable[[], Awaitable[int]]
"""Does one piece; gives how many documents it came to."""
Step = Callable[[datetime, datetime], Awaitable[tuple[int, datetime | None]]]


class UntilDone:
    """One piece, done again until it comes to fewer than ``full``: what it does is how far it got.

    Args:
        name: what the step is called in the progress of its job.
        piece: does the next so many.
        full: so many that there may be more.
        most: how often at most, in one run.
    """

    def __init__(self, name: str, piece: Piece, *, full: int, most: int) -> None:
        self.name = name
        self._piece = piece
        self._full = full
        self._most = most

    async def run(self) -> AsyncGenerator[tuple[int, Sequence[Write]], None]:
        """Do it."""
        for _ in range(self._most):
            number = await self._piece()
            yield number, ()
            if number < self._full:
                return


class Nightly:
    """Pieces that are done once a day (UTC), in order; the next one stands in ``errands/{name} {day, next}``.

    Args:
        name: what the step is called in the progress of its job.
        pieces: what is to be done.
        documents: keeps how far it got.
        clock: the time.
    """

    def __init__(self, name: str, pieces: Sequence[Piece], documents: Documents, clock: Clock) -> None:
        self.name = name
        self._pieces = pieces
        self._documents = documents
        self._clock = clock

    async def run(self) -> AsyncGenerator[tuple[int, Sequence[Write]], None]:
        """Do what is left of this day's."""
        path, day = f"{COLLECTION}/{self.name}", self._clock.now().date().isoformat()
        found = await self._documents.get(path)
        done = found.data["next"] if found and found.data["day"] == day else 0
        for index in range(done, len(self._pieces)):
            number = await self._pieces[index]()
            yield number, [Set(path, {"day": day, "next": index + 1})]


class Walk:
    """Once a day (UTC) through all that a step finds from a moment on; where to go on stands in ``errands/{name} {day, until, next}``.

    Args:
        name: what the step is called in the progress of its job.
        step: does what lies next after a moment and before another; gives how many documents it came to and from when to go on.
        back: how far before the first run of the day it begins.
        documents: keeps how far it got.
        clock: the time.
    """

    def __init__(self, name: str, step: Step, back: timedelta, documents: Documents, clock: Clock) -> None:
        self.name = name
        self._step = step
        self._back = back
        self._documents = documents
        self._clock = clock

    async def run(self) -> AsyncGenerator[tuple[int, Sequence[Write]], None]:
        """Go on with this day's."""
        path, now = f"{COLLECTION}/{self.name}", self._clock.now()
        day = now.date().isoformat()
        found = await self._documents.get(path)
        today = found is not None and found.data["day"] == day
        until: datetime = found.data["until"] if found and today else now
        since: datetime | None = found.data.get("next") if found and today else now - self._back
        while since is not None:
            number, since = await self._step(since, until)
            told = {"day": day, "until": until, "next": since}
            yield number, [Set(path, {name: value for name, value in told.items() if value is not None})]
