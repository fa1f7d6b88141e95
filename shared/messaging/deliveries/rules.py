"""What a report makes of a delivery (design/wire.md, Delivery states): pure, and the same in any order.

The state of a delivery is a function of its times, and a time only ever moves to an earlier report of the same
kind. So reports may come twice, late or in disorder: the end is the same.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Literal

import orjson

from shared.kernel.ids import hashed_id
from shared.messaging.campaigns.content import Content
from shared.messaging.campaigns.models import ON_PAGE
from shared.messaging.deliveries.models import RANKS, Delivery, DeliveryStatus

Action = Literal["seen", "clicked", "dismissed", "acknowledged"]
"""What the reader may report."""
Outcome = Action | Literal["delivered", "suppressed", "expired", "failed"]
"""What the reader or the sender may report."""

TIME_OF: Final[Mapping[Outcome, str]] = {
    "suppressed": "suppressedAt",
    "expired": "expiredAt",
    "failed": "failedAt",
    "delivered": "deliveredAt",
    "seen": "seenAt",
    "clicked": "clickedAt",
    "dismissed": "dismissedAt",
    "acknowledged": "ackAt",
}
"""Under which name in ``timestamps`` each report is kept."""
BY_READER: Final[frozenset[Action]] = frozenset({"seen", "clicked", "dismissed", "acknowledged"})


def report(delivery: Delivery, outcome: Outcome, at: datetime) -> Delivery | None:
    """The delivery after a report made at ``at``; None when the report changes nothing.

    A higher rank wins whatever the order, each kind of report keeps its earliest time, ``clicked`` implies seen. On
    the page, «delivered» is «returned and seen», and nobody answers what they have not seen: there every report of
    the reader implies both. Of two failures without delivery the earlier one names the state.
    """
    times = dict(delivery.timestamps)
    for name in _names(delivery.channel, outcome):
        times[name] = min(times.get(name, at), at)
    if times == delivery.timestamps:
        return None
    status = status_of(times)
    upward = RANKS[status] >= RANKS[delivery.status]
    return replace(delivery, timestamps=times, status=status if upward else delivery.status)


def status_of(timestamps: Mapping[str, datetime]) -> DeliveryStatus:
    """The state that the times make: the highest rank reported; among equal ranks the earliest."""
    reported = [(RANKS[outcome], outcome) for outcome, name in TIME_OF.items() if name in timestamps]
    if not reported:
        return "pending"
    top = max(rank for rank, _ in reported)
    return min(
        (outcome for rank, outcome in reported if rank == top),
        key=lambda outcome: (timestamps[TIME_OF[outcome]], outcome),
    )


def _names(channel: str, outcome: Outcome) -> set[str]:
    names = {TIME_OF[outcome]}
    if outcome in BY_READER and channel in ON_PAGE:
        names |= {"seenAt", "deliveredAt"}
    elif outcome == "clicked":
        names.add("seenAt")
    return names


def delivery_id(campaign_id: str, recipient: str, channel: str, occurrence: int | None = None) -> str:
    """The document's id (design/wire.md, Ids): a function of what it is, so that a repeat meets itself.

    ``occurrence`` numbers a decision's deliveries of one campaign to one person; a broadcast has none.
    """
    number = () if occurrence is None else (str(occurrence),)
    return hashed_id("d", campaign_id, recipient, channel, *number)


def payload_hash(content: Content) -> str:
    """SHA-256 (hex) of the content as JSON with sorted keys and without empty fields: equal texts, equal hash."""
    canonical = orjson.dumps(
        content.model_dump(mode="json", by_alias=True, exclude_none=True), option=orjson.OPT_SORT_KEYS
    )
    return hashlib.sha256(canonical).hexdigest()


def expires_at(now: datetime, hold: timedelta, campaign_end: datetime | None) -> datetime:
    """When a delivery made now stops being shown: after ``hold``, or when its campaign ends if that is sooner.

    A decision holds for ``reservation_seconds``, so that what was never seen frees its caps in time.
    """
    end = now + hold
    return end if campaign_end is None else min(end, campaign_end)
