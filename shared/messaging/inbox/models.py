"""An inbox item: a delivery in the channel ``inbox``, with its words and its ``inbox`` state (design/wire.md, Delivery states)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from shared.messaging.campaigns.content import Content
from shared.messaging.deliveries.models import Delivery

Place = Literal["unread", "read", "archived"]
"""Where an item stands; one that is snoozed stands among the unread, to come back as such."""


@dataclass(frozen=True, slots=True)
class InboxState:
    """What its reader did with an item. All of it can be taken back; ``revision`` counts the changes.

    ``arrived_at`` is when the item came, or came back after a snooze that was over when it was next changed.
    """

    arrived_at: datetime
    read_at: datetime | None = None
    archived_at: datetime | None = None
    snoozed_until: datetime | None = None
    revision: int = 0

    @property
    def visible_from(self) -> datetime:
        """From when on the item shows; also its place in the order, newest first."""
        return self.snoozed_until or self.arrived_at

    @property
    def place(self) -> Place:
        """Where the item stands, by what is stored."""
        if self.archived_at is not None:
            return "archived"
        return "read" if self.read_at is not None and self.snoozed_until is None else "unread"


@dataclass(frozen=True, slots=True)
class Item:
    """An item as stored; ``delivery.update_time`` guards its next change."""

    delivery: Delivery
    content: Content
    state: InboxState

    @property
    def expires_at(self) -> datetime:
        """When the item vanishes."""
        return self.delivery.timestamps["expiresAt"]
