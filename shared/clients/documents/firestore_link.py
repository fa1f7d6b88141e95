"""One event loop's connection to Firestore: its RPCs, each with a deadline, without any retry, errors translated."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import google.auth
import grpc
import grpc.aio
from google.cloud.firestore_v1.services.firestore.transports.grpc_asyncio import FirestoreGrpcAsyncIOTransport
from google.cloud.firestore_v1.types import document, firestore

from shared.clients.errors import (
    AlreadyExists,
    Contended,
    Missing,
    Overloaded,
    Refused,
    Stale,
    StoreError,
    StoreUnavailable,
)
from shared.kernel.settings import Settings

MAX_IN_FLIGHT: Final = 100
"""Calls of one worker at a time: the streams that Google's front end gives one connection."""

_SCOPE: Final = "https://www.googleapis.com/auth/datastore"
_OPTIONS: Final = (
    ("grpc.enable_retries", 0),  # a commit sent twice by the channel could count twice
    ("grpc.service_config_disable_resolution", 1),
    ("grpc.keepalive_time_ms", 30_000),  # notices a dead link between calls
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 2_000),
    ("grpc.max_reconnect_backoff_ms", 5_000),  # a store that is back is found soon
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
)
_ERRORS: Final[dict[grpc.StatusCode, type[StoreError]]] = {
    grpc.StatusCode.ALREADY_EXISTS: AlreadyExists,
    grpc.StatusCode.NOT_FOUND: Missing,
    grpc.StatusCode.FAILED_PRECONDITION: Stale,
    grpc.StatusCode.ABORTED: Contended,
    grpc.StatusCode.INVALID_ARGUMENT: Refused,
    grpc.StatusCode.OUT_OF_RANGE: Refused,
    grpc.StatusCode.UNIMPLEMENTED: Refused,
    grpc.StatusCode.RESOURCE_EXHAUSTED: Overloaded,
}
"""What a status means; all others leave open what happened: StoreUnavailable."""


@dataclass(frozen=True)
class Rpc:
    """One method of Firestore's API."""

    name: str
    request: Any
    reply: Any
    streams: bool = False


GET: Final = Rpc("GetDocument", firestore.GetDocumentRequest.pb(), document.Document.pb())
BATCH_GET: Final = Rpc(
    "BatchGetDocuments",
    firestore.BatchGetDocumentsRequest.pb(),
    firestore.BatchGetDocumentsResponse.pb(),
    streams=True,
)
COMMIT: Final = Rpc("Commit", firestore.CommitRequest.pb(), firestore.CommitResponse.pb())


@dataclass(frozen=True)
class Serialized:
    """A request whose bytes are made already."""

    raw: bytes

    def SerializeToString(self) -> bytes:  # noqa: N802 - as a message calls it
        """The bytes."""
        return self.raw


RAW_COMMIT: Final = Rpc("Commit", Serialized, firestore.CommitResponse.pb())
"""The same, of a request in Firestore's wire format."""
QUERY: Final = Rpc("RunQuery", firestore.RunQueryRequest.pb(), firestore.RunQueryResponse.pb(), streams=True)
AGGREGATE: Final = Rpc(
    "RunAggregationQuery",
    firestore.RunAggregationQueryRequest.pb(),
    firestore.RunAggregationQueryResponse.pb(),
    streams=True,
)


class Link:
    """A channel and what goes with every call on it."""

    def __init__(self, channel: grpc.aio.Channel, settings: Settings) -> None:
        database = f"projects/{settings.google_cloud_project}/databases/{settings.firestore_database}"
        self._channel = channel
        self._seconds = settings.store_timeout_seconds
        self._slots = asyncio.Semaphore(MAX_IN_FLIGHT)
        self._methods: dict[Rpc, Callable[..., Any]] = {}
        metadata: tuple[tuple[str, str], ...] = (
            ("google-cloud-resource-prefix", database),
            (
                "x-goog-request-params",
                f"project_id={settings.google_cloud_project}&database_id={settings.firestore_database}",
            ),
        )
        if settings.firestore_emulator_host:
            metadata += (("authorization", "Bearer owner"),)
        self._metadata = grpc.aio.Metadata(*metadata)

    async def call(self, rpc: Rpc, **fields: Any) -> list[Any]:
        """The replies, one unless the method streams. Raises the errors of ``shared.clients.errors``."""
        request = rpc.request(**fields)
        async with self._slots:
            call = self._method(rpc)(request, timeout=self._seconds, metadata=self._metadata)
            try:
                return [reply async for reply in call] if rpc.streams else [await call]
            except grpc.aio.AioRpcError as error:
                raise translated(error.code(), error.details() or "") from None

    async def close(self) -> None:
        """Close the channel; calls that are running fail."""
        await self._channel.close()

    def _method(self, rpc: Rpc) -> Callable[..., Any]:
        if rpc not in self._methods:
            make = self._channel.unary_stream if rpc.streams else self._channel.unary_unary
            self._methods[rpc] = make(
                f"/google.firestore.v1.Firestore/{rpc.name}",
                request_serializer=rpc.request.SerializeToString,
                response_deserializer=rpc.reply.FromString,
            )
        return self._methods[rpc]


async def connect(settings: Settings) -> Link:
    """A link to the emulator that the settings name, else to the cloud with the machine's own credentials.

    Raises StoreUnavailable when there are none. The SDK's own look at FIRESTORE_EMULATOR_HOST is not used.
    """
    host = settings.firestore_emulator_host
    if host:
        return Link(grpc.aio.insecure_channel(host, options=_OPTIONS), settings)
    try:
        credentials, _ = await asyncio.to_thread(google.auth.default, scopes=(_SCOPE,))
    except google.auth.exceptions.GoogleAuthError:
        raise StoreUnavailable("no Google credentials") from None
    return Link(
        FirestoreGrpcAsyncIOTransport.create_channel(credentials=credentials, options=_OPTIONS), settings
    )


def translated(code: grpc.StatusCode, details: str) -> StoreError:
    """The port's error for a status. The details are not passed on: they quote document names."""
    if code is grpc.StatusCode.NOT_FOUND and details.startswith("The database"):
        return StoreUnavailable("there is no such database")
    return _ERRORS.get(code, StoreUnavailable)(code.name)
