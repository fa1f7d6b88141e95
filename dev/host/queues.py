"""Queue triggers, as the Functions host's listener treats messages (platform-facts.md §3, §4)."""

import asyncio
import json
import random
from collections.abc import Iterator
from typing import Any, Final

from azure.functions.meta import Datum
from azure.functions.queue import QueueMessageInConverter

from dev.host.config import QueueOptions
from dev.host.invoking import Pause, Runtime
from dev.host.loading import Function
from shared.clients.errors import Missing, Stale, StoreError
from shared.clients.queues.port import MAX_TTL_SECONDS, POISON_SUFFIX, QueueMessage, Queues
from shared.kernel.telemetry import log

HIDDEN_SECONDS: Final = 600
_FLOOR_SECONDS: Final = 0.1


class WakingQueues:
    """The app's own queue client, which also wakes this process's listener of a queue that is written to."""

    def __init__(self, queues: Queues) -> None:
        self.bells: dict[str, list[asyncio.Event]] = {}
        self._send = queues.send
        self.receive, self.hide, self.delete = queues.receive, queues.hide, queues.delete
        self.length, self.oldest, self.ping, self.close = (
            queues.length,
            queues.oldest,
            queues.ping,
            queues.close,
        )

    async def send(
        self, queue: str, body: str, *, delay_seconds: int = 0, ttl_seconds: int = MAX_TTL_SECONDS
    ) -> str:
        """Add a message and give its id; see the port."""
        ident = await self._send(queue, body, delay_seconds=delay_seconds, ttl_seconds=ttl_seconds)
        for bell in self.bells.get(queue, ()):
            bell.set()
        return ident


class QueueListener:
    """Polls one queue and runs one function on each message, many at a time."""

    def __init__(
        self, function: Function, queues: WakingQueues, options: QueueOptions, runtime: Runtime
    ) -> None:
        self._function, self._queues, self._options, self._runtime = function, queues, options, runtime
        self._queue: str = function.trigger["queueName"]
        self._poison = None if self._queue.endswith(POISON_SUFFIX) else self._queue + POISON_SUFFIX
        self._bell = asyncio.Event()
        self._running = 0
        self._stopping = False
        queues.bells.setdefault(self._queue, []).append(self._bell)

    def stop(self) -> None:
        """Take no more messages: ``run`` ends when the poll under way has."""
        self._stopping = True
        self._bell.set()

    async def run(self) -> None:
        """Poll until stopped; an empty queue is asked less and less often."""
        empty = 0
        while not self._stopping:
            self._bell.clear()
            if self._running > self._options.threshold:
                await self._bell.wait()
            elif await self._poll():
                empty = 0
            else:
                empty = 0 if await self._rest(empty) else empty + 1

    async def _poll(self) -> bool:
        try:
            batch = await self._queues.receive(
                self._queue, limit=self._options.batch_size, visibility_seconds=HIDDEN_SECONDS
            )
        except StoreError as error:
            log().warning("queue_poll_failed", queue=self._queue, error=type(error).__name__)
            return False
        for message in batch:
            self._running += 1
            self._runtime.start(self._process(message))
        return bool(batch)

    async def _rest(self, empty: int) -> bool:
        """Wait as long as that many empty polls before ask for; True when the bell ended it."""
        delay = _FLOOR_SECONDS * (1 + 2 ** min(empty, 20) * random.uniform(0.8, 1.2))  # noqa: S311 - jitter
        longest = self._options.max_polling_interval.total_seconds()
        pause = asyncio.ensure_future(self._runtime.pause(min(delay, longest)))
        bell = asyncio.create_task(self._bell.wait())
        await asyncio.wait({pause, bell}, return_when=asyncio.FIRST_COMPLETED)
        pause.cancel()
        bell.cancel()
        return self._bell.is_set()

    async def _process(self, message: QueueMessage) -> None:
        held = _Held(self._queues, self._queue, message)
        renewing = asyncio.create_task(held.renew(self._runtime.pause))
        tries = self._options.max_dequeue_count
        try:
            if self._stopping:
                await held.show(0)
            elif self._poison and message.dequeue_count > tries:
                await held.move(self._poison)
            elif await self._runtime.attempt(self._function, lambda: queue_value(message)):
                await held.delete()
            elif self._poison and message.dequeue_count == tries:
                await held.move(self._poison)
            elif self._poison:  # what fails in a poison queue stays hidden, or it would fail in a tight loop
                await held.show(int(self._options.visibility_timeout.total_seconds()))
        except asyncio.CancelledError:
            await held.show(0)
            raise
        except StoreError as error:  # the message shows by itself
            log().warning("queue_message_left", queue=self._queue, error=type(error).__name__)
        finally:
            renewing.cancel()
            self._running -= 1
            self._bell.set()


class _Held:
    """A message in our hands, hidden again and again until it is shown, deleted or moved."""

    def __init__(self, queues: Queues, queue: str, message: QueueMessage) -> None:
        self._queues, self._queue, self._message = queues, queue, message
        self._receipt = asyncio.Lock()  # each call needs the receipt that the one before was given

    async def renew(self, pause: Pause) -> None:
        """Hide it anew at half the time, until cancelled or overtaken."""
        delay = HIDDEN_SECONDS / 2
        while True:
            await pause(delay)
            try:
                await self.show(HIDDEN_SECONDS)
                delay = HIDDEN_SECONDS / 2
            except (Stale, Missing):
                return
            except StoreError:
                delay = HIDDEN_SECONDS / 20

    async def show(self, seconds: int) -> None:
        """Show it again after some seconds."""
        async with self._receipt:
            self._message = await self._queues.hide(self._queue, self._message, visibility_seconds=seconds)

    async def delete(self) -> None:
        """Be done with it."""
        async with self._receipt:
            await self._queues.delete(self._queue, self._message)

    async def move(self, poison: str) -> None:
        """Copy first, so that a fault between the two doubles the message and does not lose it."""
        await self._queues.send(poison, self._message.body)
        await self.delete()
        log().error("queue_message_poisoned", queue=self._queue, message=self._message.id)


def queue_value(message: QueueMessage) -> Any:
    """The func.QueueMessage that the real worker's converter makes of a message.

    Top-level values of a JSON body overwrite the metadata of the same name, whatever its case, as the host does it:
    a body's ``id`` becomes the message's, and an ``expirationTime`` that is no date raises ValueError.
    """
    texts = {
        "Id": message.id,
        "DequeueCount": str(message.dequeue_count),
        "InsertionTime": message.inserted_at.isoformat(),
        "ExpirationTime": message.expires_at.isoformat(),
        "NextVisibleTime": message.next_visible_at.isoformat(),
        "PopReceipt": message.receipt,
    }
    names = {name.lower(): name for name in texts}
    for name, text in _top_level_texts(message.body):
        texts[names.get(name.lower(), name)] = text
    metadata = {name: Datum(text, "string") for name, text in texts.items()}
    return QueueMessageInConverter.decode(Datum(message.body, "string"), trigger_metadata=metadata)


def _top_level_texts(body: str) -> Iterator[tuple[str, str]]:
    """Names and values of a JSON object as .NET writes them; lists are left out."""
    try:
        values = json.loads(body)
    except ValueError:
        return
    for name, value in values.items() if isinstance(values, dict) else ():
        if isinstance(value, str | bool | int | float):
            yield name, str(value)
        elif not isinstance(value, list):
            yield name, json.dumps(value) if value else ""
