"""The real queues: Azure Storage Queue, in the cloud or as Azurite (which needs ``--skipApiVersionCheck``).

At least once is all that is promised: a send whose answer was lost is tried again and may leave the message twice; a
receive whose answer was lost leaves its messages hidden until their visibility ends, with their counts raised.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, TypeVar
from weakref import WeakKeyDictionary

from azure.core.exceptions import AzureError, HttpResponseError, ResourceExistsError
from azure.storage.queue.aio import QueueClient

from shared.clients.bounded import bounded
from shared.clients.errors import Missing, Refused, Stale, StoreError, StoreUnavailable
from shared.clients.queues.connection import Connection
from shared.clients.queues.limits import check_hide, check_name, check_receive, check_send
from shared.clients.queues.port import ACTIVITY, MAX_TTL_SECONDS, QueueMessage
from shared.kernel.settings import Settings
from shared.kernel.telemetry import count

_CURABLE: Final = {401, 403, 408, 429}
"""Client errors that the next try or a repaired configuration may cure: nothing is wrong with the message."""

AnswerT = TypeVar("AnswerT")


class _NoSuchQueue(Missing):
    """Nobody has sent to the queue yet, so there is no such message either."""


_KNOWN: Final[dict[str, type[StoreError]]] = {
    "QueueNotFound": _NoSuchQueue,
    "MessageNotFound": Missing,
    "PopReceiptMismatch": Stale,
    "QueueBeingDeleted": StoreUnavailable,
}


class AzureQueues:
    """Queues of a storage account, named by ``AZUREWEBJOBSSTORAGE`` or ``AZUREWEBJOBSSTORAGE__QUEUESERVICEURI``.

    Connections belong to an event loop; each loop gets its own. One try of a call lasts at most
    ``store_timeout_seconds``, and there are at most ``store_attempts``; the SDK's own retries are off.
    """

    def __init__(self, settings: Settings) -> None:
        if not (settings.azurewebjobsstorage or settings.azurewebjobsstorage__queueserviceuri):
            raise ValueError("QUEUES=azure needs AZUREWEBJOBSSTORAGE or AZUREWEBJOBSSTORAGE__QUEUESERVICEURI")
        self._settings = settings
        self._connections: WeakKeyDictionary[asyncio.AbstractEventLoop, Connection] = WeakKeyDictionary()

    async def send(
        self, queue: str, body: str, *, delay_seconds: int = 0, ttl_seconds: int = MAX_TTL_SECONDS
    ) -> str:
        """Add a message and give its id; the queue is made when missing. Raises Refused."""
        check_send(queue, body, delay_seconds, ttl_seconds)

        async def add(client: QueueClient, _: int) -> str:
            sent = await client.send_message(body, visibility_timeout=delay_seconds, time_to_live=ttl_seconds)
            return str(sent.id)

        async def create(client: QueueClient, _: int) -> None:
            try:
                await client.create_queue()
            except ResourceExistsError as error:
                if _code(error) != "QueueAlreadyExists":
                    raise

        count("queue")
        try:
            return await self._call(queue, add)
        except _NoSuchQueue:
            await self._call(queue, create)
            return await self._call(queue, add)

    async def receive(
        self, queue: str, *, limit: int = 16, visibility_seconds: int = 30
    ) -> list[QueueMessage]:
        """Take up to 32 visible messages; none from a queue that nobody has sent to. Raises Refused."""
        check_receive(queue, limit, visibility_seconds)

        async def take(client: QueueClient, _: int) -> list[QueueMessage]:
            # one page is one request; the SDK's iterator would go on asking until the queue is empty
            pages = client.receive_messages(
                messages_per_page=limit, visibility_timeout=visibility_seconds
            ).by_page()
            async for page in pages:
                return [_message(found) async for found in page]
            return []

        count("queue")
        try:
            return await self._call(queue, take)
        except _NoSuchQueue:
            return []

    async def hide(self, queue: str, message: QueueMessage, *, visibility_seconds: int) -> QueueMessage:
        """Hide a received message for longer, or show it again (0). Raises Stale, Missing, Refused.

        When an answer was lost, the message may have a receipt that nobody knows: StoreUnavailable, and it comes again.
        """
        check_hide(queue, visibility_seconds)

        async def change(client: QueueClient, nth: int) -> QueueMessage:
            try:
                changed: Any = await client.update_message(
                    message.id, message.receipt, visibility_timeout=visibility_seconds
                )
            except HttpResponseError as error:
                if nth > 1 and _code(error) == "PopReceiptMismatch":
                    raise StoreUnavailable("perhaps hidden by a try whose answer was lost") from error
                raise
            return replace(message, receipt=str(changed.pop_receipt), next_visible_at=changed.next_visible_on)

        count("queue")
        return await self._call(queue, change)

    async def delete(self, queue: str, message: QueueMessage) -> None:
        """Remove a received message; one that is gone after a lost answer counts as removed. Raises Stale, Missing."""
        check_name(queue)

        async def remove(client: QueueClient, nth: int) -> None:
            try:
                await client.delete_message(message.id, message.receipt)
            except HttpResponseError as error:
                if nth == 1 or _code(error) != "MessageNotFound":
                    raise

        count("queue")
        await self._call(queue, remove)

    async def length(self, queue: str) -> int:
        """About how many messages there are, hidden ones included; 0 for a queue that was never used."""
        check_name(queue)

        async def ask(client: QueueClient, _: int) -> int:
            return int((await client.get_queue_properties()).approximate_message_count or 0)

        count("queue")
        try:
            return await self._call(queue, ask)
        except _NoSuchQueue:
            return 0

    async def oldest(self, queue: str) -> datetime | None:
        """When the message at the front came in; None where none is visible, or nobody has sent yet."""
        check_name(queue)

        async def peek(client: QueueClient, _: int) -> datetime | None:
            found: list[Any] = await client.peek_messages(max_messages=1)
            return found[0].inserted_on if found else None

        count("queue")
        try:
            return await self._call(queue, peek)
        except _NoSuchQueue:
            return None

    async def ping(self) -> None:
        """Reach the account, with no more rights than the app needs anyway."""
        await self.length(ACTIVITY)

    async def close(self) -> None:
        """Give back the connections of this event loop."""
        connection = self._connections.pop(asyncio.get_running_loop(), None)
        if connection:
            await connection.close()

    async def _call(self, queue: str, call: Callable[[QueueClient, int], Awaitable[AnswerT]]) -> AnswerT:
        loop = asyncio.get_running_loop()
        connection = self._connections.get(loop)
        if connection is None:
            connection = self._connections[loop] = Connection(self._settings)
        client = connection.client(queue)

        async def once(nth: int) -> AnswerT:
            try:
                return await call(client, nth)
            except AzureError as error:
                raise _translated(error) from error

        return await bounded(
            once, seconds=self._settings.store_timeout_seconds, attempts=self._settings.store_attempts
        )


def _translated(error: AzureError) -> StoreError:
    """What an SDK error means to a caller; everything but a clear refusal is StoreUnavailable."""
    if not isinstance(error, HttpResponseError):
        return StoreUnavailable("no answer")
    code, status = _code(error), error.status_code or 0
    if code in _KNOWN:
        return _KNOWN[code](code)
    if 400 <= status < 500 and status not in _CURABLE:  # noqa: PLR2004 - HTTP's client errors
        return Refused(f"answered {status} {code}")
    return StoreUnavailable(f"answered {status}")


def _code(error: HttpResponseError) -> str:
    """The service's name for an error; the SDK adds it as a plain attribute, text or a member of its enum."""
    code = getattr(error, "error_code", None) or ""
    return str(getattr(code, "value", code))


def _message(found: Any) -> QueueMessage:
    return QueueMessage(
        id=str(found.id),
        receipt=str(found.pop_receipt),
        body=found.content or "",
        dequeue_count=int(found.dequeue_count or 0),
        inserted_at=found.inserted_on,
        expires_at=found.expires_on,
        next_visible_at=found.next_visible_on,
    )
