"""What carries messages to and between people, built on first use; ``shared.wiring`` adds the rest of the worker."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property

from shared.messaging.campaigns.models import Campaign
from shared.messaging.campaigns.reports import CampaignReports
from shared.messaging.campaigns.service import Campaigns
from shared.messaging.deliveries.archive import DeliveryArchive
from shared.messaging.deliveries.repository import DeliveryRepository
from shared.messaging.inbox.repository import InboxRepository
from shared.messaging.inbox.service import Inbox
from shared.messaging.inbox.withdrawals import Withdrawals
from shared.messaging.reports.repository import ReportRepository
from shared.messaging.reports.service import Reports
from shared.messaging.threads.repository import ThreadRepository
from shared.messaging.threads.sending import Sending
from shared.messaging.threads.service import Threads
from shared.premium.assembly import Premium


@dataclass
class Conversations(Premium):
    """Campaigns, inboxes, threads and reports, and what they stand on."""

    campaign_listeners: list[Callable[[Campaign], None]] = field(default_factory=list)
    """Told of every campaign stored by this instance, so that it decides with it at once."""

    @cached_property
    def deliveries(self) -> DeliveryRepository:
        """Deliveries of this installation."""
        return DeliveryRepository(self.documents, self.settings.cabeceo_env)

    @cached_property
    def delivery_archive(self) -> DeliveryArchive:
        """Old deliveries on their way into the archive."""
        after = timedelta(days=self.settings.archive_after_days)
        return DeliveryArchive(self.documents, self.deliveries.collection, after)

    @cached_property
    def campaigns(self) -> Campaigns:
        """Campaigns for admins and organizers, and the active ones for decisions."""

        def changed(campaign: Campaign) -> None:
            for listener in self.campaign_listeners:
                listener(campaign)

        return Campaigns(self.documents, self.clock, self.ids, self.cursors, changed)

    @cached_property
    def campaign_reports(self) -> CampaignReports:
        """How far campaigns' messages got."""
        return CampaignReports(self.campaigns, self.deliveries, self.clock)

    @cached_property
    def inbox_items(self) -> InboxRepository:
        """Inbox items as documents."""
        return InboxRepository(self.documents, self.deliveries)

    @cached_property
    def inbox_withdrawals(self) -> Withdrawals:
        """Campaigns that are being taken out of inboxes."""
        return Withdrawals(self.documents, self.inbox_items, self.clock)

    @cached_property
    def inbox(self) -> Inbox:
        """People's inboxes."""
        return Inbox(
            documents=self.documents,
            items=self.inbox_items,
            withdrawals=self.inbox_withdrawals,
            clock=self.clock,
            cursors=self.cursors,
            kept=timedelta(days=self.settings.inbox_days),
        )

    @cached_property
    def thread_repository(self) -> ThreadRepository:
        """Threads as documents."""
        return ThreadRepository(self.documents)

    @cached_property
    def sending(self) -> Sending:
        """Messages into threads."""
        return Sending(self.documents, self.thread_repository, self.profile_repository, self.clock)

    @cached_property
    def threads(self) -> Threads:
        """Threads for their participants."""
        return Threads(self.documents, self.thread_repository, self.clock, self.cursors)

    @cached_property
    def reports(self) -> Reports:
        """Reports of messages, and operators' decisions."""
        return Reports(
            documents=self.documents,
            reports=ReportRepository(self.documents),
            threads=self.threads,
            messages=self.thread_repository,
            profiles=self.profile_repository,
            clock=self.clock,
            ids=self.ids,
            cursors=self.cursors,
            kept=timedelta(days=self.settings.thread_retention_days),
        )
