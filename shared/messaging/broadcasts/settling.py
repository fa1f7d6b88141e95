"""The end of a broadcast: one spending of what was delivered, one entry in the audit trail, one webhook (docs/broadcasts.md)."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from shared.clients.errors import AlreadyExists, Stale
from shared.kernel.clock import Clock
from shared.messaging.broadcasts import rules
from shared.messaging.broadcasts.announcing import Announcements
from shared.messaging.broadcasts.cooldown import Cooldowns
from shared.messaging.broadcasts.models import Broadcast, State
from shared.messaging.broadcasts.repository import BroadcastRepository
from shared.premium.credits.service import Credits
from shared.premium.trail import SentBroadcast, broadcast_sent

RECORDS_KEPT: Final = timedelta(days=7 * 365 + 2)
"""design/decisions.md, Time limits and retention."""


class Settling:
    """Ends broadcasts."""

    def __init__(
        self,
        *,
        repository: BroadcastRepository,
        ledger: Credits,
        cooldowns: Cooldowns,
        announcements: Announcements,
        clock: Clock,
    ) -> None:
        self._repository = repository
        self._ledger = ledger
        self._cooldowns = cooldowns
        self._announcements = announcements
        self._clock = clock

    async def fail(self, broadcast: Broadcast, code: str) -> Broadcast:
        """End what cannot go on; what was delivered is paid."""
        return await self.end(replace(broadcast, failure=code), "failed")

    async def end(self, broadcast: Broadcast, state: State) -> Broadcast:
        """Settle the credits (2 reads, 2 writes; nothing was reserved: none), then end it (3 writes). Raises Stale."""
        delivered = broadcast.progress.delivered
        cost = min(broadcast.terms.credits, rules.cost(broadcast.terms.prices, delivered))
        if broadcast.reservation_id is not None:
            await self._ledger.settle(
                broadcast.organizer_id,
                broadcast.reservation_id,
                cost,
                key=f"{broadcast.id}:settled",
                reference=broadcast.id,
            )
        if not delivered:
            await self._cooldowns.forget(broadcast.organizer_id, broadcast.id)
        now = self._clock.now()
        ended = replace(
            broadcast,
            state=state,
            resume_to=None,
            credits=cost,
            ended_at=now,
            updated_at=now,
            expires_at=now + RECORDS_KEPT,
        )
        sent = SentBroadcast(
            broadcast_id=broadcast.id,
            organizer_id=broadcast.organizer_id,
            audience_hash=broadcast.frozen.digest,
            content_hash=broadcast.content_hash,
            tier=broadcast.terms.tier,
            unit_prices={str(channel): price for channel, price in broadcast.terms.prices.items()},
            credits=cost,
            counts={**delivered, "lost": sum(broadcast.progress.lost.values())},
        )
        also = [
            broadcast_sent(sent, actor=broadcast.actor, at=now),
            *self._announcements.creation(ended, sent, now),
        ]
        try:
            return await self._repository.store(broadcast, ended, also)
        except AlreadyExists:
            raise Stale("another worker ended it") from None

    async def announced(self, broadcast_id: str) -> datetime | None:
        """Try the webhook if it is due; when to come again, None when there is nothing left to tell."""
        return await self._announcements.tell(broadcast_id)
