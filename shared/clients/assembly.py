"""The clients that the settings name, built on first use; heavy SDKs are imported inside the factories."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from shared.clients.analytics.port import Analytics
from shared.clients.blobs.port import Blobs
from shared.clients.documents.port import Documents
from shared.clients.identity.port import Certificates, Directory, Verifier
from shared.clients.live.port import Live
from shared.clients.local_files import local_secrets
from shared.clients.push.port import Push
from shared.clients.queues.patience import coming_again
from shared.clients.queues.port import Queues
from shared.clients.webhooks.port import Webhooks
from shared.kernel.clock import Clock, SystemClock
from shared.kernel.ids import IdSource, UlidSource
from shared.kernel.settings import Settings

if TYPE_CHECKING:
    from shared.clients.identity.embedded import LocalIssuer


@dataclass
class Clients:
    """One worker's clients, time, chance and secrets; those that are handed in are taken instead."""

    settings: Settings = field(default_factory=Settings)
    clock: Clock = field(default_factory=SystemClock)
    given_ids: IdSource | None = None
    given_documents: Documents | None = None
    given_queues: Queues | None = None
    given_analytics: Analytics | None = None
    given_blobs: Blobs | None = None
    given_legacy: Analytics | None = None
    given_verifier: Verifier | None = None
    given_directory: Directory | None = None
    given_push: Push | None = None
    given_webhooks: Webhooks | None = None
    given_live: Live | None = None
    draining: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    """What hands over buffered work, in the order of registration, when this instance ends."""

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

    def coming_again(
        self, queue: str, body: str, until: datetime | None
    ) -> AbstractAsyncContextManager[None]:
        """Around the work on a queue's message, which is kept until then: while a store is away it comes again with a pause."""
        if until is None:
            return coming_again(self.queues, queue, body)
        # the worker leaves out the zone where the host names no offset; it is UTC
        left = (until if until.tzinfo else until.replace(tzinfo=UTC)) - self.clock.now()
        return coming_again(self.queues, queue, body, left=left)

    @cached_property
    def analytics(self) -> Analytics:
        """The store of figures that the settings name."""
        if self.given_analytics:
            return self.given_analytics
        if self.settings.analytics == "mongo":
            from shared.clients.analytics.mongo import MongoAnalytics

            return MongoAnalytics(self.settings)
        from shared.clients.analytics.embedded import EmbeddedAnalytics

        return EmbeddedAnalytics(self.settings.cabeceo_data / "analytics.sqlite")

    @cached_property
    def legacy(self) -> Analytics | None:
        """The former site's database beside that of the figures; None where the settings name none."""
        if self.given_legacy or not self.settings.legacy_database:
            return self.given_legacy
        client: Analytics
        if self.settings.analytics == "mongo":
            from shared.clients.analytics.mongo import MongoAnalytics

            there = {"mongodb_database": self.settings.legacy_database}
            client = MongoAnalytics(self.settings.model_copy(update=there))
        else:
            from shared.clients.analytics.embedded import EmbeddedAnalytics

            client = EmbeddedAnalytics(self.settings.cabeceo_data / f"{self.settings.legacy_database}.sqlite")
        self.draining.append(client.close)
        return client

    @cached_property
    def blobs(self) -> Blobs:
        """The blob store that the settings name."""
        if self.given_blobs:
            return self.given_blobs
        if self.settings.blobs == "azure":
            from shared.clients.blobs.azure import AzureBlobs

            return AzureBlobs(self.settings)
        from shared.clients.blobs.embedded import EmbeddedBlobs

        return EmbeddedBlobs(self.settings.cabeceo_data / "blobs")

    @cached_property
    def push(self) -> Push:
        """The push service that the settings name."""
        if self.given_push:
            return self.given_push
        if self.settings.push == "fcm":
            from shared.clients.push.fcm import FcmPush

            return FcmPush(self.settings)
        from shared.clients.push.embedded import EmbeddedPush

        return EmbeddedPush(self.settings.cabeceo_data / "push.sqlite", self.clock)

    @cached_property
    def webhooks(self) -> Webhooks | None:
        """Where ended broadcasts are told to; None where the settings name no address."""
        if self.given_webhooks or not self.settings.webhook_url:
            return self.given_webhooks
        from shared.clients.webhooks.http import HttpWebhooks

        return HttpWebhooks(self.settings.webhook_url, self.settings.webhook_secrets, self.clock)

    @cached_property
    def live(self) -> Live | None:
        """Who tells listeners of what changes; None where the settings name no service. Raises ValueError where they name it wrongly."""
        if self.given_live or not self.settings.web_pubsub_connection_string:
            return self.given_live
        from shared.clients.live.azure import WebPubSub

        live = WebPubSub(self.settings.web_pubsub_connection_string, self.settings.web_pubsub_hub, self.clock)
        self.draining.append(live.close)
        return live

    @cached_property
    def issuer(self) -> "LocalIssuer":
        """The local issuer of ID tokens. Raises RuntimeError when the settings name Firebase instead."""
        if self.settings.identity != "local":
            raise RuntimeError("tokens are issued by Firebase")
        from shared.clients.identity.embedded import LocalIssuer

        return LocalIssuer(self.settings.cabeceo_data, self.settings.google_cloud_project, self.clock)

    @cached_property
    def directory(self) -> Directory:
        """The accounts behind the tokens."""
        if self.given_directory:
            return self.given_directory
        if self.settings.identity == "local":
            return self.issuer
        from shared.clients.identity.firebase import FirebaseDirectory

        return FirebaseDirectory(self.settings)

    @cached_property
    def verifier(self) -> Verifier:
        """The check of ID tokens: the same code whoever issues them."""
        if self.given_verifier:
            return self.given_verifier
        from shared.clients.identity.tokens import TokenVerifier

        return TokenVerifier(
            self._certificates, self.directory, self.settings.google_cloud_project, self.clock
        )

    @cached_property
    def _certificates(self) -> Certificates:
        if self.settings.identity == "local":
            return self.issuer
        from shared.clients.identity.certificates import HttpCertificates

        return HttpCertificates(
            self.settings.firebase_certificates_url,
            self.clock,
            seconds=self.settings.store_timeout_seconds,
            attempts=self.settings.store_attempts,
        )

    @cached_property
    def hash_secret(self) -> str:
        """Key of visitor hashes: the setting, or outside production one that this installation made and keeps."""
        return self.settings.hash_secret or local_secrets(self.settings.cabeceo_data).hash_secret

    @cached_property
    def signing_secrets(self) -> list[str]:
        """Keys of ackTokens and cursors, newest first: as ``hash_secret``."""
        return self.settings.signing_secrets or local_secrets(self.settings.cabeceo_data).signing_secrets
