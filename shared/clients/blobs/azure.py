"""The real blobs: Azure Blob Storage, in the cloud or as Azurite."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from typing import Any, Final, TypeVar
from weakref import WeakKeyDictionary

from azure.core.exceptions import AzureError, HttpResponseError
from azure.storage.blob.aio import BlobServiceClient, ContainerClient

from shared.clients.blobs.port import MAX_BYTES, check, check_name
from shared.clients.bounded import bounded
from shared.clients.errors import AlreadyExists, Missing, Refused, StoreError, StoreUnavailable
from shared.kernel.settings import Settings

_CURABLE: Final = {401, 403, 408, 429}
AnswerT = TypeVar("AnswerT")


class _NoSuchContainer(Missing):
    """Nobody has written to it yet."""


_KNOWN: Final[dict[str, type[StoreError]]] = {
    "BlobNotFound": Missing,
    "ContainerNotFound": _NoSuchContainer,
    "BlobAlreadyExists": AlreadyExists,
    "ContainerAlreadyExists": AlreadyExists,
    "ContainerBeingDeleted": StoreUnavailable,
}


class AzureBlobs:
    """The container ``archive_container`` of the app's storage account, made when missing.

    Connections belong to an event loop; each loop gets its own. One try of a call lasts at most ``blob_timeout_seconds``, and
    there are at most ``store_attempts``; the SDK's own retries are off.
    """

    def __init__(self, settings: Settings) -> None:
        if not (settings.azurewebjobsstorage or settings.azurewebjobsstorage__blobserviceuri):
            raise ValueError("BLOBS=azure needs AZUREWEBJOBSSTORAGE or AZUREWEBJOBSSTORAGE__BLOBSERVICEURI")
        self._settings = settings
        self._opened: WeakKeyDictionary[asyncio.AbstractEventLoop, tuple[AsyncExitStack, ContainerClient]] = (
            WeakKeyDictionary()
        )

    async def create(self, name: str, body: bytes) -> None:
        """Write a new blob in one request. Raises AlreadyExists (perhaps by a try whose answer was lost), Refused."""
        check(name, body)

        async def put(container: ContainerClient) -> None:
            await container.upload_blob(name, body, length=len(body), overwrite=False)

        async def make(container: ContainerClient) -> None:
            await container.create_container()

        try:
            await self._call(put)
        except _NoSuchContainer:
            with suppress(AlreadyExists):
                await self._call(make)
            await self._call(put)

    async def read(self, name: str) -> bytes | None:
        """All of a blob, or None. Raises Refused."""
        check_name(name)

        async def get(container: ContainerClient) -> bytes:
            return bytes(await (await container.download_blob(name)).readall())

        try:
            return await self._call(get)
        except Missing:
            return None

    async def close(self) -> None:
        """Give back the connections of this event loop."""
        opened = self._opened.pop(asyncio.get_running_loop(), None)
        if opened:
            await opened[0].aclose()

    async def _call(self, call: Callable[[ContainerClient], Awaitable[AnswerT]]) -> AnswerT:
        loop = asyncio.get_running_loop()
        if loop not in self._opened:
            self._opened[loop] = _connect(self._settings)
        container = self._opened[loop][1]

        async def once(_: int) -> AnswerT:
            try:
                return await call(container)
            except AzureError as error:
                raise _translated(error) from error

        return await bounded(
            once, seconds=self._settings.blob_timeout_seconds, attempts=self._settings.store_attempts
        )


def _connect(settings: Settings) -> tuple[AsyncExitStack, ContainerClient]:
    opened = AsyncExitStack()
    options: dict[str, Any] = {"retry_total": 0, "max_single_put_size": MAX_BYTES}
    if settings.azurewebjobsstorage:
        service = BlobServiceClient.from_connection_string(settings.azurewebjobsstorage, **options)
    else:
        from azure.identity.aio import DefaultAzureCredential

        credential = DefaultAzureCredential()
        opened.push_async_callback(credential.close)
        service = BlobServiceClient(settings.azurewebjobsstorage__blobserviceuri, credential, **options)
    opened.push_async_callback(service.close)
    return opened, service.get_container_client(settings.archive_container)


def _translated(error: AzureError) -> StoreError:
    """What an SDK error means to a caller; everything but a clear refusal is StoreUnavailable."""
    if not isinstance(error, HttpResponseError):
        return StoreUnavailable("no answer")
    code, status = getattr(error, "error_code", None) or "", error.status_code or 0
    code = str(getattr(code, "value", code))
    if code in _KNOWN:
        return _KNOWN[code](code)
    if 400 <= status < 500 and status not in _CURABLE:  # noqa: PLR2004 - HTTP's client errors
        return Refused(f"answered {status} {code}")
    return StoreUnavailable(f"answered {status}")
