"""Inbox items in the document store: deliveries that carry ``content`` and ``inbox`` (docs/inbox.md).

``inbox.state`` and ``inbox.visibleFrom`` are what queries need of the state; ``inbox.changedAt`` is the store's own time of the
last change, by which a poll learns whether there was one. No counter is stored anywhere.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from shared.clients.documents.port import (
    SERVER_TIME,
    Create,
    Data,
    Documents,
    FieldPath,
    Order,
    Query,
    Snapshot,
    Update,
    Where,
)
from shared.kernel.ids import is_plain
from shared.kernel.pagination import Page
from shared.messaging.campaigns.content import Content
from shared.messaging.deliveries import repository as deliveries
from shared.messaging.deliveries.repository import DeliveryRepository
from shared.messaging.inbox.models import InboxState, Item
from shared.messaging.inbox.schemas import Shown

HERE: Final = ("unread", "read")
"""States of what is in the inbox; the archive is elsewhere."""
EVERYWHERE: Final = (*HERE, "archived")
_NEWEST: Final = (Order("inbox.visibleFrom", descending=True), Order("timestamps.expiresAt", descending=True))


class InboxRepository:
    """Queries over one collection of deliveries; each needs its index (infra/firebase/firestore.indexes.json)."""

    def __init__(self, documents: Documents, store: DeliveryRepository) -> None:
        self._documents = documents
        self._store = store

    @property
    def collection(self) -> str:
        """Where items are: that of all deliveries."""
        return self._store.collection

    def create(self, item: Item) -> Create:
        """Write a new item; AlreadyExists means that the same one was made before."""
        return Create(self._store.path(item.delivery.id), self.to_data(item))

    def to_data(self, item: Item) -> Data:
        """The document of a new item."""
        content: Data = item.content.model_dump(by_alias=True)
        return deliveries.to_data(item.delivery) | {"content": content, "inbox": _state(item.state)}

    def change(self, item: Item) -> Update:
        """Write an item's new state over the very version that was read, else Stale."""
        update = self._store.advance(item.delivery)
        return replace(update, fields={**update.fields, "inbox": _state(item.state)})

    def withdrawal(self, ident: str, at: datetime) -> Update:
        """End an item for its reader, at once; a repeat changes nothing more. Raises Missing."""
        ended: dict[FieldPath, Any] = {"timestamps.expiresAt": at, "timestamps.withdrawnAt": at}
        return Update(self._store.path(ident), ended | {"inbox.changedAt": SERVER_TIME})

    async def get(self, ident: str) -> Item | None:
        """One item (1 read), or None; a delivery in another channel is none."""
        snapshot = await self._documents.get(self._store.path(ident)) if is_plain(ident) else None
        return None if snapshot is None or "inbox" not in snapshot.data else _item(snapshot)

    async def get_many(self, idents: Sequence[str]) -> list[Item]:
        """Those of the items that exist (1 read each)."""
        found = await self._documents.get_many([self._store.path(ident) for ident in idents])
        return [_item(snapshot) for snapshot in found if snapshot is not None]

    async def page(
        self,
        uid: str,
        now: datetime,
        *,
        shown: Shown | None,
        organizer_id: str | None,
        limit: int,
        after: list[Any] | None,
    ) -> tuple[Page[Item], datetime | None]:
        """One page (one read an item, and one to know whether more follow), and when the first of what was read expires."""
        where = (*_mine(uid, shown, now), *_of(organizer_id))
        start = (*map(datetime.fromisoformat, after[:2]), after[2]) if after else None
        query = Query(self._store.collection, where, _NEWEST, limit + 1, start)
        items = [_item(snapshot) for snapshot in await self._documents.query(query)]
        position = _position(items[limit - 1]) if len(items) > limit else None
        return Page(items[:limit], position), min((item.expires_at for item in items), default=None)

    async def unread(self, uid: str, now: datetime, organizer_id: str | None, limit: int) -> list[Item]:
        """What is unread now, newest first (one read each)."""
        where = (*_mine(uid, "unread", now), *_of(organizer_id))
        found = await self._documents.query(Query(self._store.collection, where, _NEWEST, limit))
        return [_item(snapshot) for snapshot in found]

    async def count(self, uid: str, now: datetime, shown: Shown | None) -> int:
        """How many items (1 read for each 1,000)."""
        return await self._documents.count(Query(self._store.collection, _mine(uid, shown, now), _NEWEST))

    async def changed_since(self, uid: str, moment: datetime) -> bool:
        """Whether any item of the person was written after a moment by the store's clock (1 read)."""
        where = (*_person(uid), Where("inbox.changedAt", ">", moment))
        return bool(await self._documents.query(Query(self._store.collection, where, limit=1)))

    async def next_return(self, uid: str, now: datetime) -> datetime | None:
        """When the next snooze ends (1 read)."""
        where = (*_person(uid), Where("inbox.state", "==", "unread"), Where("inbox.visibleFrom", ">", now))
        found = await self._documents.query(Query(self._store.collection, where, limit=1))
        return _item(found[0]).state.visible_from if found else None

    async def next_expiry(self, uid: str, now: datetime) -> datetime | None:
        """When the next of what is not archived expires (1 read)."""
        where = (*_person(uid), Where("inbox.state", "in", HERE), Where("timestamps.expiresAt", ">", now))
        found = await self._documents.query(Query(self._store.collection, where, limit=1))
        return _item(found[0]).expires_at if found else None

    async def of_campaign(self, campaign_id: str, now: datetime, limit: int) -> list[str]:
        """Ids of a campaign's items that have not expired (one read each)."""
        where = (
            Where("campaignId", "==", campaign_id),
            Where("inbox.state", "in", EVERYWHERE),
            Where("timestamps.expiresAt", ">", now),
        )
        found = await self._documents.query(Query(self._store.collection, where, limit=limit))
        return [snapshot.id for snapshot in found]


def _position(item: Item) -> list[Any]:
    return [item.state.visible_from.isoformat(), item.expires_at.isoformat(), item.delivery.id]


def _person(uid: str) -> tuple[Where, ...]:
    # an organizer's id may equal a uid
    return Where("recipient.type", "==", "user"), Where("recipient.id", "==", uid)


def _mine(uid: str, shown: Shown | None, now: datetime) -> tuple[Where, ...]:
    """A person's items in a state, as of now: what has expired or is still to come is left out by time."""
    state = Where("inbox.state", "in", HERE)
    if shown is not None:
        state = Where("inbox.state", "==", "unread" if shown == "snoozed" else shown)
    due = Where("inbox.visibleFrom", ">" if shown == "snoozed" else "<=", now)
    return (*_person(uid), state, due, Where("timestamps.expiresAt", ">", now))


def _of(organizer_id: str | None) -> tuple[Where, ...]:
    return () if organizer_id is None else (Where("organizerId", "==", organizer_id),)


def _state(state: InboxState) -> Data:
    return {
        "arrivedAt": state.arrived_at,
        "readAt": state.read_at,
        "archivedAt": state.archived_at,
        "snoozedUntil": state.snoozed_until,
        "revision": state.revision,
        "state": state.place,
        "visibleFrom": state.visible_from,
        "changedAt": SERVER_TIME,
    }


def _item(snapshot: Snapshot) -> Item:
    data = snapshot.data["inbox"]
    state = InboxState(
        arrived_at=data["arrivedAt"],
        read_at=data["readAt"],
        archived_at=data["archivedAt"],
        snoozed_until=data["snoozedUntil"],
        revision=data["revision"],
    )
    return Item(deliveries.from_data(snapshot), Content.model_validate(snapshot.data["content"]), state)
