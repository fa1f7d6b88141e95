"""Queues that fail as told, around any other: for the resilience tests of whoever sends and receives."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from enum import Enum, auto
from typing import TypeVar

from shared.clients.errors import StoreUnavailable
from shared.clients.queues.port import MAX_TTL_SECONDS, QueueMessage, Queues

AnswerT = TypeVar("AnswerT")


class Fault(Enum):
    """What happens to one call; both look the same to the caller, as StoreUnavailable."""

    REFUSED = auto()
    """Nothing reaches the queue."""
    LOST = auto()
    """The effect happens, its answer is lost."""


class FaultyQueues:
    """A queue service that follows a script and then works again.

    ``FaultyQueues(inner, send=[Fault.REFUSED, None, Fault.LOST])`` refuses the first send, lets the second pass, and
    loses the answer of the third. While ``down`` is true every call is refused, whatever the script says.
    """

    def __init__(self, inner: Queues, **script: Iterable[Fault | None]) -> None:
        self._inner = inner
        self._script = {method: iter(faults) for method, faults in script.items()}
        self.down = False

    async def send(
        self, queue: str, body: str, *, delay_seconds: int = 0, ttl_seconds: int = MAX_TTL_SECONDS
    ) -> str:
        return await self._call(
            "send",
            lambda: self._inner.send(queue, body, delay_seconds=delay_seconds, ttl_seconds=ttl_seconds),
        )

    async def receive(
        self, queue: str, *, limit: int = 16, visibility_seconds: int = 30
    ) -> list[QueueMessage]:
        return await self._call(
            "receive",
            lambda: self._inner.receive(queue, limit=limit, visibility_seconds=visibility_seconds),
        )

    async def hide(self, queue: str, message: QueueMessage, *, visibility_seconds: int) -> QueueMessage:
        return await self._call(
            "hide", lambda: self._inner.hide(queue, message, visibility_seconds=visibility_seconds)
        )

    async def delete(self, queue: str, message: QueueMessage) -> None:
        await self._call("delete", lambda: self._inner.delete(queue, message))

    async def oldest(self, queue: str) -> datetime | None:
        return await self._call("oldest", lambda: self._inner.oldest(queue))

    async def length(self, queue: str) -> int:
        return await self._call("length", lambda: self._inner.length(queue))

    async def ping(self) -> None:
        await self._call("ping", self._inner.ping)

    async def close(self) -> None:
        await self._inner.close()

    async def _call(self, method: str, call: Callable[[], Awaitable[AnswerT]]) -> AnswerT:
        fault = Fault.REFUSED if self.down else next(self._script.get(method, iter(())), None)
        if fault is Fault.REFUSED:
            raise StoreUnavailable("scripted: refused")
        answer = await call()
        if fault is Fault.LOST:
            raise StoreUnavailable("scripted: answer lost")
        return answer
