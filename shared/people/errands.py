"""Errands of which only the pieces differ (``people.hooks``)."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Final

from shared.clients.documents.port import Documents, Set, Write
from shared.kernel.clock import Clock

COLLECTION: Final = "errands"
Piece = Callable[[], Awaitable[int]]
"""Does one piece; gives how many documents it came to."""


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
