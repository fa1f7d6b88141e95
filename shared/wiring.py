"""The composition root: builds clients, repositories and services once per worker; tests hand in overrides.

Everything is built on first use and heavy SDKs are imported inside the factories: cold start is measured.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from shared.clients import app_insights
from shared.clients.documents.port import Documents
from shared.clients.identity.port import Directory, Verifier
from shared.clients.queues.port import Queues
from shared.kernel import telemetry
from shared.kernel.clock import Clock, SystemClock
from shared.kernel.ids import IdSource, UlidSource
from shared.kernel.pagination import Cursors
from shared.kernel.rates import Meter
from shared.kernel.settings import Settings
from shared.messaging.campaigns.models import Campaign
from shared.messaging.campaigns.service import Campaigns
from shared.messaging.deliveries.repository import DeliveryRepository
from shared.messaging.deliveries.tokens import AckTokens


@dataclass
class App:
    """One worker's objects. Any client may be handed in; what is not is built from the settings."""

    settings: Settings = field(default_factory=Settings)
    clock: Clock = field(default_factory=SystemClock)
    given_ids: IdSource | None = None
    given_documents: Documents | None = None
    given_queues: Queues | None = None
    given_verifier: Verifier | None = None
    given_directory: Directory | None = None

    campaign_listeners: list[Callable[[Campaign], None]] = field(default_factory=list)
    """Told of every campaign stored by this instance, so that it decides with it at once."""

    @cached_property
    def ids(self) -> IdSource:
        """New ids."""
        return self.given_ids or UlidSource(self.clock)

    @cached_property
    def documents(self) -> Documents:
        """The document store that the settings name."""
        if self.given_documents:
            return self.given_documents
        if self.settings.documents == "firestore":
            from shared.clients.documents.firestore import FirestoreDocuments

            return FirestoreDocuments(self.settings)
        from shared.clients.documents.embedded import EmbeddedDocuments

        return EmbeddedDocuments(self.settings.cabeceo_data / "documents.sqlite", self.clock)

    @cached_property
    def queues(self) -> Queues:
        """The queue service that the settings name."""
        if self.given_queues:
            return self.given_queues
        if self.settings.queues == "azure":
            from shared.clients.queues.azure import AzureQueues

            return AzureQueues(self.settings)
        from shared.clients.queues.embedded import EmbeddedQueues

        return EmbeddedQueues(self.settings.cabeceo_data / "queues.sqlite", self.clock)

    @cached_property
    def cursors(self) -> Cursors:
        """Signed list cursors."""
        return Cursors(self.settings.signing_secrets)

    @cached_property
    def meter(self) -> Meter:
        """This instance's rate limits."""
        return Meter(self.clock)

    @cached_property
    def campaigns(self) -> Campaigns:
        """Campaigns for admins and organizers, and the active ones for decisions."""

        def changed(campaign: Campaign) -> None:
            for listener in self.campaign_listeners:
                listener(campaign)

        return Campaigns(self.documents, self.clock, self.ids, self.cursors, changed)

    @cached_property
    def deliveries(self) -> DeliveryRepository:
        """Deliveries of this installation."""
        return DeliveryRepository(self.documents, self.settings.cabeceo_env)

    @cached_property
    def ack_tokens(self) -> AckTokens:
        """Tokens with which visitors report on their deliveries."""
        return AckTokens(self.settings.signing_secrets)


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
    telemetry.configure_logging(settings.log_level)
    app_insights.configure(settings.applicationinsights_connection_string)
