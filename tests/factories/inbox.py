"""Messages in inboxes, and what their readers see."""

from datetime import timedelta
from typing import Any

from shared.messaging.campaigns.models import Campaign, Channel, Scheduling
from shared.messaging.deliveries.rules import delivery_id
from shared.messaging.inbox.schemas import InboxChange, InboxItem, InboxQuery
from shared.wiring import App
from tests.factories.messaging import campaign

ANA = "uid-ana"


def announcement(ident: str = "c_dj", organizer: str = "org_1", **changes: Any) -> Campaign:
    """An organizer's news for the inbox, without an end unless told otherwise; ``end_at`` sets one."""
    scheduling = Scheduling(end_at=changes.pop("end_at", None))
    fields = {"id": ident, "type": "organizer_broadcast", "organizer_id": organizer, "scheduling": scheduling}
    return campaign(**fields, delivery_channels=[Channel.INBOX], **changes)


def item_id(ident: str = "c_dj", uid: str = ANA) -> str:
    """The id of a campaign's item in a person's inbox."""
    return delivery_id(ident, uid, Channel.INBOX)


async def put(app: App, *idents: str, uid: str = ANA, **changes: Any) -> list[str]:
    """Put news into a person's inbox, in this order; gives the items' ids."""
    for ident in idents:
        await app.inbox.put(announcement(ident, **changes), uid)
    return [item_id(ident, uid) for ident in idents]


async def several(app: App, number: int, **changes: Any) -> list[str]:
    """Put news that came one minute after the other."""
    made = []
    for each in range(number):
        made += await put(app, f"c_{each:02}", **changes)
        app.clock.advance(timedelta(minutes=1))
    return made


async def listed(app: App, uid: str = ANA, **query: Any) -> list[InboxItem]:
    """One page of an inbox."""
    body = (await app.inbox.page(uid, InboxQuery.model_validate(query))).body
    assert body is not None
    return body.items


async def campaigns_in(app: App, uid: str = ANA, **query: Any) -> list[str]:
    """The campaigns on one page of an inbox."""
    return [item.campaign_id for item in await listed(app, uid, **query)]


async def counted(app: App, uid: str = ANA) -> tuple[int, int]:
    """Unread, and all."""
    body = (await app.inbox.counts(uid)).body
    assert body is not None
    return body.unread, body.total


async def change(app: App, ident: str, uid: str = ANA, **fields: Any) -> InboxItem:
    """One change of an item, in the wire's names."""
    return await app.inbox.change(uid, ident, InboxChange.model_validate(fields))
