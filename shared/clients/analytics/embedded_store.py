"""The twin's file: documents as BSON, and the entries of the declared indexes. Synchronous; one thread, one connection."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal

import bson
from bson.codec_options import CodecOptions
from bson.errors import BSONError

from shared.clients.analytics.embedded_plan import Scan, scan
from shared.clients.analytics.embedded_values import changed, matches, projected, sorted_by, values_at
from shared.clients.analytics.indexes import Index, Indexes
from shared.clients.analytics.port import Change, Changes, Doc, Order, Remove, Step, Tally, Where
from shared.clients.documents.values import order_key
from shared.clients.errors import AlreadyExists, Refused
from shared.clients.sqlite_files import open_file, transaction

MAX_DOCUMENT_BYTES: Final = 16 * 1024 * 1024

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS documents (
    collection TEXT NOT NULL, id BLOB NOT NULL, data BLOB NOT NULL, PRIMARY KEY (collection, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS entries (
    collection TEXT NOT NULL, name TEXT NOT NULL, key BLOB NOT NULL, id BLOB NOT NULL,
    PRIMARY KEY (collection, name, key, id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS entries_of ON entries (collection, id);
"""
_OPTIONS: Final[CodecOptions[Doc]] = CodecOptions(tz_aware=True)


class Store:
    """One connection to the file."""

    def __init__(self, path: Path | Literal[":memory:"], indexes: Indexes) -> None:
        self._indexes = indexes
        self._db = open_file(path, _SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def find(
        self, collection: str, where: Where, order: Order, limit: int | None, fields: Sequence[str] | None
    ) -> list[Doc]:
        """The matching documents."""
        plan = scan(self._indexes.of(collection), where, order)
        found = self._matching(collection, where, plan)
        if not plan.ordered:
            found = iter(sorted_by(list(found), order))
        return [projected(document, fields) for document in itertools.islice(found, limit)]

    def count(self, collection: str, where: Where) -> int:
        """How many documents match."""
        plan = scan(self._indexes.of(collection), where, ())
        return sum(1 for _ in self._matching(collection, where, plan))

    def find_one_and_update(
        self, collection: str, where: Where, changes: Changes, *, upsert: bool
    ) -> Doc | None:
        """Change the first match. Raises AlreadyExists, Refused."""
        with transaction(self._db):
            return self._change(collection, Change(where, changes, upsert))

    def insert(self, collection: str, documents: Sequence[Mapping[str, Any]]) -> int:
        """Add those whose keys are free."""
        new = 0
        with transaction(self._db):
            for document in documents:
                try:
                    self._put(collection, None, dict(document))
                except AlreadyExists:
                    continue
                new += 1
        return new

    def bulk(self, collection: str, steps: Sequence[Step]) -> Tally:
        """Do the steps one by one."""
        matched = upserted = removed = clashed = 0
        with transaction(self._db):
            for step in steps:
                before = self._first(collection, step.where)
                if isinstance(step, Remove):
                    removed += before is not None
                    if before is not None:
                        self._delete(collection, before)
                    continue
                try:
                    done = self._step(collection, step, before)
                except AlreadyExists:
                    clashed += 1
                    continue
                matched += before is not None
                upserted += before is None and done
        return Tally(matched, upserted, removed, clashed)

    def delete(self, collection: str, where: Where) -> int:
        """Delete every match."""
        with transaction(self._db):
            plan = scan(self._indexes.of(collection), where, ())
            found = list(self._matching(collection, where, plan))
            for document in found:
                self._delete(collection, document)
        return len(found)

    def collections(self, prefix: str) -> list[str]:
        """Names that begin so."""
        rows = self._db.execute("SELECT DISTINCT collection FROM documents ORDER BY collection")
        return [name for (name,) in rows if name.startswith(prefix)]

    def drop(self, collection: str) -> None:
        """Remove a collection."""
        with transaction(self._db):
            self._db.execute("DELETE FROM documents WHERE collection = ?", (collection,))
            self._db.execute("DELETE FROM entries WHERE collection = ?", (collection,))

    def _step(self, collection: str, step: Any, before: Doc | None) -> bool:
        if isinstance(step, Change):
            return self._change(collection, step, before=before) is not None
        if before is None and not step.upsert:
            return False
        ident = step.where["_id"] if before is None else before["_id"]
        self._put(collection, before, {**step.document, "_id": ident})
        return True

    def _change(self, collection: str, step: Change, *, before: Doc | None = None) -> Doc | None:
        before = before or self._first(collection, step.where)
        if before is None and not step.upsert:
            return None
        after = changed(None if before is None else _copy(before), step.where, step.changes)
        return self._put(collection, before, after)

    def _first(self, collection: str, where: Where) -> Doc | None:
        plan = scan(self._indexes.of(collection), where, ())
        return next(iter(self._matching(collection, where, plan)), None)

    def _matching(self, collection: str, where: Where, plan: Scan) -> Iterator[Doc]:
        seen: set[bytes] = set()
        for ident, data in self._scanned(collection, plan):
            if ident in seen:
                continue
            seen.add(ident)
            document = bson.decode(data, _OPTIONS)
            if matches(document, where):
                yield document

    def _scanned(self, collection: str, plan: Scan) -> Iterator[tuple[bytes, bytes]]:
        direction = "DESC" if plan.descending else "ASC"
        for low, high in plan.ranges:
            if plan.index is None:
                sql = (
                    "SELECT id, data FROM documents WHERE collection = ? AND id >= ? AND id < ?"  # noqa: S608 - our own
                    f" ORDER BY id {direction}"
                )
                yield from self._db.execute(sql, (collection, low, high)).fetchall()
            else:
                sql = (
                    "SELECT d.id, d.data FROM entries e JOIN documents d ON d.collection = e.collection AND d.id = e.id"  # noqa: S608 - our own
                    f" WHERE e.collection = ? AND e.name = ? AND e.key >= ? AND e.key < ? ORDER BY e.key {direction}"
                )
                yield from self._db.execute(sql, (collection, plan.index.name, low, high)).fetchall()

    def _put(self, collection: str, before: Doc | None, after: Doc) -> Doc:
        """Write a document. Raises AlreadyExists when a unique key of it is another's, Refused for no BSON."""
        try:
            data = bson.encode({"_id": after["_id"], **after}, check_keys=True)
        except (BSONError, OverflowError, TypeError, ValueError):
            raise Refused("not a document") from None
        if len(data) > MAX_DOCUMENT_BYTES:
            raise Refused(f"a document of {len(data)} bytes")
        stored = bson.decode(data, _OPTIONS)
        ident = order_key(stored["_id"])
        entries = [(index, key) for index in self._indexes.of(collection) for key in _keys(index, stored)]
        if before is None and self._taken("documents", collection, ident):
            raise AlreadyExists("the _id is taken")
        for index, key in entries:
            if index.unique and self._other(collection, index, key, ident):
                raise AlreadyExists(f"{index.name} is taken")
        self._db.execute("DELETE FROM entries WHERE collection = ? AND id = ?", (collection, ident))
        self._db.execute("REPLACE INTO documents VALUES (?, ?, ?)", (collection, ident, data))
        self._db.executemany(
            "INSERT OR IGNORE INTO entries VALUES (?, ?, ?, ?)",
            [(collection, index.name, key, ident) for index, key in entries],
        )
        return stored

    def _taken(self, table: str, collection: str, ident: bytes) -> bool:
        sql = f"SELECT 1 FROM {table} WHERE collection = ? AND id = ?"  # noqa: S608 - our own
        return self._db.execute(sql, (collection, ident)).fetchone() is not None

    def _other(self, collection: str, index: Index, key: bytes, ident: bytes) -> bool:
        sql = "SELECT 1 FROM entries WHERE collection = ? AND name = ? AND key = ? AND id <> ?"
        return self._db.execute(sql, (collection, index.name, key, ident)).fetchone() is not None

    def _delete(self, collection: str, document: Doc) -> None:
        ident = order_key(document["_id"])
        self._db.execute("DELETE FROM entries WHERE collection = ? AND id = ?", (collection, ident))
        self._db.execute("DELETE FROM documents WHERE collection = ? AND id = ?", (collection, ident))


def _keys(index: Index, document: Doc) -> set[bytes]:
    fields = [values_at(document, field) for field, _ in index.fields]
    return {b"".join(map(order_key, values)) for values in itertools.product(*fields)}


def _copy(document: Doc) -> Doc:
    return bson.decode(bson.encode(document), _OPTIONS)
