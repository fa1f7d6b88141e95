"""Who is in which segment and how far they come, built on first use; ``shared.wiring`` adds the rest of the worker."""

from collections.abc import Collection
from functools import cached_property

from shared.analytics.funnels.repository import FunnelRepository
from shared.analytics.funnels.service import Funnels
from shared.analytics.reactivation.repository import ReactivationRepository
from shared.analytics.reactivation.service import Reactivations
from shared.analytics.segments.diffs import Diffs
from shared.analytics.segments.estimates import Cohorts
from shared.analytics.segments.hooks import SegmentHooks
from shared.analytics.segments.members import SegmentMembers
from shared.analytics.segments.people import PeopleReader
from shared.analytics.segments.refresh import Rebuild, Refresh
from shared.analytics.segments.repository import SegmentRepository
from shared.analytics.segments.service import Segments
from shared.analytics.segments.shield import Shield
from shared.analytics.segments.snapshots import Snapshots
from shared.analytics.segments.tags import Tagging
from shared.clients.assembly import Clients
from shared.kernel.pagination import Cursors


class Audiences(Clients):
    """Segments, their people and their tags; funnels."""

    async def asked_tags(self) -> Collection[str]:
        """The tags that running campaigns ask for; areas above know."""
        return ()

    @cached_property
    def people_reader(self) -> PeopleReader:
        """People by their numbers."""
        return PeopleReader(self.analytics)

    @cached_property
    def snapshots(self) -> Snapshots:
        """Facets of everybody, in memory."""
        return Snapshots(self.analytics, self.clock)

    @cached_property
    def shield(self) -> Shield:
        """What organizers learn of sizes."""
        per_day = self.settings.cohort_questions_per_day
        return Shield(self.analytics, self.hash_secret, self.clock, per_day=per_day)

    @cached_property
    def cohorts(self) -> Cohorts:
        """Who is found by filters."""
        return Cohorts(self.snapshots, self.shield)

    @cached_property
    def segment_repository(self) -> SegmentRepository:
        """Segments as documents."""
        return SegmentRepository(self.analytics)

    @cached_property
    def segments(self) -> Segments:
        """Segments for organizers and operators."""
        cursors = Cursors(self.signing_secrets)
        return Segments(self.segment_repository, self.cohorts, self.clock, self.ids, cursors)

    @cached_property
    def segment_diffs(self) -> Diffs:
        """What changed between versions."""
        return Diffs(self.segments, self.segment_repository, self.cohorts)

    @cached_property
    def segment_members(self) -> SegmentMembers:
        """Who a segment's message goes to."""
        return SegmentMembers(self.segments, self.segment_repository, self.cohorts, self.people_reader)

    @cached_property
    def facet_refresh(self) -> Refresh:
        """Facets of who changed."""
        return Refresh(self.analytics, self.people_reader, self.snapshots, self.clock, self.ids)

    @cached_property
    def facet_rebuild(self) -> Rebuild:
        """Facets of everybody."""
        return Rebuild(self.analytics, self.people_reader, self.snapshots, self.clock)

    @cached_property
    def tagging(self) -> Tagging:
        """Tags into profiles."""
        return Tagging(
            analytics=self.analytics,
            documents=self.documents,
            people=self.people_reader,
            snapshots=self.snapshots,
            cohorts=self.cohorts,
            segments=self.segment_repository,
            named=self.asked_tags,
        )

    @cached_property
    def funnels(self) -> Funnels:
        """Funnels for organizers and operators."""
        cursors = Cursors(self.signing_secrets)
        return Funnels(FunnelRepository(self.analytics), self.clock, self.ids, cursors)

    @cached_property
    def reactivations(self) -> Reactivations:
        """Whether messages bring people back."""
        repository = ReactivationRepository(self.analytics)
        return Reactivations(repository, self.cohorts, self.shield, self.clock)

    @cached_property
    def segment_hooks(self) -> SegmentHooks:
        """What segments do when a person goes."""
        return SegmentHooks(self.analytics, self.people_reader, self.snapshots, self.shield)
