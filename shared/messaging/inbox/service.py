"""Use cases of the inbox: put, list, count, change, mark all as read (design/wire.md, Messaging; docs/inbox.md).

Lists and counts are queries over the items themselves, so nothing can drift from them.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from shared.clients.documents.port import Create, Documents
from shared.clients.errors import AlreadyExists, Missing
from shared.kernel.clock import Clock
from shared.kernel.errors import NotFound, Unavailable
from shared.kernel.pagination import Cursors
from shared.messaging.campaigns.content import Content
from shared.messaging.campaigns.models import Campaign, Channel
from shared.messaging.deliveries.rules import delivery_id
from shared.messaging.inbox import freshness, rules
from shared.messaging.inbox.freshness import Polled
from shared.messaging.inbox.models import Item
from shared.messaging.inbox.repository import InboxRepository
from shared.messaging.inbox.schemas import (
    InboxChange,
    InboxCounts,
    InboxItem,
    InboxList,
    InboxQuery,
    ReadAll,
    ReadAllQuery,
)
from shared.messaging.inbox.withdrawals import Withdrawals
from shared.people.contention import ATTEMPTS, LOST, pause

READ_AT_ONCE: Final = 200
"""Items that one commit marks as read."""
READ_ROUNDS: Final = 5
"""Such commits in one call."""


class Inbox:
    """People's inboxes; another's item does not exist for the caller.

    Args:
        documents: the store.
        items: its queries.
        withdrawals: campaigns that are being taken back.
        clock: tells what has come, is due and has expired.
        cursors: signs positions in lists.
        kept: how long an item stays at most.
    """

    def __init__(
        self,
        *,
        documents: Documents,
        items: InboxRepository,
        withdrawals: Withdrawals,
        clock: Clock,
        cursors: Cursors,
        kept: timedelta,
    ) -> None:
        self._documents = documents
        self._items = items
        self._withdrawals = withdrawals
        self._clock = clock
        self._cursors = cursors
        self._kept = kept

    def item(
        self,
        campaign: Campaign,
        uid: str,
        *,
        content: Content | None = None,
        context: dict[str, Any] | None = None,
    ) -> Create:
        """What to commit so that a campaign's message is in a person's inbox; AlreadyExists means that it was before.

        ``content`` is the variant's, where it is not the campaign's own; ``context`` says why the person gets it.
        """
        return self._items.create(
            rules.new_item(
                campaign,
                uid,
                now=self._clock.now(),
                kept=self._kept,
                content=content or campaign.content,
                context=context or {},
            )
        )

    async def put(
        self,
        campaign: Campaign,
        uid: str,
        *,
        content: Content | None = None,
        context: dict[str, Any] | None = None,
    ) -> bool:
        """Put a campaign's message into a person's inbox (1 write), once for good; False when it had been put before."""
        try:
            await self._documents.commit([self.item(campaign, uid, content=content, context=context)])
        except AlreadyExists:
            return False
        return True

    async def page(self, uid: str, query: InboxQuery, versions: Iterable[str] = ()) -> Polled[InboxList]:
        """A page of items: one read each and 3 more, 2 when they go on from a cursor; 2 reads when ``versions`` still stand.

        Raises Malformed for a bad cursor.
        """
        now = self._clock.now()
        text = f"inbox|{query.state}|{query.organizer_id}|{uid}"
        after = self._cursors.decode(query.cursor, query=text)
        asked = f"{text}|{query.limit}|{query.cursor}"
        standing = await self._standing(uid, asked, versions, now)
        if standing is not None:
            return Polled(standing, None)
        await self._take_back(uid)
        page, expiry = await self._items.page(
            uid, now, shown=query.state, organizer_id=query.organizer_id, limit=query.limit, after=after
        )
        # what comes back from a snooze comes back on top: later pages stay as they are
        first = query.state == "snoozed" or (after is None and query.state != "archived")
        due = await self._items.next_return(uid, now) if first else None
        body = InboxList(
            items=[rules.view(item, now) for item in page.items],
            next_cursor=self._cursors.encode(page.position, query=text),
        )
        return freshness.answer(body, asked, now, expiry, due)

    async def counts(self, uid: str, versions: Iterable[str] = ()) -> Polled[InboxCounts]:
        """What is in the inbox now: 5 reads up to 1,000 items; 2 reads when ``versions`` still stand."""
        now, asked = self._clock.now(), f"inbox_counts|{uid}"
        standing = await self._standing(uid, asked, versions, now)
        if standing is not None:
            return Polled(standing, None)
        await self._take_back(uid)
        body = InboxCounts(
            unread=await self._items.count(uid, now, "unread"), total=await self._items.count(uid, now, None)
        )
        turns = await self._items.next_return(uid, now), await self._items.next_expiry(uid, now)
        return freshness.answer(body, asked, now, *turns)

    async def change(self, uid: str, ident: str, change: InboxChange) -> InboxItem:
        """Change an item (1 read, 1 write; nothing new: no write). Of two changes at once the later one wins.

        Raises NotFound, Invalid, Unavailable ``contended``.
        """
        for attempt in range(ATTEMPTS):
            now = self._clock.now()
            item = await self._items.get(ident)
            if item is None or not _is_theirs(item, uid, now):
                raise NotFound
            after = rules.changed(item, change, now)
            if after is item:
                return rules.view(item, now)
            try:
                await self._documents.commit([self._items.change(after)])
            except LOST:
                await pause(attempt)
            else:
                return rules.view(after, now)
        raise Unavailable(code="contended")

    async def read_all(self, uid: str, query: ReadAllQuery) -> ReadAll:
        """Mark what is unread now (1 read and 1 write an item), at most 1,000 items a call.

        What arrives while it runs stays unread. Raises Unavailable ``contended``.
        """
        now, updated, lost = self._clock.now(), 0, 0
        while updated < READ_AT_ONCE * READ_ROUNDS:
            items = await self._items.unread(uid, now, query.organizer_id, READ_AT_ONCE)
            if not items:
                return ReadAll(updated=updated, complete=True)
            try:
                await self._documents.commit(
                    [self._items.change(rules.marked_read(item, now)) for item in items]
                )
            except LOST:
                await pause(lost)
                lost += 1
                if lost == ATTEMPTS:
                    raise Unavailable(code="contended") from None
                continue
            updated += len(items)
            if len(items) < READ_AT_ONCE:
                return ReadAll(updated=updated, complete=True)
        return ReadAll(updated=updated, complete=False)

    async def _standing(self, uid: str, asked: str, versions: Iterable[str], now: datetime) -> str | None:
        """The caller's version, if nothing has changed since (2 reads)."""
        stamp = freshness.known(versions, asked, now)
        if stamp is None or await self._items.changed_since(uid, stamp.known_by):
            return None
        return None if await self._withdrawals.any_since(stamp.known_by) else stamp.etag

    async def _take_back(self, uid: str) -> None:
        """End the person's items of campaigns that were withdrawn (1 read; one more for each, while it is open)."""
        opened = {
            delivery_id(one.campaign_id, uid, Channel.INBOX): one.at
            for one in await self._withdrawals.all_open()
        }
        if not opened:
            return
        now = self._clock.now()
        for item in await self._items.get_many(list(opened)):
            if item.expires_at > now:
                try:
                    at = min(opened[item.delivery.id], now)
                    await self._documents.commit([self._items.withdrawal(item.delivery.id, at)])
                except Missing:
                    continue


def _is_theirs(item: Item, uid: str, now: datetime) -> bool:
    delivery = item.delivery
    return (delivery.recipient_type, delivery.recipient_id) == ("user", uid) and item.expires_at > now
