"""MongoDB: Atlas, Azure DocumentDB, or any server that speaks like them.

A read is tried again as often as the settings say. A write is tried again only where the server says that it did not happen:
two codes, after a pause (design/local-stack.md). Whether a write happened whose answer was lost is unknown, and the port's
users repeat theirs by nature.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import pymongo
from bson.errors import BSONError
from pymongo import AsyncMongoClient, DeleteOne, IndexModel, ReplaceOne, ReturnDocument, UpdateOne

from shared.clients.analytics import grammar
from shared.clients.analytics.indexes import INDEXES_FILE, Index, Indexes
from shared.clients.analytics.mongo_errors import UPSERT_RACE, clashes_of, translated
from shared.clients.analytics.port import Change, Changes, Doc, Order, Replace, Step, Tally, Where
from shared.clients.bounded import bounded, patiently
from shared.clients.documents.values import order_key
from shared.clients.errors import AlreadyExists, Contended, StoreError
from shared.kernel.settings import Settings
from shared.kernel.telemetry import count

if TYPE_CHECKING:
    from pymongo.asynchronous.collection import AsyncCollection

ResultT = TypeVar("ResultT")

_FIRST_PAUSE: Final = 0.02
_LONGEST_PAUSE: Final = 0.5


class MongoAnalytics:
    """Collections in MongoDB; one client for each event loop that uses it.

    Args:
        settings: the address, the database, and the bounds of every call.
        indexes: the declared indexes: made before a collection is first used, and a filter that none serves is Refused.
    """

    def __init__(self, settings: Settings, indexes: Path = INDEXES_FILE) -> None:
        self._settings = settings
        self._indexes = Indexes.load(indexes)
        self._clients: dict[asyncio.AbstractEventLoop, AsyncMongoClient[Doc]] = {}
        self._ready: set[str] = set()

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
        shown = None if fields is None else dict.fromkeys(("_id", *fields), 1)

        async def once(found: "AsyncCollection[Doc]") -> list[Doc]:
            return await found.find(where, shown, sort=list(order) or None, limit=limit or 0).to_list()

        return [] if limit == 0 else await self._read(collection, once)

    async def count(self, collection: str, where: Where) -> int:
        """How many documents match."""
        self._check(collection, where)
        return await self._read(collection, lambda found: found.count_documents(where))

    async def find_one_and_update(
        self, collection: str, where: Where, changes: Changes, *, upsert: bool = False
    ) -> Doc | None:
        """Change the first document that matches. Raises AlreadyExists, Contended."""
        self._check(collection, where)
        grammar.check_changes(changes)
        if upsert:
            grammar.check_upsert(where)

        async def once(found: "AsyncCollection[Doc]") -> Doc | None:
            return await found.find_one_and_update(
                where, changes, upsert=upsert, return_document=ReturnDocument.AFTER
            )

        return await self._write(collection, once, races=upsert)

    async def insert(self, collection: str, documents: Sequence[Mapping[str, Any]]) -> int:
        """Add documents whose unique keys are free."""
        grammar.check_documents(documents)
        ordered = [dict(document) for document in sorted(documents, key=lambda one: order_key(one["_id"]))]

        async def once(found: "AsyncCollection[Doc]") -> int:
            try:
                return len((await found.insert_many(ordered, ordered=False)).inserted_ids)
            except pymongo.errors.BulkWriteError as error:
                return len(ordered) - len(clashes_of(error))

        return await self._write(collection, once)

    async def bulk(self, collection: str, steps: Sequence[Step]) -> Tally:
        """Do the steps. Raises Contended."""
        grammar.check_steps(steps)
        for step in steps:
            self._indexes.check(collection, step.where)
        ordered = sorted(steps, key=lambda step: order_key(_ident(step)))

        tally, refused = await self._write(collection, lambda found: _bulk(found, ordered))
        if not refused:
            return tally
        # an upsert that another was quicker than meets the document at a second try
        await asyncio.sleep(_FIRST_PAUSE)
        again, clashed = await self._write(collection, lambda found: _bulk(found, refused))
        return Tally(
            tally.matched + again.matched,
            tally.upserted + again.upserted,
            tally.removed + again.removed,
            len(clashed),
        )

    async def delete(self, collection: str, where: Where) -> int:
        """Delete every document that matches."""
        self._check(collection, where)

        async def once(found: "AsyncCollection[Doc]") -> int:
            return int((await found.delete_many(where)).deleted_count)

        return await self._write(collection, once)

    async def collections(self, prefix: str = "") -> list[str]:
        """Names of the collections that begin so."""

        async def once(_tries: int) -> list[str]:
            names = await self._called(self._database().list_collection_names())
            return sorted(name for name in names if name.startswith(prefix))

        return await self._bounded(once, self._settings.store_attempts)

    async def drop(self, collection: str) -> None:
        """Remove a collection."""

        async def once(_tries: int) -> None:
            await self._called(self._database().drop_collection(collection))

        self._ready.discard(collection)
        await self._bounded(once, 1)

    async def ping(self) -> None:
        """Ask the server."""

        async def once(_tries: int) -> None:
            await self._called(self._database().command("ping"))

        await self._bounded(once, self._settings.store_attempts)

    async def close(self) -> None:
        """Give back this event loop's connections; the next call opens others."""
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.close()

    def _check(self, collection: str, where: Where, order: Order = ()) -> None:
        grammar.check_where(where)
        self._indexes.check(collection, where, order)

    async def _read(
        self, collection: str, call: "Callable[[AsyncCollection[Doc]], Awaitable[ResultT]]"
    ) -> ResultT:
        return await self._bounded(lambda _tries: self._on(collection, call), self._settings.store_attempts)

    async def _write(
        self,
        collection: str,
        call: "Callable[[AsyncCollection[Doc]], Awaitable[ResultT]]",
        *,
        races: bool = False,
    ) -> ResultT:
        """A write, again after 112, and for an upsert after 11000: another made the document meanwhile."""

        async def once(_tries: int) -> ResultT:
            return await self._bounded(lambda _tries: self._on(collection, call), 1)

        async def patient(_tries: int) -> ResultT:
            return await self._patiently(once, Contended)

        return await (self._patiently(patient, AlreadyExists, UPSERT_RACE) if races else patient(1))

    async def _on(
        self, collection: str, call: "Callable[[AsyncCollection[Doc]], Awaitable[ResultT]]"
    ) -> ResultT:
        found = self._database()[collection]
        indexes = self._indexes.of(collection)
        if indexes and collection not in self._ready:
            await self._called(found.create_indexes(list(map(_model, indexes))))
        self._ready.add(collection)
        return await self._called(call(found))

    async def _called(self, call: Awaitable[ResultT]) -> ResultT:
        count("mongo")
        try:
            return await call
        except (pymongo.errors.PyMongoError, BSONError, OverflowError, TypeError, ValueError) as error:
            raise translated(error) from None

    async def _patiently(
        self,
        call: Callable[[int], Awaitable[ResultT]],
        after: type[StoreError],
        attempts: int | None = None,
    ) -> ResultT:
        return await patiently(
            call,
            after,
            attempts=attempts or self._settings.store_attempts,
            first_pause=_FIRST_PAUSE,
            longest_pause=_LONGEST_PAUSE,
        )

    async def _bounded(self, once: Callable[[int], Awaitable[ResultT]], attempts: int) -> ResultT:
        return await bounded(once, seconds=self._settings.store_timeout_seconds, attempts=attempts)

    def _database(self) -> Any:
        loop = asyncio.get_running_loop()
        if loop not in self._clients:
            for gone in [known for known in self._clients if known.is_closed()]:
                self._clients.pop(gone)
            milliseconds = int(self._settings.store_timeout_seconds * 1000)
            self._clients[loop] = AsyncMongoClient(
                self._settings.mongodb_uri,
                tz_aware=True,
                appname="cabeceo",
                serverSelectionTimeoutMS=milliseconds,
                connectTimeoutMS=milliseconds,
                timeoutMS=milliseconds,
                retryReads=False,
            )
        return self._clients[loop][self._settings.mongodb_database]


async def _bulk(found: "AsyncCollection[Doc]", steps: Sequence[Step]) -> tuple[Tally, list[Step]]:
    """What was done, and the steps that a unique key refused."""
    try:
        done = await found.bulk_write([_request(step) for step in steps], ordered=False)
    except pymongo.errors.BulkWriteError as error:
        told, refused = error.details, clashes_of(error)
        tally = Tally(told["nMatched"], told["nUpserted"], told["nRemoved"], len(refused))
        return tally, [steps[index] for index in refused]
    return Tally(done.matched_count, done.upserted_count, done.deleted_count), []


def _request(step: Step) -> Any:
    if isinstance(step, Change):
        return UpdateOne(step.where, step.changes, upsert=step.upsert)
    if isinstance(step, Replace):
        document = {name: value for name, value in step.document.items() if name != "_id"}
        return ReplaceOne(step.where, document, upsert=step.upsert)
    return DeleteOne(step.where)


def _ident(step: Step) -> Any:
    ident = step.where.get("_id")
    return None if isinstance(ident, Mapping) else ident


def _model(index: Index) -> IndexModel:
    expiry = {} if index.ttl is None else {"expireAfterSeconds": index.ttl}
    return IndexModel(list(index.fields), name=index.name, unique=index.unique, **expiry)
