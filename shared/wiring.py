"""The composition root: builds clients, repositories and services once per worker; tests hand in overrides.

Everything is built on first use and heavy SDKs are imported inside the factories: cold start is measured.
"""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from shared.analytics.audiences import Audiences
from shared.analytics.ingest.epochs import Epochs
from shared.analytics.intake.hooks import StagedHooks
from shared.analytics.intake.staging import Staging
from shared.clients import app_insights
from shared.experience.ack.service import Acknowledgements
from shared.experience.decide.catalog import Catalog
from shared.experience.decide.service import Decisions
from shared.experience.history.hooks import DecisionHooks
from shared.experience.history.log import DecisionLog
from shared.experience.history.repository import DecisionRepository
from shared.experience.history.service import History
from shared.experience.less.service import LessOfThis
from shared.experience.readers import Readers
from shared.experience.simulate.service import Simulations
from shared.experience.visits.buffer import ActivityBuffer
from shared.experience.visits.service import Visits
from shared.experience.visits.worker import ActivityWorker
from shared.kernel import telemetry
from shared.kernel.rates import Meter
from shared.messaging.broadcasts.assembly import Broadcasting
from shared.messaging.broadcasts.hooks import BroadcastHooks
from shared.messaging.campaigns.models import Campaign
from shared.messaging.campaigns.tags import asked_tags
from shared.messaging.deliveries.hooks import DeliveryHooks
from shared.messaging.deliveries.tokens import AckTokens
from shared.messaging.reports.repository import COLLECTION as REPORTS
from shared.messaging.reports.repository import SHOWN as SHOWN_OF_REPORTS
from shared.messaging.threads.hooks import ThreadHooks
from shared.ops.assembly import Operations
from shared.ops.jobs.hooks import JobHooks
from shared.ops.jobs.runner import JobRunner
from shared.ops.jobs.service import Jobs
from shared.ops.replay import Replays
from shared.people.audit import AuditHooks
from shared.people.consent.hooks import ConsentHooks
from shared.people.consent.ledger import Ledger
from shared.people.consent.links import ConsentLinks
from shared.people.consent.service import Consents
from shared.people.devices.service import COLLECTION as DEVICES
from shared.people.devices.service import Devices
from shared.people.favorites.service import Favorites
from shared.people.flags import PersonFlags
from shared.people.hooks import OwnedDocuments, PersonHooks
from shared.people.merges import Merges
from shared.people.organizers import OrganizerNames
from shared.people.preferences.service import PreferenceCentre
from shared.people.profiles.hooks import ProfileHooks
from shared.people.profiles.service import Profiles
from shared.people.roles import RoleGrants
from shared.people.sync.hooks import FormerSiteHooks


@dataclass
class App(Audiences, Operations):
    """One worker's objects. Any client may be handed in; what is not is built from the settings."""

    @cached_property
    def meter(self) -> Meter:
        """This instance's rate limits."""
        return Meter(self.clock)

    async def asked_tags(self) -> set[str]:
        """The tags that running campaigns ask for."""
        return asked_tags(await self.campaigns.active())

    @cached_property
    def ack_tokens(self) -> AckTokens:
        """Tokens with which visitors report on their deliveries."""
        return AckTokens(self.signing_secrets)

    @cached_property
    def profiles(self) -> Profiles:
        """What people say of themselves, and an operator's look at them."""
        return Profiles(self.profile_repository, self.profile_news, self.clock)

    @cached_property
    def consent_ledger(self) -> Ledger:
        """Writes what people agree to."""
        return Ledger(self.documents, self.profile_repository, self.clock, self.ids)

    @cached_property
    def consent_links(self) -> ConsentLinks:
        """Links in messages, to confirm and to unsubscribe."""
        return ConsentLinks(self.signing_secrets, self.settings.public_url)

    @cached_property
    def consents(self) -> Consents:
        """What people agree to."""
        return Consents(
            documents=self.documents,
            profiles=self.profile_repository,
            ledger=self.consent_ledger,
            links=self.consent_links,
            clock=self.clock,
            cursors=self.cursors,
        )

    @cached_property
    def devices(self) -> Devices:
        """Where push notifications reach people."""
        return Devices(self.documents, self.push, self.clock)

    @cached_property
    def favorites(self) -> Favorites:
        """Favourites of people, followers of organizers."""
        return Favorites(
            self.documents, self.profile_repository, self.consent_ledger, self.cursors, self.tracking.favorite
        )

    @cached_property
    def broadcasting(self) -> Broadcasting:
        """Messages of organizers to many."""
        return Broadcasting(self)

    @cached_property
    def preferences(self) -> PreferenceCentre:
        """What people want less of."""
        return PreferenceCentre(self.profile_repository, self.consent_ledger)

    @cached_property
    def person_flags(self) -> PersonFlags:
        """Flags of people."""
        return PersonFlags(self.profile_repository, self.clock, self.ids)

    @cached_property
    def role_grants(self) -> RoleGrants:
        """Roles of accounts."""
        return RoleGrants(
            repository=self.profile_repository,
            erasures=self.erasures,
            directory=self.directory,
            queues=self.queues,
            clock=self.clock,
            ids=self.ids,
        )

    @cached_property
    def catalog(self) -> Catalog:
        """The campaigns that this instance decides with; hears of what it stores itself."""

        async def load() -> list[Campaign]:
            found = await self.campaigns.active()
            self.organizer_names.learn(each.organizer_id for each in found if each.organizer_id)
            return found

        catalog = Catalog(load, self.clock, max_age_seconds=self.settings.campaign_refresh_seconds)
        self.campaign_listeners.append(catalog.apply)
        return catalog

    @cached_property
    def activity(self) -> ActivityBuffer:
        """Visits on their way to the queue; handed over when this instance ends."""
        buffer = ActivityBuffer(
            self.handover, self.clock, self.ids, linger_ms=self.settings.activity_linger_ms
        )
        self.draining.append(buffer.drain)
        return buffer

    @cached_property
    def person_hooks(self) -> tuple[PersonHooks, ...]:
        """What each area does when a person is merged, exported or erased, and when time has passed."""
        operations = OwnedDocuments(
            self.documents,
            "operations",
            owner="personKey",
            shown=("kind", "state", "status", "expiresAt"),
            expiry="expiresAt",
        )
        reports = OwnedDocuments(
            self.documents,
            REPORTS,
            owner="personKey",
            shown=SHOWN_OF_REPORTS,
            expiry="expiresAt",
            name="reports",
        )
        return (
            ProfileHooks(self.documents, self.erasures),  # first: no decision follows a profile that is gone
            *([FormerSiteHooks(self.legacy)] if self.legacy else []),
            ConsentHooks(self.documents),
            self.segment_hooks,  # still has to learn whose numbers they were
            self.figure_hooks,
            OwnedDocuments(
                self.documents,
                DEVICES,
                owner="personKey",
                shown=("platform", "label", "createdAt", "seenAt"),
                expiry="expiresAt",
            ),
            DeliveryHooks(self.documents, self.deliveries.collection),
            self.archive_hooks,
            BroadcastHooks(self.documents),
            ThreadHooks(self.documents, timedelta(days=self.settings.thread_retention_days)),
            reports,
            DecisionHooks(self.documents),
            AuditHooks(self.documents),
            operations,
            JobHooks(self.job_repository, self.hash_secret),
            StagedHooks(self.documents),
        )

    @cached_property
    def jobs(self) -> Jobs:
        """Jobs for their owners and for operators."""
        parts = [hook.name for hook in self.person_hooks]
        errands = {kind: [each.name for each in steps] for kind, steps in self.errands.items()}
        errands["segments"] = ["shards", "tags"]
        return Jobs(self.job_repository, parts, self.hash_secret, self.cursors, self.clock, errands=errands)

    @cached_property
    def job_runner(self) -> JobRunner:
        """The worker of jobs."""
        jobs, hooks = self.job_repository, self.person_hooks
        return JobRunner(jobs, hooks, self.profile_repository, self.clock, self.ids, errands=self.errands)

    @cached_property
    def merges(self) -> Merges:
        """Visitors into the people they turn out to be."""
        return Merges(self.documents, self.profile_repository, self.person_hooks)

    @cached_property
    def organizer_names(self) -> OrganizerNames:
        """What organizers are called."""
        names = OrganizerNames(self.documents, self.clock)
        self.draining.append(names.settled)
        return names

    @cached_property
    def decision_log(self) -> DecisionLog:
        """Decisions on their way to where they are kept; handed over when this instance ends."""
        log = DecisionLog(
            self.documents,
            linger_ms=self.settings.activity_linger_ms,
            share=self.settings.decision_sample_share,
            budget=self.budget,
        )
        self.draining.append(log.drain)
        return log

    @cached_property
    def visits(self) -> Visits:
        """Visits into profiles."""
        return Visits(self.profile_repository, self.merges, self.erasures, self.visitors, self.clock)

    @cached_property
    def epochs(self) -> Epochs:
        """Visitors' behaviour from one epoch into the next."""
        return Epochs(self.analytics, (self.segment_hooks, self.figure_hooks, self.archive_hooks))

    @cached_property
    def activity_worker(self) -> ActivityWorker:
        """What the queue ``activity`` brings."""
        return ActivityWorker(self.visits, self.epochs, self.ingest, self.handover, self.live_figures)

    @cached_property
    def activity_staging(self) -> Staging:
        """What the queue ``activity`` could not take."""
        return Staging(self.documents, self.activity_worker)

    @cached_property
    def replays(self) -> Replays:
        """What failed, put back."""
        return Replays(self.queues, self.activity_staging, self.clock)

    @cached_property
    def decisions(self) -> Decisions:
        """What a person is shown."""
        return Decisions(
            documents=self.documents,
            profiles=self.profile_repository,
            deliveries=self.deliveries,
            catalog=self.catalog,
            visitors=self.visitors,
            tokens=self.ack_tokens,
            activity=self.activity,
            log=self.decision_log,
            names=self.organizer_names,
            settings=self.settings,
            clock=self.clock,
            ids=self.ids,
        )

    @cached_property
    def history(self) -> History:
        """Decisions of the last days."""
        return History(
            decisions=DecisionRepository(self.documents),
            campaigns=self.campaigns,
            catalog=self.catalog,
            profiles=self.profile_repository,
            settings=self.settings,
            clock=self.clock,
        )

    @cached_property
    def simulations(self) -> Simulations:
        """Drafts tried on the real profiles."""
        return Simulations(
            campaigns=self.campaigns,
            catalog=self.catalog,
            profiles=self.profile_repository,
            meter=self.meter,
            budget=self.budget,
            settings=self.settings,
            clock=self.clock,
        )

    @cached_property
    def readers(self) -> Readers:
        """Who may speak of a delivery."""
        return Readers(self.profile_repository, self.deliveries, self.ack_tokens, self.clock)

    @cached_property
    def less_of_this(self) -> LessOfThis:
        """What readers want less of."""
        return LessOfThis(
            documents=self.documents,
            profiles=self.profile_repository,
            deliveries=self.deliveries,
            readers=self.readers,
            settings=self.settings,
            clock=self.clock,
        )

    @cached_property
    def acknowledgements(self) -> Acknowledgements:
        """Readers' reports."""
        return Acknowledgements(
            documents=self.documents,
            profiles=self.profile_repository,
            deliveries=self.deliveries,
            readers=self.readers,
            tracking=self.tracking,
            clock=self.clock,
        )

    async def close(self) -> None:
        """Hand over what is buffered, then give back the connections of the clients that were built."""
        async with AsyncExitStack() as stack:  # runs them all, last one first, even when one fails
            clients = {"documents", "queues", "blobs", "analytics", "directory", "push"}
            for name in clients & self.__dict__.keys():
                stack.push_async_callback(self.__dict__[name].close)
            for drain in reversed(self.draining):
                stack.push_async_callback(drain)


_app: App | None = None


def app() -> App:
    """This worker's objects, built on the first call."""
    global _app  # noqa: PLW0603 - one per worker process is what the platform offers
    if _app is None:
        _app = App()
    return _app


def use(replacement: App | None) -> None:
    """Put other objects in place (tests, the local host); None makes the next call build anew."""
    global _app  # noqa: PLW0603 - as above
    _app = replacement


def start() -> None:
    """Begin a worker: read the settings, which raises where they do not fit together, and begin to report."""
    settings = app().settings
    _ = app().tiers, app().live
    telemetry.configure_logging(settings.log_level)
    app_insights.configure(settings.applicationinsights_connection_string)
    telemetry.after_each(lambda: app().usage.beat())  # noqa: PLW0108 - whichever app is in place then
