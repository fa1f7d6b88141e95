"""The twin of MongoDB over one SQLite file: the operators of ``grammar``, the declared indexes, and no others.

Several processes may open the file. SQLite's calls run on a thread of their own, so the event loop never waits for the disk.
Expiry dates of indexes are not acted on: whoever reads filters by the date as well (design/local-stack.md).
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

from shared.clients.analytics import grammar
from shared.clients.analytics.embedded_store import Store
from shared.clients.analytics.indexes import INDEXES_FILE, Indexes
from shared.clients.analytics.port import Changes, Doc, Order, Step, Tally, Where
from shared.clients.errors import StoreUnavailable
from shared.clients.lane import Lane
from shared.kernel.telemetry import count

ResultT = TypeVar("ResultT")


class EmbeddedAnalytics:
    """Collections in a file, or in memory for one process.

    Args:
        path: the SQLite file (its folder is made), or ``":memory:"``.
        indexes: the declared indexes; a filter that none serves is Refused.
    """

    def __init__(self, path: Path | Literal[":memory:"], indexes: Path = INDEXES_FILE) -> None:
        self._path = path
        self._indexes = Indexes.load(indexes)
        self._lane = Lane(path, "analytics")
        self._open: Store | None = None

    async def find(
        self,
        collection: str,
        where: Where,
        *,
        order: Order = (),
        limit: int | None = None,
        fields: Sequence[str] | None = None,
    ) -> list[Doc]:
        """The matching documents."""
        self._check(collection, where, order)
        return await self._run(lambda store: store.find(collection, where, order, limit, fields))

    async def count(self, collection: str, where: Where) -> int:
        """How many documents match."""
        self._check(collection, where)
        return await self._run(lambda store: store.count(collection, where))

    async def find_one_and_update(
        self, collection: str, where: Where, changes: Changes, *, upsert: bool = False
    ) -> Doc | None:
        """Change the first document that matches. Raises AlreadyExists."""
        self._check(collection, where)
        grammar.check_changes(changes)
        if upsert:
            grammar.check_upsert(where)
        return await self._run(
            lambda store: store.find_one_and_update(collection, where, changes, upsert=upsert)
        )

    async def insert(self, collection: str, documents: Sequence[Mapping[str, Any]]) -> int:
        """Add documents whose unique keys are free."""
        grammar.check_documents(documents)
        return await self._run(lambda store: store.insert(collection, documents))

    async def bulk(self, collection: str, steps: Sequence[Step]) -> Tally:
        """Do the steps, all in one transaction."""
        grammar.check_steps(steps)
        for step in steps:
            self._indexes.check(collection, step.where)
        return await self._run(lambda store: store.bulk(collection, steps))

    async def delete(self, collection: str, where: Where) -> int:
        """Delete every document that matches."""
        self._check(collection, where)
        return await self._run(lambda store: store.delete(collection, where))

    async def collections(self, prefix: str = "") -> list[str]:
        """Names of the collections that begin so and hold anything."""
        return await self._run(lambda store: store.collections(prefix))

    async def drop(self, collection: str) -> None:
        """Remove a collection."""
        await self._run(lambda store: store.drop(collection))

    async def ping(self) -> None:
        """Open the file."""
        await self._run(lambda store: store.collections(""))

    async def close(self) -> None:
        """Close the file; the next call opens it again."""
        await self._lane.run(self._shut)

    def _check(self, collection: str, where: Where, order: Order = ()) -> None:
        grammar.check_where(where)
        self._indexes.check(collection, where, order)

    async def _run(self, work: Callable[[Store], ResultT]) -> ResultT:
        count("mongo")
        try:
            return await self._lane.run(self._work, work)
        except (sqlite3.Error, OSError):
            raise StoreUnavailable("the file does not answer") from None

    def _work(self, work: Callable[[Store], ResultT]) -> ResultT:
        if self._open is None:
            self._open = Store(self._path, self._indexes)
        return work(self._open)

    def _shut(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None
