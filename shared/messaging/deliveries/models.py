"""``messageDeliveries_{env}/{id}``: one message to one person in one channel (messaging-platform.md §4.1).

States and ranks are design/wire.md's: a higher rank wins whatever the order of the reports, and each report keeps
its own time.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

DeliveryStatus = Literal[
    "pending",
    "delivered",
    "seen",
    "clicked",
    "dismissed",
    "acknowledged",
    "suppressed",
    "expired",
    "failed",
]
RANKS: Final[dict[str, int]] = {
    "pending": 0,
    "suppressed": 5,
    "expired": 5,
    "failed": 5,
    "delivered": 10,
    "seen": 20,
    "clicked": 30,
    "dismissed": 40,
    "acknowledged": 50,
}
RecipientType = Literal["user", "organizer", "ip"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery as stored. ``timestamps`` maps createdAt, deliveredAt, seenAt, clickedAt, dismissedAt, ackAt, expiresAt."""

    id: str
    campaign_id: str
    campaign_version: int
    recipient_type: RecipientType
    recipient_id: str
    channel: str
    status: DeliveryStatus
    timestamps: dict[str, datetime]
    payload_hash: str
    organizer_id: str | None = None
    dispatch_context: dict[str, Any] = field(default_factory=dict)
    update_time: int | None = None
