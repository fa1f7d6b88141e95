"""Cloud Firestore, in the cloud or as its emulator. Which commits are tried again: see ``firestore_settling``."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from google.protobuf.timestamp_pb2 import Timestamp

from shared.clients.bounded import bounded
from shared.clients.documents import firestore_settling as settling
from shared.clients.documents import transactions
from shared.clients.documents.alike import all_steps
from shared.clients.documents.firestore_link import (
    AGGREGATE,
    BATCH_GET,
    COMMIT,
    GET,
    QUERY,
    RAW_COMMIT,
    Link,
    Rpc,
    connect,
)
from shared.clients.documents.firestore_template import commit_bytes
from shared.clients.documents.firestore_wire import Wire
from shared.clients.documents.indexes import INDEXES_FILE, Indexes
from shared.clients.documents.paths import split
from shared.clients.documents.port import Alike, Query, Snapshot, Transaction, Write
from shared.clients.documents.queries import Plan, plan, reads_of_count
from shared.clients.documents.writes import Step, bill, steps_of
from shared.clients.errors import (
    AlreadyExists,
    Contended,
    Missing,
    Refused,
    Stale,
    StoreError,
    StoreUnavailable,
)
from shared.kernel.settings import Settings
from shared.kernel.telemetry import count

ResultT = TypeVar("ResultT")
_PING: Final = "health/ping"


class FirestoreDocuments:
    """Documents in Firestore; one connection for each event loop that uses it.

    Args:
        settings: the project, the emulator if any, and the bounds of every call: ``store_timeout_seconds`` for a try,
            ``store_attempts`` tries.
        indexes: the Firebase CLI's index file. The emulator answers any query; locally and in tests one that would need
            another index is Refused here, elsewhere by Firestore itself.
    """

    def __init__(self, settings: Settings, indexes: Path = INDEXES_FILE) -> None:
        self._settings = settings
        self._wire = Wire(settings.google_cloud_project, settings.firestore_database)
        checked = settings.cabeceo_env in ("local", "test")
        self._indexes = Indexes.load(indexes) if checked else None
        self._links: dict[asyncio.AbstractEventLoop, Link] = {}

    async def get(self, path: str) -> Snapshot | None:
        """One document, or None."""
        split(path)
        try:
            [found] = await self._read(GET, name=self._wire.name(path))
        except Missing:
            snapshot = None
        else:
            snapshot = self._wire.snapshot(found)
        count("read")
        return snapshot

    async def get_many(self, paths: Sequence[str]) -> list[Snapshot | None]:
        """Documents in the order asked for, in one call; None for absent ones."""
        if not paths:
            return []
        for path in paths:
            split(path)
        found, _ = await self._batch(self._read, paths)
        count("read", len(set(paths)))
        return [found.get(path) for path in paths]

    async def commit(self, writes: Sequence[Write]) -> int:
        """All of 1 to 500 writes or none. Raises AlreadyExists, Missing, Stale, Contended, Refused."""
        steps = steps_of(writes)
        return await transactions.patiently(lambda: self._commit(steps), self._settings.store_attempts)

    async def create_alike(self, batch: Alike, also: Sequence[Write] = ()) -> int:
        """All rows and the other writes, or none, for a fraction of a commit's cost. Raises as ``commit``."""
        raw = commit_bytes(self._wire, batch, also)

        async def send() -> list[Any]:
            return await self._call(RAW_COMMIT, raw=raw)

        committed = await self._settle(send, lambda: all_steps(batch, also), self._settings.store_attempts)
        count("write", len(batch.rows))
        if also:
            bill(steps_of(also))
        return committed

    async def query(self, query: Query) -> list[Snapshot]:
        """The matching documents. Raises Refused for a query that has no index."""
        parent, message = self._wire.query(self._plan(query))
        replies = await self._read(QUERY, parent=parent, structured_query=message)
        snapshots = [self._wire.snapshot(reply.document) for reply in replies if reply.HasField("document")]
        count("read", max(1, len(snapshots)))
        return snapshots

    async def count(self, query: Query) -> int:
        """How many documents match."""
        parent, message = self._wire.query(self._plan(query))
        asked = {"structured_query": message, "aggregations": [{"alias": "n", "count": {}}]}
        [reply] = await self._read(AGGREGATE, parent=parent, structured_aggregation_query=asked)
        number = int(reply.result.aggregate_fields["n"].integer_value)
        count("read", reads_of_count(number))
        return number

    async def transaction(
        self, body: Callable[[Transaction], Awaitable[ResultT]], *, attempts: int = 5
    ) -> ResultT:
        """Run reads and writes as one; the body may run up to ``attempts`` times. Raises Contended after them."""
        return await transactions.run(body, attempts=attempts, reader=self._reader, commit=self._commit)

    async def ping(self) -> None:
        """Ask for a document that need not exist."""
        try:
            await self._read(GET, name=self._wire.name(_PING))
        except Missing:
            return

    async def close(self) -> None:
        """Give back this event loop's connection; the next call opens another."""
        link = self._links.pop(asyncio.get_running_loop(), None)
        if link is not None:
            await link.close()

    def _plan(self, query: Query) -> Plan:
        asked = plan(query)
        if self._indexes is not None:
            self._indexes.check(asked)
        return asked

    def _reader(self) -> transactions.Reader:
        """Reads as of the moment of its first read."""
        moment: dict[str, Timestamp] = {}

        async def read(path: str, _versions: transactions.Versions) -> Snapshot | None:
            split(path)
            found, moment["read_time"] = await self._batch(self._read, [path], **moment)
            count("read")
            return found.get(path)

        return read

    async def _batch(
        self, call: Callable[..., Awaitable[list[Any]]], paths: Sequence[str], **fields: Any
    ) -> tuple[dict[str, Snapshot], Timestamp]:
        """Those documents that exist, by path, and the moment of the read."""
        names = [self._wire.name(path) for path in dict.fromkeys(paths)]
        replies = await call(BATCH_GET, database=self._wire.database, documents=names, **fields)
        snapshots = [self._wire.snapshot(reply.found) for reply in replies if reply.HasField("found")]
        return {snapshot.path: snapshot for snapshot in snapshots}, replies[0].read_time

    async def _commit(self, steps: Sequence[Step]) -> int:
        """Commit, and again after a lost answer where that is safe."""
        writes = [self._wire.write(step) for step in steps]

        async def send() -> list[Any]:
            return await self._call(COMMIT, database=self._wire.database, writes=writes)

        attempts = self._settings.store_attempts if settling.may_repeat(steps) else 1
        committed = await self._settle(send, lambda: steps, attempts)
        bill(steps)
        return committed

    async def _settle(
        self, send: Callable[[], Awaitable[list[Any]]], steps: Callable[[], Sequence[Step]], attempts: int
    ) -> int:
        """Send a commit, so often at most; what a repeat says is read with care."""

        async def once(tries: int) -> int:
            try:
                [reply] = await send()
            except (AlreadyExists, Missing, Stale) as error:
                if tries == 1:
                    raise
                return await self._settled(steps(), error)
            except Contended:
                if tries == 1:
                    raise
                raise StoreUnavailable("an earlier try may have gone through") from None
            return int(reply.commit_time.ToNanoseconds())

        return await self._bounded(once, attempts)

    async def _settled(self, steps: Sequence[Step], error: StoreError) -> int:
        """The time of the commit if an earlier try of it went through, else the error."""
        created = settling.created(steps)
        found: dict[str, Snapshot] = {}
        if created:
            found, _ = await self._batch(self._call, list(created))
            count("read", len(created))
        committed = settling.verdict(created, found)
        if committed is None:
            raise error
        return committed

    async def _read(self, rpc: Rpc, **fields: Any) -> list[Any]:
        """A call that changes nothing, tried again as often as the settings say."""

        async def once(_tries: int) -> list[Any]:
            try:
                return await self._call(rpc, **fields)
            except Contended:
                raise StoreUnavailable("a commit is in the way") from None
            except Stale:
                raise Refused("the query has no index") from None

        return await self._bounded(once, self._settings.store_attempts)

    async def _call(self, rpc: Rpc, **fields: Any) -> list[Any]:
        loop = asyncio.get_running_loop()
        if loop not in self._links:
            link = await connect(self._settings)
            for gone in [known for known in list(self._links) if known.is_closed()]:
                self._links.pop(gone, None)
            self._links.setdefault(loop, link)
        return await self._links[loop].call(rpc, **fields)

    async def _bounded(self, once: Callable[[int], Awaitable[ResultT]], attempts: int) -> ResultT:
        return await bounded(once, seconds=self._settings.store_timeout_seconds, attempts=attempts)
