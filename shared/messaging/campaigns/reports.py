"""How far a campaign's messages got: counted over the deliveries themselves; what is archived is added.

Organizers never see small numbers: below 20 «under 20», larger ones rounded to 5 (design/decisions.md, Messages).
"""

import asyncio
from typing import Final

from shared.kernel.clock import Clock
from shared.kernel.cohorts import Count, coarse, exact
from shared.kernel.wire import Moment, Wire
from shared.messaging.campaigns.service import Campaigns
from shared.messaging.deliveries.models import DeliveryStatus
from shared.messaging.deliveries.repository import DeliveryRepository
from shared.people.access import Principal

COUNTED: Final[tuple[DeliveryStatus, ...]] = ("delivered", "seen", "clicked", "dismissed", "acknowledged")
"""States in which a message has reached somebody; each message stands in the one it got to."""


class CampaignReport(Wire):
    """Each message counts once, where it got to; ``shown`` is the sum of all but ``delivered``."""

    campaign_id: str
    at: Moment
    delivered: Count
    seen: Count
    clicked: Count
    dismissed: Count
    acknowledged: Count
    shown: Count


class CampaignReports:
    """Reports for admins, and for organizers on their own campaigns."""

    def __init__(self, campaigns: Campaigns, deliveries: DeliveryRepository, clock: Clock) -> None:
        self._campaigns = campaigns
        self._deliveries = deliveries
        self._clock = clock

    async def report(self, principal: Principal, ident: str) -> CampaignReport:
        """The figures as of now (2 reads, and 1 for each state and started thousand of messages in it). Raises NotFound."""
        await self._campaigns.get(principal, ident)
        counts = await asyncio.gather(*(self._deliveries.count(ident, status) for status in COUNTED))
        archived = await self._deliveries.archived(ident)
        figures = {
            status: count + archived.get(status, 0) for status, count in zip(COUNTED, counts, strict=True)
        }
        told = exact if principal.is_admin else coarse
        return CampaignReport(
            campaign_id=ident,
            at=self._clock.now(),
            shown=told(sum(figures.values()) - figures["delivered"]),
            **{status: told(count) for status, count in figures.items()},
        )
