"""What organizers have and pay, built on first use; ``shared.messaging.assembly`` and ``shared.wiring`` add the rest."""

from dataclasses import dataclass
from functools import cached_property

from shared.people.assembly import People
from shared.premium.credits.proof import CreditProof
from shared.premium.credits.repository import CreditRepository
from shared.premium.credits.service import Credits
from shared.premium.memberships import Memberships
from shared.premium.tiers import TierTable


@dataclass
class Premium(People):
    """Tiers and credits."""

    @cached_property
    def tiers(self) -> TierTable:
        """What each tier may do and what it costs."""
        return TierTable(self.settings.tiers)

    @cached_property
    def credits(self) -> Credits:
        """Credits of organizers."""
        return Credits(
            documents=self.documents,
            profiles=self.profile_repository,
            queues=self.queues,
            clock=self.clock,
            ids=self.ids,
            cursors=self.cursors,
        )

    @cached_property
    def memberships(self) -> Memberships:
        """Tiers of organizers, carried to the people who speak for them."""
        return Memberships(CreditRepository(self.documents), self.profile_repository, self.profile_news)

    @cached_property
    def credit_proof(self) -> CreditProof:
        """The nightly proof that credits add up."""
        return CreditProof(self.documents, self.clock)
