"""What watches over the installation, built on first use; ``shared.wiring`` adds the rest of the worker."""

from functools import cached_property

from shared.clients.assembly import Clients
from shared.kernel.budget import Budget
from shared.ops.jobs.repository import JobRepository
from shared.ops.metrics.repository import UsageRepository
from shared.ops.metrics.service import Metrics
from shared.ops.metrics.usage import Usage


class Operations(Clients):
    """The guard on store operations, their counts, and the figures for operators."""

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
    def metrics(self) -> Metrics:
        """Figures with their thresholds."""
        return Metrics(self.queues, self.documents, self.usage, self.budget, self.clock)
