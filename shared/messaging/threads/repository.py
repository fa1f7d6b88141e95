"""``messageThreads/{id}``, their ``messages`` and ``messageBlocks/{pair}`` as documents (messaging-platform.md §4.1)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from shared.clients.documents.port import (
    Create,
    Delete,
    Documents,
    Order,
    Query,
    Set,
    Update,
    Where,
    Write,
)
from shared.kernel.ids import is_plain
from shared.kernel.pagination import Page
from shared.messaging.threads import rules, stored
from shared.messaging.threads.models import Block, Meeting, Message, Pair, Seat, Thread

COLLECTION: Final = "messageThreads"
BLOCKS: Final = "messageBlocks"


class ThreadRepository:
    """Reads threads and says how to write them; every write of a thread names the version that it follows."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def get(self, ident: str) -> Thread | None:
        """A thread (1 read), or None; an id that cannot be one costs nothing."""
        snapshot = await self._documents.get(_path(ident)) if is_plain(ident) else None
        return None if snapshot is None else stored.thread_of(snapshot)

    async def find(self, meeting: Meeting) -> tuple[Thread | None, Pair]:
        """The thread of a meeting, if there is one, and who of the two blocks the other (2 reads)."""
        paths = [_path(rules.thread_id(meeting)), _pair_path(meeting)]
        thread, pair = await self._documents.get_many(paths)
        return None if thread is None else stored.thread_of(thread), stored.pair_of(meeting, pair)

    async def pair(self, meeting: Meeting) -> Pair:
        """Who of the two blocks the other (1 read)."""
        return stored.pair_of(meeting, await self._documents.get(_pair_path(meeting)))

    async def message(self, thread_id: str, ident: str) -> Message | None:
        """One message (1 read), or None."""
        snapshot = await self._documents.get(_message_path(thread_id, ident)) if is_plain(ident) else None
        return None if snapshot is None else stored.message_of(thread_id, snapshot)

    async def messages(self, thread_id: str, idents: Sequence[str]) -> list[Message]:
        """Those of the messages that exist, in the order asked for (1 read each)."""
        found = await self._documents.get_many([_message_path(thread_id, ident) for ident in idents])
        return [stored.message_of(thread_id, snapshot) for snapshot in found if snapshot is not None]

    async def page(
        self, seat: Seat, key: str, *, archived: bool, limit: int, after: list[Any] | None
    ) -> Page[Thread]:
        """The threads in which that person or host sits on that seat, latest message first (1 read each, and one more)."""
        latest = f"seats.{seat}.last.sentAt"
        where = (Where(seat, "==", key), Where(f"seats.{seat}.archived", "==", archived))
        start = (datetime.fromisoformat(after[0]), after[1]) if after else None
        order = (Order(latest, descending=True),)
        found = await self._documents.query(Query(COLLECTION, where, order, limit + 1, start))
        threads = [stored.thread_of(snapshot) for snapshot in found[:limit]]
        last = threads[-1].seats[seat].last if len(found) > limit else None
        return Page(threads, None if last is None else [last.sent_at.isoformat(), threads[-1].id])

    async def messages_page(
        self, thread: Thread, seat: Seat, *, limit: int, after: list[Any] | None
    ) -> Page[Message]:
        """The messages that one seat has, latest first (1 read each, and one more)."""
        where = (Where("visibleTo", "array_contains", seat), Where("seq", ">", thread.seats[seat].since))
        query = Query(
            f"{_path(thread.id)}/messages",
            where,
            (Order("seq", descending=True),),
            limit + 1,
            tuple(after) if after else None,
        )
        found = await self._documents.query(query)
        messages = [stored.message_of(thread.id, snapshot) for snapshot in found[:limit]]
        return Page(messages, [messages[-1].seq] if len(found) > limit else None)

    def write(self, thread: Thread) -> Write:
        """Write a thread over the version that was read, else Stale; a new one must not exist, else AlreadyExists."""
        if thread.update_time is None:
            return Create(_path(thread.id), stored.thread_data(thread))
        return Set(_path(thread.id), stored.thread_data(thread), if_updated_at=thread.update_time)

    def append(self, message: Message) -> Create:
        """Write a message; AlreadyExists means that it was sent before."""
        return Create(_message_path(message.thread_id, message.id), stored.message_data(message))

    def redaction(self, message: Message, at: datetime) -> Update:
        """Take the text out of a message; a repeat changes nothing more."""
        return Update(_message_path(message.thread_id, message.id), {"body": "", "removedAt": at})

    def blocks(self, pair: Pair, blocks: Mapping[Seat, Block]) -> Write:
        """Write who blocks whom, over the version that was read, else Stale; nothing is kept when nobody does."""
        path, guard = f"{BLOCKS}/{pair.id}", pair.update_time
        data = stored.pair_data(replace(pair, blocks=blocks))
        if guard is None:
            return Create(path, data)
        return Set(path, data, if_updated_at=guard) if blocks else Delete(path, if_updated_at=guard)


def _path(ident: str) -> str:
    return f"{COLLECTION}/{ident}"


def _message_path(thread_id: str, ident: str) -> str:
    return f"{_path(thread_id)}/messages/{ident}"


def _pair_path(meeting: Meeting) -> str:
    return f"{BLOCKS}/{rules.pair_id(meeting)}"
