"""The twin of Azure Storage Queue over one SQLite file: same visibility, receipts, counts and refusals.

Several processes may open the file (a host, its workers, a seed script). SQLite's calls run on a thread of their own, so
the event loop never waits for the disk. Time is the injected clock's.
"""

import sqlite3
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

from shared.clients.errors import Missing, Refused, Stale, StoreUnavailable
from shared.clients.lane import Lane
from shared.clients.queues.limits import check_hide, check_name, check_receive, check_send
from shared.clients.queues.port import MAX_TTL_SECONDS, QueueMessage
from shared.clients.sqlite_files import open_file, transaction
from shared.kernel.clock import Clock, from_millis, to_millis
from shared.kernel.telemetry import count

# Times are milliseconds since 1970 (UTC).
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS messages (
    position INTEGER PRIMARY KEY, queue TEXT NOT NULL, id TEXT NOT NULL UNIQUE, receipt TEXT NOT NULL DEFAULT '',
    body TEXT NOT NULL, dequeue_count INTEGER NOT NULL DEFAULT 0,
    inserted_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, visible_at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS by_visibility ON messages (queue, visible_at);
CREATE INDEX IF NOT EXISTS by_expiry ON messages (expires_at);
"""
_RECEIVE: Final = """
UPDATE messages
SET receipt = lower(hex(randomblob(16))), dequeue_count = dequeue_count + 1, visible_at = :until
WHERE position IN (
    SELECT position FROM messages WHERE queue = :queue AND visible_at <= :now AND expires_at > :now
    ORDER BY visible_at, position LIMIT :limit)
RETURNING position, id, receipt, body, dequeue_count, inserted_at, expires_at, visible_at
"""
_FRONT: Final = """
SELECT inserted_at FROM messages WHERE queue = :queue AND visible_at <= :now AND expires_at > :now
ORDER BY visible_at, position LIMIT 1
"""

ResultT = TypeVar("ResultT")
Work = Callable[[sqlite3.Connection], ResultT]


class EmbeddedQueues:
    """Queues in a file, or in memory for one process.

    Args:
        path: the SQLite file (its folder is made), or ``":memory:"``.
        clock: tells when messages show and expire.
    """

    def __init__(self, path: Path | Literal[":memory:"], clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._lane = Lane(path, "queues")
        self._open: sqlite3.Connection | None = None

    async def send(
        self, queue: str, body: str, *, delay_seconds: int = 0, ttl_seconds: int = MAX_TTL_SECONDS
    ) -> str:
        """Add a message and give its id. Raises Refused."""
        check_send(queue, body, delay_seconds, ttl_seconds)
        now, ident = self._now(), str(uuid.uuid4())
        row = (queue, ident, body, now, now + ttl_seconds * 1000, now + delay_seconds * 1000)

        def add(db: sqlite3.Connection) -> None:
            db.execute("DELETE FROM messages WHERE expires_at <= ?", (now,))
            db.execute(
                "INSERT INTO messages (queue, id, body, inserted_at, expires_at, visible_at) VALUES (?, ?, ?, ?, ?, ?)",
                row,
            )

        await self._run(add)
        return ident

    async def receive(
        self, queue: str, *, limit: int = 16, visibility_seconds: int = 30
    ) -> list[QueueMessage]:
        """Take up to 32 visible messages, those visible longest first. Raises Refused."""
        check_receive(queue, limit, visibility_seconds)
        now = self._now()
        values = {"queue": queue, "now": now, "until": now + visibility_seconds * 1000, "limit": limit}
        rows = await self._run(lambda db: sorted(db.execute(_RECEIVE, values)))
        return [_message(row) for row in rows]

    async def hide(self, queue: str, message: QueueMessage, *, visibility_seconds: int) -> QueueMessage:
        """Hide a received message for longer, or show it again (0). Raises Stale, Missing, Refused."""
        check_hide(queue, visibility_seconds)
        now, receipt = self._now(), uuid.uuid4().hex
        visible_at = now + visibility_seconds * 1000

        def change(db: sqlite3.Connection) -> None:
            if visible_at > _held(db, queue, message, now):
                raise Refused("hidden beyond its expiry")
            db.execute(
                "UPDATE messages SET receipt = ?, visible_at = ? WHERE id = ?",
                (receipt, visible_at, message.id),
            )

        await self._run(change)
        return replace(message, receipt=receipt, next_visible_at=from_millis(visible_at))

    async def delete(self, queue: str, message: QueueMessage) -> None:
        """Remove a received message. Raises Stale, Missing."""
        check_name(queue)
        now = self._now()

        def remove(db: sqlite3.Connection) -> None:
            _held(db, queue, message, now)
            db.execute("DELETE FROM messages WHERE id = ?", (message.id,))

        await self._run(remove)

    async def length(self, queue: str) -> int:
        """How many messages there are, hidden ones included."""
        check_name(queue)
        values = (queue, self._now())
        query = "SELECT count(*) FROM messages WHERE queue = ? AND expires_at > ?"
        return int(await self._run(lambda db: db.execute(query, values).fetchone()[0]))

    async def oldest(self, queue: str) -> datetime | None:
        """When the message at the front came in; None where none is visible."""
        check_name(queue)
        values = {"queue": queue, "now": self._now()}
        row = await self._run(lambda db: db.execute(_FRONT, values).fetchone())
        return from_millis(row[0]) if row else None

    async def ping(self) -> None:
        """Open the file."""
        await self._run(lambda db: db.execute("SELECT 1"))

    async def close(self) -> None:
        """Close the file; a later call opens it again."""
        await self._lane.run(self._shut)

    def _now(self) -> int:
        return to_millis(self._clock.now())

    async def _run(self, work: Work[ResultT]) -> ResultT:
        count("queue")
        return await self._lane.run(self._transact, work)

    def _transact(self, work: Work[ResultT]) -> ResultT:
        try:
            db = self._open = self._open or open_file(self._path, _SCHEMA)
            with transaction(db):
                return work(db)
        except (sqlite3.OperationalError, OSError) as error:
            raise StoreUnavailable("the queue file cannot be used now") from error

    def _shut(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None


def _held(db: sqlite3.Connection, queue: str, message: QueueMessage, now: int) -> int:
    """When a message expires that is still the caller's to change. Raises Missing and Stale."""
    query = "SELECT receipt, expires_at FROM messages WHERE id = ? AND queue = ? AND expires_at > ?"
    row = db.execute(query, (message.id, queue, now)).fetchone()
    if row is None:
        raise Missing("no such message")
    if row[0] != message.receipt:
        raise Stale("received or changed by another")
    return int(row[1])


def _message(row: tuple[Any, ...]) -> QueueMessage:
    _, ident, receipt, body, dequeue_count, inserted_at, expires_at, visible_at = row
    return QueueMessage(
        id=ident,
        receipt=receipt,
        body=body,
        dequeue_count=dequeue_count,
        inserted_at=from_millis(inserted_at),
        expires_at=from_millis(expires_at),
        next_visible_at=from_millis(visible_at),
    )
