"""A document store that fails on purpose, around any other one."""

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from shared.clients.documents.port import Alike, Documents, Query, Snapshot, Transaction, Write
from shared.clients.errors import StoreError, StoreUnavailable

Method = Literal["get", "get_many", "commit", "create_alike", "query", "count", "transaction", "ping"]
ResultT = TypeVar("ResultT")


@dataclass(frozen=True)
class Before:
    """The call fails and has no effect. ``Before(Refused("…"))`` is a store that would never take it."""

    error: StoreError = field(default_factory=StoreUnavailable)


@dataclass(frozen=True)
class After:
    """The call has its effect, but the answer is lost."""

    error: StoreError = field(default_factory=StoreUnavailable)


@dataclass(frozen=True)
class Slow:
    """The call waits until the event is set, then has its effect. ``reached`` is set when it begins to wait."""

    until: asyncio.Event
    reached: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True)
class Twice:
    """The answer is lost on its way to the store's own client, which sends the call again by itself, as Firestore's does."""


Fault = Before | After | Slow | Twice


class FaultyDocuments:
    """Documents that fail as told: by script (``then``, ``always``) or by chance from a seed (``by_chance``).

    Scripted faults go first, in order, one a call. A transaction fails as a whole; its body always runs unharmed.
    ``fired`` counts the faults that happened.
    """

    def __init__(self, inner: Documents) -> None:
        self.inner = inner
        self._script: dict[Method, deque[Fault | None]] = {}
        self._standing: dict[Method, Fault] = {}
        self._chances: dict[Method, list[tuple[Fault, float]]] = {}
        self._random = random.Random(0)
        self.fired = 0

    def then(self, method: Method, *faults: Fault | None) -> "FaultyDocuments":
        """The next calls of a method meet these faults; None is a call that goes well."""
        self._script.setdefault(method, deque()).extend(faults)
        return self

    def always(self, *methods: Method, fault: Fault | None = None) -> "FaultyDocuments":
        """Every call of these methods meets the fault (StoreUnavailable, no effect) until ``heal``."""
        self._standing.update(dict.fromkeys(methods, fault or Before()))
        return self

    def by_chance(self, method: Method, *chances: tuple[Fault, float], seed: int) -> "FaultyDocuments":
        """Calls of a method meet each fault with its probability; the same seed gives the same course."""
        self._chances[method] = list(chances)
        self._random = random.Random(seed)
        return self

    def heal(self) -> None:
        """No more faults."""
        self._script.clear()
        self._standing.clear()
        self._chances.clear()

    async def get(self, path: str) -> Snapshot | None:
        """As the port's."""
        return await self._call("get", lambda: self.inner.get(path))

    async def get_many(self, paths: Sequence[str]) -> list[Snapshot | None]:
        """As the port's."""
        return await self._call("get_many", lambda: self.inner.get_many(paths))

    async def commit(self, writes: Sequence[Write]) -> int:
        """As the port's."""
        return await self._call("commit", lambda: self.inner.commit(writes))

    async def create_alike(self, batch: Alike, also: Sequence[Write] = ()) -> int:
        """As the port's."""
        return await self._call("create_alike", lambda: self.inner.create_alike(batch, also))

    async def query(self, query: Query) -> list[Snapshot]:
        """As the port's."""
        return await self._call("query", lambda: self.inner.query(query))

    async def count(self, query: Query) -> int:
        """As the port's."""
        return await self._call("count", lambda: self.inner.count(query))

    async def transaction(
        self, body: Callable[[Transaction], Awaitable[ResultT]], *, attempts: int = 5
    ) -> ResultT:
        """As the port's."""
        return await self._call("transaction", lambda: self.inner.transaction(body, attempts=attempts))

    async def ping(self) -> None:
        """As the port's."""
        await self._call("ping", self.inner.ping)

    async def close(self) -> None:
        """As the port's; never fails."""
        await self.inner.close()

    async def _call(self, method: Method, effect: Callable[[], Awaitable[ResultT]]) -> ResultT:
        fault = self._next(method)
        self.fired += fault is not None
        if isinstance(fault, Before):
            raise fault.error
        if isinstance(fault, Slow):
            fault.reached.set()
            await fault.until.wait()
        result = await effect()
        if isinstance(fault, Twice):
            return await effect()
        if isinstance(fault, After):
            raise fault.error
        return result

    def _next(self, method: Method) -> Fault | None:
        script = self._script.get(method)
        if script:
            return script.popleft()
        if method in self._standing:
            return self._standing[method]
        drawn = self._random.random() if method in self._chances else 1.0
        for fault, chance in self._chances.get(method, ()):
            if drawn < chance:
                return fault
            drawn -= chance
        return None
