"""The twin's file: documents, and the entries by which queries find and sort them. Synchronous; one thread, one connection.

A field gets entries from the first query on that names it, in every collection of that id; then each commit keeps them.
``entries.value`` is the order key, so that SQLite's byte order is Firestore's.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

from shared.clients.documents import embedded_query
from shared.clients.documents.embedded_codec import decode, encode
from shared.clients.documents.embedded_query import ELEMENTS
from shared.clients.documents.paths import path_size, split
from shared.clients.documents.port import Data, Snapshot
from shared.clients.documents.queries import Plan
from shared.clients.documents.values import check_document, moment_of, order_key, same
from shared.clients.documents.writes import Step, apply
from shared.clients.errors import AlreadyExists, Missing, Stale
from shared.clients.sqlite_files import open_file, transaction

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS documents (
    key INTEGER PRIMARY KEY, collection TEXT NOT NULL, id TEXT NOT NULL, data BLOB NOT NULL,
    created INTEGER NOT NULL, updated INTEGER NOT NULL, UNIQUE (collection, id));
CREATE TABLE IF NOT EXISTS entries (
    collection TEXT NOT NULL, field TEXT NOT NULL, value BLOB NOT NULL, id TEXT NOT NULL, doc INTEGER NOT NULL,
    PRIMARY KEY (collection, field, value, id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS entries_of ON entries (doc, field, collection, value);
CREATE TABLE IF NOT EXISTS indexed (grp TEXT NOT NULL, field TEXT NOT NULL, PRIMARY KEY (grp, field)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS clock (last INTEGER NOT NULL);
INSERT INTO clock SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM clock);
"""
_ROW: Final = "SELECT key, data, created, updated FROM documents WHERE collection = ? AND id = ?"

Row = tuple[int, bytes, int, int]
"""Key, data, and the times of creation and last change."""


class Store:
    """One connection to the file. All times are microseconds since 1970."""

    def __init__(self, path: Path | Literal[":memory:"]) -> None:
        self._db = open_file(path, _SCHEMA)
        self._indexed: set[tuple[str, str]] = set()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def read(self, paths: Sequence[str]) -> list[Snapshot | None]:
        """Documents as of one moment, in the order asked for."""
        if len(paths) == 1:
            return [self._snapshot(paths[0])]
        with transaction(self._db, "DEFERRED"):
            return [self._snapshot(path) for path in paths]

    def commit(self, steps: Sequence[Step], now: int) -> int:
        """All steps or none; gives the commit's time. Raises AlreadyExists, Missing, Stale, Refused."""
        with transaction(self._db):
            (last,) = self._db.execute("SELECT last FROM clock").fetchone()
            now = max(now, last + 1)
            self._db.execute("UPDATE clock SET last = ?", (now,))
            drafts: dict[str, _Draft] = {}
            for step in steps:
                if step.path not in drafts:
                    drafts[step.path] = _Draft(step.path, self._row(step.path))
                drafts[step.path].take(step, moment_of(now))
            for draft in drafts.values():
                if draft.changed:
                    self._write(draft, now)
            return now

    def query(self, plan: Plan) -> list[Snapshot]:
        """The matching documents as of one moment."""
        self._index(plan)
        sql, values = embedded_query.statement(plan, "d.collection, d.id, d.data, d.created, d.updated")
        rows = self._db.execute(sql, values)
        return [_snapshot(f"{collection}/{ident}", *row) for collection, ident, *row in rows]

    def count(self, plan: Plan) -> int:
        """How many documents match."""
        self._index(plan)
        sql, values = embedded_query.statement(plan, "d.key")
        (number,) = self._db.execute(f"SELECT count(*) FROM ({sql})", values).fetchone()  # noqa: S608 - our own
        return int(number)

    def _index(self, plan: Plan) -> None:
        """Make the entries of fields that no query named before."""
        missing = {(plan.group, field) for field in embedded_query.fields(plan)} - self._indexed
        if not missing:
            return
        with transaction(self._db):
            new = missing - set(self._db.execute("SELECT grp, field FROM indexed"))
            self._db.executemany("INSERT INTO indexed VALUES (?, ?)", new)
            fields = [field for _, field in new]
            for (collection,) in self._db.execute("SELECT DISTINCT collection FROM documents").fetchall():
                if fields and _group(collection) == plan.group:
                    rows = self._db.execute(
                        "SELECT key, id, data FROM documents WHERE collection = ?", (collection,)
                    )
                    for key, ident, data in rows.fetchall():
                        self._add_entries((key, collection, ident), decode(data), fields)
        self._indexed |= missing

    def _write(self, draft: "_Draft", now: int) -> None:
        collection, ident = split(draft.path)
        key = draft.row[0] if draft.row else None
        if draft.data is None:
            self._db.execute("DELETE FROM documents WHERE key = ?", (key,))
        else:
            check_document(path_size(draft.path), draft.data)
            values = (key, collection, ident, encode(draft.data), draft.created or now, now)
            key = self._db.execute("REPLACE INTO documents VALUES (?, ?, ?, ?, ?, ?)", values).lastrowid
        group = (_group(collection),)
        fields = [field for (field,) in self._db.execute("SELECT field FROM indexed WHERE grp = ?", group)]
        if fields:
            self._db.execute("DELETE FROM entries WHERE doc = ?", (key,))
            self._add_entries((key, collection, ident), draft.data or {}, fields)

    def _add_entries(self, document: tuple[int | None, str, str], data: Data, fields: Sequence[str]) -> None:
        key, collection, ident = document
        self._db.executemany(
            "INSERT INTO entries VALUES (?, ?, ?, ?, ?)",
            [(collection, field, value, ident, key) for field in fields for value in _values(data, field)],
        )

    def _row(self, path: str) -> "Row | None":
        row: Row | None = self._db.execute(_ROW, split(path)).fetchone()
        return row

    def _snapshot(self, path: str) -> Snapshot | None:
        row = self._row(path)
        return None if row is None else _snapshot(path, *row[1:])


class _Draft:
    """A document while a commit works on it."""

    def __init__(self, path: str, row: "Row | None") -> None:
        self.path = path
        self.row = row
        self._stored = self.data = None if row is None else decode(row[1])
        self.created = None if row is None else row[2]

    @property
    def changed(self) -> bool:
        """Whether there is anything to store: as in Firestore, an equal document keeps its update time."""
        reborn = self.row is not None and self.created is None
        return reborn or self.data is None or self._stored is None or not same(self.data, self._stored)

    def take(self, step: Step, now: datetime) -> None:
        """Apply a step. Raises AlreadyExists, Missing, Stale."""
        if step.exists is False and self.data is not None:
            raise AlreadyExists("the document is there already")
        if step.exists and self.data is None:
            raise Missing("there is no such document")
        if step.updated is not None and step.updated != (self.row[3] * 1000 if self.row else None):
            raise Stale("the document has another version")
        self.data = apply(step, self.data, now)
        if self.data is None:
            self.created = None


def _snapshot(path: str, data: bytes, created: int, updated: int) -> Snapshot:
    return Snapshot(path, decode(data), created * 1000, updated * 1000)


def _group(collection: str) -> str:
    return collection.rsplit("/", 1)[-1]


def _values(data: Data, field: str) -> set[bytes]:
    """Order keys of a field's entries: one of the value, or one of each different element of the list."""
    value: Any = data
    for name in field.removesuffix(ELEMENTS).split("."):
        if not isinstance(value, dict) or name not in value:
            return set()
        value = value[name]
    if not field.endswith(ELEMENTS):
        return {order_key(value)}
    return set(map(order_key, value)) if isinstance(value, list) else set()
