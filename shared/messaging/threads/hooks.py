"""Threads when a person is exported or erased, and when time has passed (``people.hooks``)."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from shared.clients.documents.port import Data, Delete, Documents, Order, Query, Snapshot, Update, Where
from shared.clients.errors import Missing, Stale
from shared.messaging.threads.repository import BLOCKS, COLLECTION
from shared.people.hooks import MAX_PER_RUN, PAGE, OwnedDocuments, PersonHooks, Subject, delete_expired

_THREAD = ("type", "host", "eventId", "createdBy", "createdAt", "lastMessageAt")
_MESSAGE = ("senderRole", "body", "sentAt")


class ThreadHooks(PersonHooks):
    """The threads of a person with their messages, and their blocks.

    Args:
        documents: the store.
        kept: how long a message is kept (``THREAD_RETENTION_DAYS``).
    """

    name = "threads"

    def __init__(self, documents: Documents, kept: timedelta) -> None:
        self._documents = documents
        self._kept = kept
        self._blocks = OwnedDocuments(documents, BLOCKS, owner="person")

    async def export(self, subject: Subject) -> AsyncIterator[Data]:
        """Each thread and each message that reached the person; who wrote for an organizer is not known."""
        after: tuple[Any, ...] | None = None
        while page := await self._threads_of(subject.key, after):
            for thread in page:
                yield {"id": thread.id} | {name: thread.data[name] for name in _THREAD}
                async for message in self._messages_of(thread):
                    yield {"threadId": thread.id, "id": message.id} | {
                        name: message.data[name] for name in _MESSAGE
                    }
            after = (page[-1].id,)

    async def erase(self, subject: Subject, at: datetime) -> int:
        """Delete the person's threads, for both: what was said in them is theirs; and their blocks."""
        gone = await self._blocks.erase(subject, at)
        while page := await self._threads_of(subject.key):
            for thread in page:
                gone += await self._emptied(thread, MAX_PER_RUN) + 1
                await self._documents.commit([Delete(thread.path)])
                # one that arrived meanwhile: without its thread nobody would find it again
                gone += await self._emptied(thread, MAX_PER_RUN)
        return gone

    async def retain(self, now: datetime) -> int:
        """Delete messages past their time, oldest threads first, and threads that are then empty; at most MAX_PER_RUN.

        A thread names the age of its oldest message until that is gone, so whoever dies half-way leaves it to the next run.
        """
        cutoff, gone = now - self._kept, 0
        query = Query(COLLECTION, (Where("oldestAt", "<=", cutoff),), limit=PAGE)
        while gone < MAX_PER_RUN and (page := await self._documents.query(query)):
            for thread in page:
                old = Where("sentAt", "<=", cutoff)
                gone += await self._emptied(thread, MAX_PER_RUN - gone, old)
                if gone >= MAX_PER_RUN:
                    break
                gone += await self._aged(thread)
        return gone + await delete_expired(self._documents, BLOCKS, now)

    async def _aged(self, thread: Snapshot) -> int:
        """Write down how old the oldest message now is, or delete a thread that has none."""
        oldest = await self._messages(thread, (), 1, (Order("sentAt"),))
        try:
            if not oldest:
                await self._documents.commit([Delete(thread.path, if_updated_at=thread.update_time)])
                return 1
            age = oldest[0].data["sentAt"]
            await self._documents.commit(
                [Update(thread.path, {"oldestAt": age}, if_updated_at=thread.update_time)]
            )
        except (Missing, Stale):
            pass  # somebody wrote into it at this moment; it is found again
        return 0

    async def _emptied(self, thread: Snapshot, at_most: int, *where: Where) -> int:
        gone = 0
        while gone < at_most and (page := await self._messages(thread, where, min(PAGE, at_most - gone))):
            await self._documents.commit([Delete(message.path) for message in page])
            gone += len(page)
        return gone

    async def _messages_of(self, thread: Snapshot) -> AsyncIterator[Snapshot]:
        """What reached the person, latest first."""
        after: tuple[Any, ...] | None = None
        where = (Where("visibleTo", "array_contains", "person"),)
        latest = (Order("seq", descending=True),)
        while page := await self._messages(thread, where, PAGE, latest, after):
            for message in page:
                yield message
            after = (page[-1].data["seq"],)

    async def _messages(
        self,
        thread: Snapshot,
        where: Sequence[Where],
        limit: int,
        order: tuple[Order, ...] = (),
        after: tuple[Any, ...] | None = None,
    ) -> list[Snapshot]:
        return await self._documents.query(
            Query(f"{thread.path}/messages", tuple(where), order, limit, after)
        )

    async def _threads_of(self, key: str, after: tuple[Any, ...] | None = None) -> list[Snapshot]:
        return await self._documents.query(
            Query(COLLECTION, (Where("person", "==", key),), limit=PAGE, start_after=after)
        )
