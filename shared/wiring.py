"""The composition root: builds clients, repositories and services once per worker; tests hand in overrides.

Everything is built on first use and heavy SDKs are imported inside the factories: cold start is measured.
"""

from dataclasses import dataclass, field
from functools import cached_property

from shared.clients.documents.port import Documents
from shared.clients.identity.port import Directory, Verifier
from shared.clients.queues.port import Queues
from shared.kernel.clock import Clock, SystemClock
from shared.kernel.ids import IdSource, UlidSource
from shared.kernel.pagination import Cursors
from shared.kernel.settings import Settings


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
