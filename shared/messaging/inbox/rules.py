"""What becomes of an inbox item: pure. A snooze ends by the clock alone; nothing has to be written for it."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from shared.kernel.errors import Fault, Invalid
from shared.messaging.campaigns.content import Content
from shared.messaging.campaigns.models import Campaign, Channel
from shared.messaging.deliveries.models import Delivery
from shared.messaging.deliveries.rules import delivery_id, payload_hash, report
from shared.messaging.inbox.models import InboxState, Item
from shared.messaging.inbox.schemas import InboxChange, InboxItem, Shown

MAX_SNOOZE: Final = timedelta(days=365)


def new_item(
    campaign: Campaign, uid: str, *, now: datetime, kept: timedelta, content: Content, context: dict[str, Any]
) -> Item:
    """The item that a campaign puts into a person's inbox: its id is a function of campaign, person and channel.

    It vanishes when the campaign ends, or on the day after ``kept`` when that is sooner: one moment for a whole broadcast, so that
    no index grows at its end alone. «Delivered» is that it exists.
    """
    end = campaign.scheduling.end_at
    longest = (now + kept + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    expiry = longest if end is None else min(longest, end)
    delivery = Delivery(
        id=delivery_id(campaign.id, uid, Channel.INBOX),
        campaign_id=campaign.id,
        campaign_version=campaign.version,
        organizer_id=campaign.organizer_id,
        recipient_type="user",
        recipient_id=uid,
        channel=Channel.INBOX.value,
        status="delivered",
        timestamps={"createdAt": now, "deliveredAt": now, "expiresAt": expiry},
        payload_hash=payload_hash(content),
        dispatch_context=context,
    )
    return Item(delivery, content, InboxState(arrived_at=now))


def returned(state: InboxState, now: datetime) -> InboxState:
    """The state with a snooze that is over made plain: the item came back then, unread."""
    if state.snoozed_until is None or state.snoozed_until > now:
        return state
    return replace(state, arrived_at=state.snoozed_until, read_at=None, snoozed_until=None)


def changed(item: Item, change: InboxChange, now: datetime) -> Item:
    """The item after its reader's change; the very same one when the change says nothing new.

    Archiving ends a snooze, a snooze takes the item out of the archive, and ending a snooze early leaves it as it was before.
    Opening an item acknowledges its delivery (messaging-platform.md §6.2), for good. Raises Invalid for a snooze that
    does not end within a year and before the item expires.
    """
    before = returned(item.state, now)
    after = before
    if "read" in change.model_fields_set:
        after = replace(after, read_at=(after.read_at or now) if change.read else None)
    if "archived" in change.model_fields_set:
        archived = (after.archived_at or now) if change.archived else None
        after = replace(
            after, archived_at=archived, snoozed_until=None if change.archived else after.snoozed_until
        )
    if "snoozed_until" in change.model_fields_set and change.snoozed_until != item.state.snoozed_until:
        after = _snoozed(after, change.snoozed_until, item.expires_at, now)
    if after == before:
        return item
    delivery = _reported(item.delivery, now, opened=bool(change.read))
    return Item(delivery, item.content, replace(after, revision=before.revision + 1))


def marked_read(item: Item, now: datetime) -> Item:
    """The item after «mark all as read»: its reader saw it, and perhaps never opened it."""
    state = returned(item.state, now)
    delivery = _reported(item.delivery, now, opened=False)
    return Item(delivery, item.content, replace(state, read_at=now, revision=state.revision + 1))


def view(item: Item, now: datetime) -> InboxItem:
    """The item on the wire, as it stands now."""
    state = returned(item.state, now)
    shown: Shown = "snoozed" if state.snoozed_until else state.place
    return InboxItem(
        delivery_id=item.delivery.id,
        campaign_id=item.delivery.campaign_id,
        organizer_id=item.delivery.organizer_id,
        content=item.content,
        state=shown,
        created_at=item.delivery.timestamps["createdAt"],
        arrived_at=state.arrived_at,
        expires_at=item.expires_at,
        read_at=state.read_at,
        archived_at=state.archived_at,
        snoozed_until=state.snoozed_until,
        revision=state.revision,
    )


def _snoozed(state: InboxState, until: datetime | None, expiry: datetime, now: datetime) -> InboxState:
    if until is None:
        return replace(state, snoozed_until=None)
    if not now < until <= now + MAX_SNOOZE:
        fault = Fault("/snoozedUntil", "out_of_range", f"Within the next {MAX_SNOOZE.days} days.")
        raise Invalid(faults=[fault])
    if until >= expiry:
        raise Invalid(
            faults=[Fault("/snoozedUntil", "after_expiry", "The item would be gone before it returns.")]
        )
    return replace(state, snoozed_until=until, archived_at=None)


def _reported(delivery: Delivery, now: datetime, *, opened: bool) -> Delivery:
    delivery = report(delivery, "seen", now) or delivery
    return (report(delivery, "acknowledged", now) or delivery) if opened else delivery
