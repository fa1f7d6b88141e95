"""How far a campaign's messages got: counted over the deliveries themselves, no counter anywhere.

Organizers never see small numbers: below 20 «under 20», larger ones rounded to 5 (design/decisions.md, Messages).
"""

import asyncio
from typing import Final

from shared.kernel.clock import Clock
from shared.kernel.wire import Moment, Wire
from shared.messaging.campaigns.service import Campaigns
from shared.messaging.deliveries.models import DeliveryStatus
from shared.messaging.deliveries.repository import DeliveryRepository
from shared.people.access import Principal

HIDDEN_BELOW: Final = 20
STEP: Final = 5
COUNTED: Final[tuple[DeliveryStatus, ...]] = ("delivered", "seen", "clicked", "dismissed", "acknowledged")
"""States in which a message has reached somebody; each message stands in the one it got to."""


class Number(Wire):
    """How many messages; ``value`` is null where it is not told, ``text`` always says what is."""

    value: int | None
    text: str


class CampaignReport(Wire):
    """Each message counts once, where it got to; ``shown`` is the sum of all but ``delivered``."""

    campaign_id: str
    at: Moment
    delivered: Number
    seen: Number
    clicked: Number
    dismissed: Number
    acknowledged: Number
    shown: Number


class CampaignReports:
    """Reports for admins, and for organizers on their own campaigns."""

    def __init__(self, campaigns: Campaigns, deliveries: DeliveryRepository, clock: Clock) -> None:
        self._campaigns = campaigns
        self._deliveries = deliveries
        self._clock = clock

    async def report(self, principal: Principal, ident: str) -> CampaignReport:
        """The figures as of now (1 read, and 1 for each state and started thousand of messages in it). Raises NotFound."""
        await self._campaigns.get(principal, ident)
        counts = await asyncio.gather(*(self._deliveries.count(ident, status) for status in COUNTED))
        figures = dict(zip(COUNTED, counts, strict=True))
        exact = principal.is_admin
        return CampaignReport(
            campaign_id=ident,
            at=self._clock.now(),
            shown=number(sum(counts) - figures["delivered"], exact=exact),
            **{status: number(count, exact=exact) for status, count in figures.items()},
        )


def number(count: int, *, exact: bool) -> Number:
    """A count for its reader."""
    if exact:
        return Number(value=count, text=str(count))
    if count < HIDDEN_BELOW:
        return Number(value=None, text=f"under {HIDDEN_BELOW}")
    rounded = STEP * round(count / STEP)
    return Number(value=rounded, text=str(rounded))
