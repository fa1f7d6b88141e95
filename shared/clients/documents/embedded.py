"""The twin of Cloud Firestore over one SQLite file: same commits, queries, orders, limits and refusals.

Several processes may open the file. SQLite's calls run on a thread of their own, so the event loop never waits for
the disk. Times are the injected clock's, in whole microseconds as Firestore's, each commit's later than the one before.
"""

import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Literal, TypeVar

from shared.clients.documents import transactions
from shared.clients.documents.alike import all_steps
from shared.clients.documents.embedded_store import Store
from shared.clients.documents.indexes import INDEXES_FILE, Indexes
from shared.clients.documents.paths import split
from shared.clients.documents.port import Alike, Query, Snapshot, Transaction, Write
from shared.clients.documents.queries import Plan, plan, reads_of_count
from shared.clients.documents.values import microseconds
from shared.clients.documents.writes import Step, bill, steps_of
from shared.clients.errors import Contended, StoreUnavailable
from shared.clients.lane import Lane
from shared.kernel.clock import Clock
from shared.kernel.telemetry import count

ResultT = TypeVar("ResultT")


class EmbeddedDocuments:
    """Documents in a file, or in memory for one process.

    Args:
        path: the SQLite file (its folder is made), or ``":memory:"``.
        clock: gives commits their time.
        indexes: the Firebase CLI's index file; a query that would need another index is Refused.
    """

    def __init__(self, path: Path | Literal[":memory:"], clock: Clock, indexes: Path = INDEXES_FILE) -> None:
        self._path = path
        self._clock = clock
        self._indexes = Indexes.load(indexes)
        self._lane = Lane(path, "documents")
        self._open: Store | None = None

    async def get(self, path: str) -> Snapshot | None:
        """One document, or None."""
        return (await self.get_many([path]))[0]

    async def get_many(self, paths: Sequence[str]) -> list[Snapshot | None]:
        """Documents in the order asked for, as of one moment; None for absent ones."""
        if not paths:
            return []
        for path in paths:
            split(path)
        snapshots = await self._run(lambda store: store.read(paths))
        count("read", len(set(paths)))
        return snapshots

    async def commit(self, writes: Sequence[Write]) -> int:
        """All of 1 to 500 writes or none. Raises AlreadyExists, Missing, Stale, Refused."""
        return await self._commit(steps_of(writes))

    async def create_alike(self, batch: Alike, also: Sequence[Write] = ()) -> int:
        """All rows and the other writes, or none. Raises as ``commit``."""
        return await self._commit(all_steps(batch, also))

    async def query(self, query: Query) -> list[Snapshot]:
        """The matching documents. Raises Refused for a query that production would refuse."""
        asked = self._plan(query)
        snapshots = await self._run(lambda store: store.query(asked))
        count("read", max(1, len(snapshots)))
        return snapshots

    async def count(self, query: Query) -> int:
        """How many documents match."""
        asked = self._plan(query)
        number = await self._run(lambda store: store.count(asked))
        count("read", reads_of_count(number))
        return number

    async def transaction(
        self, body: Callable[[Transaction], Awaitable[ResultT]], *, attempts: int = 5
    ) -> ResultT:
        """Run reads and writes as one; the body may run up to ``attempts`` times. Raises Contended after them."""
        return await transactions.run(
            body, attempts=attempts, reader=lambda: self._read_with, commit=self._commit
        )

    async def ping(self) -> None:
        """Open the file."""
        await self._run(lambda store: store.read(()))

    async def close(self) -> None:
        """Close the file; the next call opens it again."""
        await self._lane.run(self._shut)

    async def _read_with(self, path: str, versions: transactions.Versions) -> Snapshot | None:
        """A document as of the moment of others, which is now as long as they have not changed."""
        split(path)
        first, *others = await self._run(lambda store: store.read((path, *versions)))
        count("read")
        for snapshot, version in zip(others, versions.values(), strict=True):
            if version != (None if snapshot is None else snapshot.update_time):
                raise Contended("what was read has changed")
        return first

    async def _commit(self, steps: Sequence[Step]) -> int:
        now = microseconds(self._clock.now())
        committed = await self._run(lambda store: store.commit(steps, now))
        bill(steps)
        return committed * 1000

    def _plan(self, query: Query) -> Plan:
        asked = plan(query)
        self._indexes.check(asked)
        return asked

    async def _run(self, work: Callable[[Store], ResultT]) -> ResultT:
        try:
            return await self._lane.run(self._work, work)
        except (sqlite3.Error, OSError):
            raise StoreUnavailable("the file does not answer") from None

    def _work(self, work: Callable[[Store], ResultT]) -> ResultT:
        if self._open is None:
            self._open = Store(self._path)
        return work(self._open)

    def _shut(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None
