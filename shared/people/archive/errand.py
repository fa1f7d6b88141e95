"""One source's way into the archive, page by page, as a step of the job ``archive`` (docs/archive.md).

A record is deleted only after its blob was read back and noted, and the note is committed with the job itself: a worker that was
overtaken can note nothing. Whoever dies anywhere leaves records that are there still, or that a noted blob holds.
"""

from collections.abc import AsyncGenerator, Callable, Sequence
from typing import TYPE_CHECKING

from shared.clients.documents.port import Write
from shared.kernel.clock import Clock
from shared.people.archive.models import Source

if TYPE_CHECKING:
    from shared.people.archive.service import Archive


class Archiving:
    """Moves what is due: an errand (``people.hooks``).

    Args:
        archive: gives the archive, which is built when there is work for it.
        source: the area's part.
        clock: the time.
    """

    def __init__(self, archive: "Callable[[], Archive]", source: Source, clock: Clock) -> None:
        self.name = source.name
        self._archive = archive
        self._source = source
        self._clock = clock

    async def run(self) -> AsyncGenerator[tuple[int, Sequence[Write]], None]:
        """For each blob how many records it holds, and its note with what goes with it; what is noted is deleted when asked for the
        next. Raises what the stores do, and Refused for a blob that does not read as it was written.
        """
        async for page in self._source.pages(self._clock.now()):
            async for kept in self._archive().keep(self.name, page):
                if kept.note is not None:
                    yield len(kept.page.records), [kept.note, *await self._source.closing(kept.page)]
                await self._source.clear(kept.page)
