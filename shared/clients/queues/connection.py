"""How the real queues are reached: one event loop's connection to a storage account, with the SDK's surprises taken out."""

import base64
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
from azure.core.pipeline.transport import AioHttpTransport
from azure.storage.queue import TextBase64DecodePolicy, TextBase64EncodePolicy
from azure.storage.queue.aio import QueueClient, QueueServiceClient

from shared.kernel.settings import Settings


class Connection:
    """One event loop's service client, its queue clients and, with a managed identity, its credential."""

    def __init__(self, settings: Settings) -> None:
        self._opened = AsyncExitStack()
        session = aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False, middlewares=(_one_try,)
        )
        options: dict[str, Any] = {"retry_total": 0, "transport": AioHttpTransport(session=session)}
        if settings.azurewebjobsstorage:
            self._service = QueueServiceClient.from_connection_string(settings.azurewebjobsstorage, **options)
        else:
            from azure.identity.aio import DefaultAzureCredential

            credential = DefaultAzureCredential()
            self._opened.push_async_callback(credential.close)
            self._service = QueueServiceClient(
                settings.azurewebjobsstorage__queueserviceuri, credential, **options
            )
        self._opened.push_async_callback(self._service.close)
        self._clients: dict[str, QueueClient] = {}

    def client(self, queue: str) -> QueueClient:
        """The client of one queue, made once; text travels as base64 both ways (platform-facts.md §4)."""
        if queue not in self._clients:
            self._clients[queue] = self._service.get_queue_client(
                queue,
                message_encode_policy=TextBase64EncodePolicy(),
                message_decode_policy=_ForgivingDecodePolicy(),
            )
        return self._clients[queue]

    async def close(self) -> None:
        """Close the sockets."""
        await self._opened.aclose()


class _ForgivingDecodePolicy(TextBase64DecodePolicy):
    """Base64 as we send it; a stranger's plain text comes as it is, to be judged and parked by its handler.

    The SDK's own policy fails the whole batch for one such message, again and again.
    """

    def decode(self, content: str, response: Any) -> str:
        try:
            return base64.b64decode(content, validate=True).decode()
        except ValueError:
            return content


async def _one_try(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Stop aiohttp's own silent second try, after which we would not know that the first may have had its effect."""
    try:
        return await handler(request)
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise aiohttp.ClientError("no answer") from error
