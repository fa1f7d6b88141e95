"""``inboxWithdrawals/{campaignId}``: archived campaigns whose items are still being taken out of inboxes (docs/inbox.md).

Written in the commit that archives the campaign. Until a sweep has ended every item, whoever looks into their inbox ends their
own first, so nobody sees one after the campaign was archived.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shared.clients.documents.port import Create, Delete, Documents, Query, Where
from shared.clients.errors import Missing
from shared.kernel.clock import Clock
from shared.messaging.campaigns.models import Campaign, Channel
from shared.messaging.inbox.repository import InboxRepository

COLLECTION: Final = "inboxWithdrawals"
OPEN_FOR: Final = timedelta(minutes=15)
"""A withdrawal stays open at least this long: a chunk of a broadcast may still be on its way to the store."""
MAX_OPEN: Final = 100
"""Open withdrawals that a reader looks at; beyond it the sweep alone takes items out."""
PAGE: Final = 200
MAX_PER_RUN: Final = 5_000
"""Items that one sweep ends at most; the next one goes on."""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A campaign that was archived at a moment."""

    campaign_id: str
    at: datetime


def withdrawal_of(campaign: Campaign) -> tuple[Create, ...]:
    """What to commit together with a campaign's next version: nothing, unless that is archived and has inbox items."""
    if campaign.status != "archived" or Channel.INBOX not in campaign.delivery_channels:
        return ()
    return (Create(f"{COLLECTION}/{campaign.id}", {"at": campaign.updated_at}),)


class Withdrawals:
    """Knows what is open, and closes it."""

    def __init__(self, documents: Documents, items: InboxRepository, clock: Clock) -> None:
        self._documents = documents
        self._items = items
        self._clock = clock

    async def any_since(self, moment: datetime) -> bool:
        """Whether a campaign was withdrawn after a moment (1 read)."""
        return bool(await self._documents.query(Query(COLLECTION, (Where("at", ">", moment),), limit=1)))

    async def all_open(self) -> list[Withdrawal]:
        """The open withdrawals (1 read when there is none, else one each)."""
        found = await self._documents.query(Query(COLLECTION, limit=MAX_OPEN))
        return [Withdrawal(snapshot.id, snapshot.data["at"]) for snapshot in found]

    async def sweep(self) -> int:
        """End the items of withdrawn campaigns, at most MAX_PER_RUN; gives how many.

        Every step may come again, from another worker as well; one that dies leaves the rest to the next run.
        """
        ended = 0
        for withdrawal in await self.all_open():
            while ended < MAX_PER_RUN:
                now = self._clock.now()
                page = await self._items.of_campaign(withdrawal.campaign_id, now, PAGE)
                if page:
                    await self._end(page, min(withdrawal.at, now))
                    ended += len(page)
                if len(page) < PAGE:
                    await self._close(withdrawal)
                    break
        return ended

    async def _end(self, idents: list[str], at: datetime) -> None:
        try:
            await self._documents.commit([self._items.withdrawal(ident, at) for ident in idents])
        except Missing:
            return  # one of them was erased at this moment; the others are found again

    async def _close(self, withdrawal: Withdrawal) -> None:
        if self._clock.now() - withdrawal.at >= OPEN_FOR:
            await self._documents.commit([Delete(f"{COLLECTION}/{withdrawal.campaign_id}")])
