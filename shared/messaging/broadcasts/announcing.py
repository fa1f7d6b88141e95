"""A signed webhook for each broadcast that has ended, for who writes the invoices (``webhookMessages/{id}``).

Written in the commit that ends the broadcast, tried until it is taken: at once, then after longer and longer, for three days. An admin
may send it again at any time; its id stays, by which the receiver tells a repeat.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from shared.clients.documents.port import Create, Documents, FieldPath, Update
from shared.clients.webhooks.port import Webhooks
from shared.kernel.clock import Clock
from shared.kernel.errors import NotFound
from shared.kernel.ids import hashed_id
from shared.messaging.broadcasts.models import Broadcast
from shared.people.contention import LOST
from shared.premium.trail import SentBroadcast

COLLECTION: Final = "webhookMessages"
KEPT: Final = timedelta(days=30)
PAUSES: Final = tuple(
    timedelta(seconds=seconds) for seconds in (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
)
"""Before each further try (Standard Webhooks, «Deliverability and reliability»)."""


class Announcements:
    """Tells that broadcasts have ended.

    Args:
        documents: the store.
        webhooks: the sender, None where no address is set: then nothing is told.
        clock: now.
    """

    def __init__(self, documents: Documents, webhooks: Webhooks | None, clock: Clock) -> None:
        self._documents = documents
        self._webhooks = webhooks
        self._clock = clock

    @property
    def wanted(self) -> bool:
        """Whether anybody listens."""
        return self._webhooks is not None

    def creation(self, broadcast: Broadcast, sent: SentBroadcast, at: datetime) -> list[Create]:
        """What to commit with the end of a broadcast."""
        if not self.wanted:
            return []
        data = {
            "type": "broadcast.settled",
            "broadcastId": broadcast.id,
            "body": _body(broadcast, sent, at),
            "state": "pending",
            "tries": 0,
            "nextAt": at,
            "lastStatus": None,
            "createdAt": at,
            "expiresAt": at + KEPT,
        }
        return [Create(_path(broadcast.id), data)]

    async def tell(self, broadcast_id: str) -> datetime | None:
        """Try to deliver what is due (1 read, 1 write); gives when to come again, None when there is nothing left to do."""
        found = await self._documents.get(_path(broadcast_id))
        if found is None or found.data["state"] != "pending" or self._webhooks is None:
            return None
        now, data = self._clock.now(), found.data
        if data["nextAt"] > now:
            return data["nextAt"]  # type: ignore[no-any-return]
        sent = await self._webhooks.send(found.id, data["body"])
        tries = data["tries"] + 1
        following = now + PAUSES[tries - 1] if tries <= len(PAUSES) else None
        state = {"taken": "delivered", "gone": "refused"}.get(
            sent.outcome, "pending" if following else "failed"
        )
        fields: dict[FieldPath, Any] = {
            "state": state,
            "tries": tries,
            "nextAt": following or now,
            "lastStatus": sent.status,
        }
        try:
            await self._documents.commit([Update(found.path, fields, if_updated_at=found.update_time)])
        except LOST:
            return now  # another worker was faster, or an admin: look again
        return following if state == "pending" else None

    async def again(self, broadcast_id: str) -> None:
        """Make it due once more (1 read, 1 write). Raises NotFound where there is none."""
        found = await self._documents.get(_path(broadcast_id))
        if found is None:
            raise NotFound
        fields: dict[FieldPath, Any] = {"state": "pending", "tries": 0, "nextAt": self._clock.now()}
        await self._documents.commit([Update(found.path, fields)])


def _path(broadcast_id: str) -> str:
    return f"{COLLECTION}/{hashed_id('wh', broadcast_id)}"


def _body(broadcast: Broadcast, sent: SentBroadcast, at: datetime) -> Mapping[str, Any]:
    return {
        "type": "broadcast.settled",
        "timestamp": at.isoformat().replace("+00:00", "Z"),
        "data": {
            "broadcastId": sent.broadcast_id,
            "organizerId": sent.organizer_id,
            "state": broadcast.state,
            "tier": sent.tier,
            "unitPrices": dict(sent.unit_prices),
            "credits": sent.credits,
            "counts": dict(sent.counts),
            "audienceHash": sent.audience_hash,
            "contentHash": sent.content_hash,
        },
    }
