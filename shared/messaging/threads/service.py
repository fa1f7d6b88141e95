"""Use cases of threads beside sending: list, read, mark as read, archive, mute, block, leave (docs/threads.md)."""

from collections.abc import Callable, Collection
from datetime import timedelta
from typing import Final

from shared.clients.documents.port import Documents
from shared.kernel.clock import Clock
from shared.kernel.errors import Fault, Invalid, NotFound, Unavailable
from shared.kernel.pagination import Cursors
from shared.messaging.threads import rules, views
from shared.messaging.threads.models import SUPPORT, Block, Host, Muted, Pair, Seat, Thread
from shared.messaging.threads.repository import ThreadRepository
from shared.messaging.threads.schemas import (
    MessageList,
    MessagesQuery,
    PutReceipt,
    Receipt,
    ThreadChange,
    ThreadList,
    ThreadsQuery,
    ThreadView,
    Until,
)
from shared.people.access import Principal
from shared.people.contention import ATTEMPTS, LOST, pause

LONGEST: Final = timedelta(days=3653)
"""Greatest length of a mute or block that has an end."""


class Threads:
    """Threads for their two participants; for everybody else there is none.

    Args:
        documents: commits.
        threads: threads as documents.
        clock: tells when mutes and blocks end.
        cursors: signs positions in lists.
    """

    def __init__(
        self, documents: Documents, threads: ThreadRepository, clock: Clock, cursors: Cursors
    ) -> None:
        self._documents = documents
        self._threads = threads
        self._clock = clock
        self._cursors = cursors

    async def page(self, principal: Principal, query: ThreadsQuery) -> ThreadList:
        """A page of threads (1 read each, and one more). Raises NotFound for another's, Malformed for a bad cursor."""
        seat, key = _mailbox(principal, query)
        text = f"threads|{key}|{query.archived}|{principal.uid}"
        after = self._cursors.decode(query.cursor, query=text)
        page = await self._threads.page(seat, key, archived=query.archived, limit=query.limit, after=after)
        now = self._clock.now()
        return ThreadList(
            items=[views.thread_view(thread, seat, now) for thread in page.items],
            next_cursor=self._cursors.encode(page.position, query=text),
        )

    async def get(self, principal: Principal, ident: str) -> ThreadView:
        """One thread (2 reads). Raises NotFound."""
        thread, seat = await self.seated(principal, ident)
        now, pair = self._clock.now(), await self._threads.pair(thread.meeting)
        return views.with_block(views.thread_view(thread, seat, now), pair.blocked_by(seat, now))

    async def messages(
        self, principal: Principal, ident: str, query: MessagesQuery, versions: Collection[str] = ()
    ) -> tuple[str, MessageList | None]:
        """A page of messages with its version (1 read each, and 2 more); no page, for 1 read, when a version stands.

        Raises NotFound, Malformed for a bad cursor.
        """
        thread, seat = await self.seated(principal, ident)
        text = f"messages|{ident}|{principal.uid}"
        after = self._cursors.decode(query.cursor, query=text)
        version = views.version_of(thread, seat, f"{text}|{query.limit}|{query.cursor}")
        if version in versions:
            return version, None
        page = await self._threads.messages_page(thread, seat, limit=query.limit, after=after)
        return version, MessageList(
            items=[views.message_view(thread, seat, message) for message in page.items],
            next_cursor=self._cursors.encode(page.position, query=text),
        )

    async def change(self, principal: Principal, ident: str, change: ThreadChange) -> ThreadView:
        """Archive a thread, or take it out (1 read, 1 write). Raises NotFound, Unavailable ``contended``."""
        thread, seat = await self._changed(
            principal, ident, lambda thread, seat: rules.seated(thread, seat, archived=change.archived)
        )
        return views.thread_view(thread, seat, self._clock.now())

    async def leave(self, principal: Principal, ident: str) -> None:
        """Leave a thread for good (1 read, 1 write); leaving again changes nothing. Raises NotFound, Unavailable."""
        await self._changed(principal, ident, rules.left, gone=True)

    async def mark_read(self, principal: Principal, ident: str, body: PutReceipt) -> Receipt:
        """Mark everything up to a message as read (2 reads, 1 write); an earlier one changes nothing.

        Raises NotFound, Invalid for a message that the caller does not have, Unavailable ``contended``.
        """
        message = await self._threads.message(ident, body.last_read_message_id)

        def rule(thread: Thread, seat: Seat) -> Thread:
            if message is None or seat not in message.visible_to or message.seq <= thread.seats[seat].since:
                raise Invalid(faults=[Fault("/lastReadMessageId", "not_found", "No such message here.")])
            return rules.read_up_to(thread, seat, message)

        thread, seat = await self._changed(principal, ident, rule)
        chair = thread.seats[seat]
        return Receipt(
            last_read_message_id=chair.read.message_id if chair.read else body.last_read_message_id,
            unread=chair.unread,
        )

    async def mute(self, principal: Principal, ident: str, body: Until | None) -> None:
        """Mute a thread, or (None) hear of it again (1 read, 1 write). Raises NotFound, Invalid, Unavailable."""

        def rule(thread: Thread, seat: Seat) -> Thread:
            muted = None if body is None else Muted(body.until)
            if muted != thread.seats[seat].muted:
                self._check(muted)
            return rules.seated(thread, seat, muted=muted)

        await self._changed(principal, ident, rule)

    async def block(self, principal: Principal, ident: str, body: Until | None) -> None:
        """Block the other in every thread, or (None) lift the block (2 reads, 1 write).

        Raises NotFound, Invalid, Unavailable ``contended``.
        """
        wanted = None if body is None else Block(body.until)
        for attempt in range(ATTEMPTS):
            thread, seat = await self.seated(principal, ident)
            pair: Pair = await self._threads.pair(thread.meeting)
            if wanted == pair.blocks.get(seat):
                return
            self._check(wanted)
            rest = {each: block for each, block in pair.blocks.items() if each != seat}
            blocks = rest if wanted is None else {**rest, seat: wanted}
            try:
                await self._documents.commit([self._threads.blocks(pair, blocks)])
            except LOST:
                await pause(attempt)
            else:
                return
        raise Unavailable(code="contended")

    async def seated(self, principal: Principal, ident: str, *, gone: bool = False) -> tuple[Thread, Seat]:
        """A thread and the caller's seat (1 read). Raises NotFound: also where nothing has reached them, or they left (unless ``gone``)."""
        thread = await self._threads.get(ident)
        seat = None if thread is None else rules.seat_of(principal, thread.meeting)
        if thread is None or seat is None:
            raise NotFound
        chair = thread.seats[seat]
        if chair.last is None and not (gone and chair.left):
            raise NotFound
        return thread, seat

    async def _changed(
        self, principal: Principal, ident: str, rule: Callable[[Thread, Seat], Thread], *, gone: bool = False
    ) -> tuple[Thread, Seat]:
        """The thread after a change of the caller's seat; nothing is written when it changes nothing."""
        for attempt in range(ATTEMPTS):
            thread, seat = await self.seated(principal, ident, gone=gone)
            after = rule(thread, seat)
            if after == thread:
                return thread, seat
            try:
                await self._documents.commit([self._threads.write(after)])
            except LOST:
                await pause(attempt)
            else:
                return after, seat
        raise Unavailable(code="contended")

    def _check(self, wish: Muted | Block | None) -> None:
        now, until = self._clock.now(), None if wish is None else wish.until
        if until is not None and not now < until <= now + LONGEST:
            raise Invalid(faults=[Fault("/until", "out_of_range", "Within the next ten years.")])


def _mailbox(principal: Principal, query: ThreadsQuery) -> tuple[Seat, str]:
    """Whose threads are asked for. Raises NotFound for another's."""
    if query.support:
        if not rules.represents(principal, SUPPORT):
            raise NotFound
        return "host", SUPPORT.key
    if query.organizer_id is None:
        return "person", principal.uid or ""
    host = Host("organizer", query.organizer_id)
    if not rules.represents(principal, host):
        raise NotFound("No such organizer.", code="organizer_not_found")
    return "host", host.key
