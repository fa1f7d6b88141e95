"""The ledger when a person is exported or erased (``people.hooks``).

Entries outlive their person under an alias that the profile alone could tell (design/decisions.md, Time limits and
retention); what they say of favourites leads to the shards where the person still stands by name.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from shared.clients.documents.port import Data, Documents
from shared.kernel.errors import Unavailable
from shared.people.consent.models import Entry
from shared.people.consent.repository import ConsentRepository
from shared.people.contention import ATTEMPTS, LOST, pause
from shared.people.favorites.shards import FollowerShards
from shared.people.hooks import PAGE, PersonHooks, Subject


class ConsentHooks(PersonHooks):
    """What a person agreed to, and whom they follow."""

    name = "consents"

    def __init__(self, documents: Documents) -> None:
        self._entries = ConsentRepository(documents)
        self._shards = FollowerShards(documents)

    async def export(self, subject: Subject) -> AsyncIterator[Data]:
        """The whole ledger of the person, latest first."""
        async for entry in self._of(subject):
            yield {"id": entry.id} | {
                name: value for name, value in entry.to_data().items() if name != "alias"
            }

    async def erase(self, subject: Subject, at: datetime) -> int:
        """Take the person out of every follower shard; gives of how many. The profile may be gone already."""
        organizers = {entry.scope.organizer_id async for entry in self._of(subject) if entry.scope.follows}
        return sum([await self._forgotten(name, subject.key) for name in sorted(filter(None, organizers))])

    async def _of(self, subject: Subject) -> AsyncIterator[Entry]:
        after: list[Any] | None = None
        while subject.alias:
            page = await self._entries.page(subject.alias, limit=PAGE, after=after)
            for entry in page.items:
                yield entry
            if page.position is None:
                return
            after = page.position

    async def _forgotten(self, organizer_id: str, key: str) -> bool:
        for attempt in range(ATTEMPTS):
            try:
                return await self._shards.forget(organizer_id, key)
            except LOST:
                await pause(attempt)
        raise Unavailable(code="contended")
