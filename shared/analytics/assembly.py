"""What takes in what people do and makes figures of it, built on first use; ``shared.wiring`` adds the rest of the worker."""

from datetime import datetime
from functools import cached_property

from shared.analytics.eventdays.service import EventFigures
from shared.analytics.eventdays.telling import LiveFigures
from shared.analytics.heatmaps.service import Heatmaps
from shared.analytics.heatmaps.sums import HeatSums
from shared.analytics.ingest.aging import PAGE as PEOPLE_AGED
from shared.analytics.ingest.aging import Aging
from shared.analytics.ingest.archive import EventArchive
from shared.analytics.ingest.hooks import FigureHooks
from shared.analytics.ingest.profiles import Attendances
from shared.analytics.ingest.rebuild import ACTIVE, DAYS_BACK, Rebuild
from shared.analytics.ingest.service import Ingest
from shared.analytics.ingest.standing import PAGE as PEOPLE_ASKED
from shared.analytics.ingest.standing import Standing
from shared.analytics.intake.buffer import EventBuffer, Gathering, Packing
from shared.analytics.intake.handover import Handover
from shared.analytics.intake.service import Tracking
from shared.analytics.machines.repository import VerdictRepository
from shared.analytics.machines.restating import Restating
from shared.analytics.machines.service import Verdicts
from shared.people.assembly import People
from shared.people.errands import Nightly, Piece, UntilDone, Walk
from shared.people.hooks import Errand


class Insights(People):
    """Intake and ingest."""

    @cached_property
    def handover(self) -> Handover:
        """The way of batches to their worker."""
        return Handover(self.queues, self.documents)

    @cached_property
    def packing(self) -> Packing:
        """Events into messages."""
        return Packing(self.handover, self.clock, self.ids)

    @cached_property
    def events(self) -> EventBuffer:
        """Our own events on their way to the queue; handed over when this instance ends."""
        buffer = EventBuffer(self.packing, linger_ms=self.settings.activity_linger_ms)
        self.draining.append(buffer.drain)
        return buffer

    @cached_property
    def tracking(self) -> Tracking:
        """Events that others report, and our own."""
        gathering = Gathering(self.packing, linger_ms=self.settings.track_linger_ms)
        return Tracking(gathering, self.events, self.visitors, self.clock, self.ids)

    @cached_property
    def ingest(self) -> Ingest:
        """Events into rows and figures."""
        told = Attendances(self.profile_repository)
        return Ingest(self.analytics, told, self.standing, self.erasures, self.clock)

    @cached_property
    def standing(self) -> Standing:
        """What profiles tell figures."""
        return Standing(self.analytics, self.profile_repository, self.clock)

    @cached_property
    def figure_hooks(self) -> FigureHooks:
        """What figures do when people merge, leave, or stay away."""
        return FigureHooks(self.analytics, self.standing, self.clock)

    @cached_property
    def event_archive(self) -> EventArchive:
        """Old rows on their way into the archive."""
        return EventArchive(self.analytics)

    @cached_property
    def event_figures(self) -> EventFigures:
        """Figures of events."""
        return EventFigures(self.analytics, self.clock, self.live)

    @cached_property
    def live_figures(self) -> LiveFigures | None:
        """Tells listeners of figures that change; None where nobody can listen."""
        if self.live is None:
            return None
        every = self.settings.live_every_ms
        telling = LiveFigures(self.event_figures, self.live, self.clock, every_ms=every)
        self.draining.append(telling.drain)
        return telling

    @cached_property
    def heatmaps(self) -> Heatmaps:
        """When people log in."""
        return Heatmaps(self.analytics, self.clock)

    @cached_property
    def heat_sums(self) -> HeatSums:
        """Weeks and months of logins."""
        return HeatSums(self.analytics, self.clock)

    @cached_property
    def aging(self) -> Aging:
        """What changes with time alone."""
        return Aging(self.analytics, self.clock)

    @cached_property
    def aggregation(self) -> tuple[Errand, ...]:
        """What follows figures within a quarter of an hour: cities that grow old, profiles that nobody asked, operators' words on machines."""
        return (
            UntilDone("cities", self.aging.page, full=PEOPLE_AGED, most=20),
            UntilDone("standing", self.standing.catch_up, full=PEOPLE_ASKED, most=20),
            Restating(self.verdict_repository, self.analytics, self.figures_rebuild),
        )

    @cached_property
    def verdict_repository(self) -> VerdictRepository:
        """Where operators' words on machines are."""
        return VerdictRepository(self.documents)

    @cached_property
    def verdicts(self) -> Verdicts:
        """Operators' words on machines."""
        return Verdicts(self.verdict_repository, self.profile_repository, self.clock, self.ids)

    @cached_property
    def nightly_figures(self) -> tuple[Errand, ...]:
        """The night's work on figures: days and people proved, then weeks and months of days that are proved."""

        def proved(back: int) -> Piece:
            async def piece() -> int:
                return (await self.figures_rebuild.day(back)).compared

            return piece

        async def people(since: datetime, until: datetime) -> tuple[int, datetime | None]:
            proof, after = await self.figures_rebuild.people(since, until)
            return proof.compared, after

        documents, clock = self.documents, self.clock
        return (
            Nightly("days", [*map(proved, range(DAYS_BACK))], documents, clock),
            Walk("people", people, ACTIVE, documents, clock),
            Nightly("weeksAndMonths", [self.heat_sums.run], documents, clock),
        )

    @cached_property
    def figures_rebuild(self) -> Rebuild:
        """The nightly proof that figures are those of their rows."""
        return Rebuild(self.analytics, self.clock)
