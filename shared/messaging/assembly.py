"""The messaging repositories of one worker: a part of ``wiring``."""

from functools import cached_property

from shared.clients.assembly import Clients
from shared.kernel.pagination import Cursors
from shared.messaging.deliveries.repository import DeliveryRepository
from shared.messaging.inbox.repository import InboxRepository
from shared.messaging.inbox.withdrawals import Withdrawals


class Conversations(Clients):
    """What deliveries and inboxes stand on."""

    @cached_property
    def cursors(self) -> Cursors:
        """Signed list cursors."""
        return Cursors(self.signing_secrets)

    @cached_property
    def deliveries(self) -> DeliveryRepository:
        """Deliveries of this installation."""
        return DeliveryRepository(self.documents, self.settings.cabeceo_env)

    @cached_property
    def inbox_items(self) -> InboxRepository:
        """Inbox items as documents."""
        return InboxRepository(self.documents, self.deliveries)

    @cached_property
    def inbox_withdrawals(self) -> Withdrawals:
        """Campaigns that are being taken out of inboxes."""
        return Withdrawals(self.documents, self.inbox_items, self.clock)
