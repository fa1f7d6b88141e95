"""Broadcasts when a person is erased, and when time has passed (``people.hooks``).

A broadcast's document names nobody but its sender's alias. Frozen audiences name people while the broadcast runs; what was sent is in the
deliveries, which have hooks of their own.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from shared.clients.documents.port import Documents, FieldPath, Update
from shared.messaging.broadcasts.announcing import COLLECTION as WEBHOOKS
from shared.messaging.broadcasts.models import Broadcast
from shared.messaging.broadcasts.repository import (
    COLLECTION,
    BroadcastRepository,
    page_data,
    page_of,
    page_path,
)
from shared.people.hooks import PersonHooks, Subject, delete_expired


class BroadcastHooks(PersonHooks):
    """Frozen audiences, ended broadcasts, webhooks."""

    name = "broadcasts"

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._repository = BroadcastRepository(documents)

    async def erase(self, subject: Subject, at: datetime) -> int:
        """Take the person out of the audiences of broadcasts under way; their place stays, empty. Raises Stale."""
        gone = 0
        for broadcast in await self._repository.all_open():
            gone += await self._blanked(broadcast, subject.key)
        return gone

    async def retain(self, now: datetime) -> int:
        """Delete the records of broadcasts after 7 years, and webhooks after a month."""
        return await delete_expired(self._documents, COLLECTION, now) + await delete_expired(
            self._documents, WEBHOOKS, now
        )

    async def _blanked(self, broadcast: Broadcast, key: str) -> int:
        for number in range(broadcast.progress.pages, broadcast.frozen.pages):
            path = page_path(broadcast.id, number)
            found = await self._documents.get(path)
            page = None if found is None else page_of(found)
            if found is not None and page is not None and key in page.people:
                people = tuple("" if each == key else each for each in page.people)
                data: dict[FieldPath, Any] = {"people": page_data(replace(page, people=people))["people"]}
                await self._documents.commit([Update(path, data, if_updated_at=found.update_time)])
                return 1
        return 0
