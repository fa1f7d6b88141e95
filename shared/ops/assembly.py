"""What watches over the installation, built on first use; ``shared.wiring`` adds the rest of the worker."""

from collections.abc import Sequence
from functools import cached_property

from shared.analytics.assembly import Insights
from shared.kernel.budget import Budget
from shared.messaging.assembly import Conversations
from shared.ops.jobs.models import JobKind
from shared.ops.jobs.repository import JobRepository
from shared.ops.metrics.repository import UsageRepository
from shared.ops.metrics.service import Metrics
from shared.ops.metrics.usage import Usage
from shared.people.archive.errand import Archiving
from shared.people.archive.hooks import ArchiveHooks
from shared.people.archive.models import Source
from shared.people.hooks import Errand


class Operations(Conversations, Insights):
    """The guard on store operations, their counts, the figures for operators, jobs, and what all areas archive."""

    @cached_property
    def budget(self) -> Budget:
        """What the day's store operations leave room for."""
        return Budget(self.settings.firestore_operations_per_day, self.clock)

    @cached_property
    def usage(self) -> Usage:
        """This instance's store operations, and everybody's; handed over when this instance ends."""
        usage = Usage(UsageRepository(self.documents), self.budget, self.clock, instance=self.ids.new("in"))
        self.draining.append(usage.drain)
        return usage

    @cached_property
    def job_repository(self) -> JobRepository:
        """Jobs as documents."""
        return JobRepository(self.documents)

    @cached_property
    def archive_hooks(self) -> ArchiveHooks:
        """What is archived of people."""
        return ArchiveHooks(self.archive_keys, lambda: self.archive, self.archive_sources)

    @cached_property
    def archive_sources(self) -> tuple[Source, ...]:
        """What is archived, in this order."""
        return self.delivery_archive, self.event_archive

    @cached_property
    def errands(self) -> dict[JobKind, Sequence[Errand]]:
        """The steps of jobs that are about nobody."""
        moving = [Archiving(lambda: self.archive, each, self.clock) for each in self.archive_sources]
        return {
            "profile_sync": self.profile_syncs,
            "archive": moving,
            "aggregation": self.aggregation,
            "figures": self.nightly_figures,
        }

    @cached_property
    def metrics(self) -> Metrics:
        """Figures with their thresholds."""
        return Metrics(self.queues, self.documents, self.usage, self.budget, self.clock)
