"""What is archived of a person when they are merged, exported or erased (``people.hooks``)."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from shared.clients.documents.port import Data
from shared.people.archive.keys import ArchiveKeys
from shared.people.archive.models import Source
from shared.people.hooks import PersonHooks, Subject

if TYPE_CHECKING:
    from shared.people.archive.service import Archive


class ArchiveHooks(PersonHooks):
    """The archived records of a person and of the visitors they were: without their keys nothing can be read.

    Args:
        keys: people's keys.
        archive: gives the archive, which is built when somebody is told what it holds.
        sources: know what of their rows an export tells.
    """

    name = "archive"

    def __init__(
        self, keys: ArchiveKeys, archive: "Callable[[], Archive]", sources: Sequence[Source]
    ) -> None:
        self._keys = keys
        self._archive = archive
        self._told = {source.name: source.told for source in sources}

    async def merge(self, person_key: str, visitor_keys: Sequence[str]) -> None:
        """Make what is archived of the visitors the person's."""
        await self._keys.hand_over(visitor_keys, person_key)

    async def export(self, subject: Subject) -> AsyncIterator[Data]:
        """What is archived, as the live stores would tell it. Raises Refused for a blob that is not what was noted."""
        keys = await self._keys.ring([subject.key, *subject.visitor_keys])
        async for source, row in self._archive().under(keys):
            yield self._told[source](row)

    async def erase(self, subject: Subject, at: datetime) -> int:
        """Destroy the keys; gives how many there were."""
        return await self._keys.destroy([subject.key, *subject.visitor_keys], at)

    async def retain(self, now: datetime) -> int:
        """Forget that keys were taken away."""
        return await self._keys.forget(now)
