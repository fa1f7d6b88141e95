"""The twin of FCM: keeps what was sent in one SQLite file, and fails for the tokens it was told to."""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

from shared.clients.lane import Lane
from shared.clients.push.port import TOO_LARGE, Outcome, PushMessage, PushResult, checked
from shared.clients.sqlite_files import open_file, transaction
from shared.kernel.clock import Clock, from_millis, to_millis

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS pushes (
    position INTEGER PRIMARY KEY, at INTEGER NOT NULL, token TEXT NOT NULL, id TEXT NOT NULL,
    title TEXT NOT NULL, body TEXT NOT NULL, link TEXT);
CREATE TABLE IF NOT EXISTS troubles (token TEXT PRIMARY KEY, outcome TEXT NOT NULL);
"""
_LATER_SECONDS: Final = 60

ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True)
class Pushed:
    """A message that was accepted."""

    at: datetime
    message: PushMessage


class EmbeddedPush:
    """A push service in a file, or in memory for one process.

    Args:
        path: the SQLite file (its folder is made), or ``":memory:"``.
        clock: tells when something was sent.
    """

    def __init__(self, path: Path | Literal[":memory:"], clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._lane = Lane(path, "push")
        self._open: sqlite3.Connection | None = None

    async def send(self, messages: Sequence[PushMessage]) -> list[PushResult]:
        """One try for each message."""
        now = to_millis(self._clock.now())
        return await self._run(lambda db: [_sent(db, now, message) for message in checked(messages)])

    async def tell(self, token: str, outcome: Outcome) -> None:
        """Let every message to a token come to this, from now on."""
        await self._run(lambda db: db.execute("REPLACE INTO troubles VALUES (?, ?)", (token, outcome)))

    async def outbox(self, limit: int = 100) -> list[Pushed]:
        """What was accepted, latest first."""
        query = "SELECT at, token, id, title, body, link FROM pushes ORDER BY position DESC LIMIT ?"
        rows = await self._run(lambda db: db.execute(query, (limit,)).fetchall())
        return [Pushed(from_millis(at), PushMessage(*rest)) for at, *rest in rows]

    async def close(self) -> None:
        """Close the file; a later call opens it again."""
        await self._lane.run(self._shut)

    async def _run(self, work: Callable[[sqlite3.Connection], ResultT]) -> ResultT:
        return await self._lane.run(self._work, work)

    def _work(self, work: Callable[[sqlite3.Connection], ResultT]) -> ResultT:
        db = self._open = self._open or open_file(self._path, _SCHEMA)
        with transaction(db):
            return work(db)

    def _shut(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None


def _sent(db: sqlite3.Connection, now: int, message: PushMessage) -> PushResult:
    if not message.fits:
        return TOO_LARGE
    told: tuple[Any, ...] | None = db.execute(
        "SELECT outcome FROM troubles WHERE token = ?", (message.token,)
    ).fetchone()
    if told is not None and told[0] != "accepted":
        later = _LATER_SECONDS if told[0] == "later" else None
        return PushResult(
            told[0],
            cause={"later": "unavailable", "refused": "invalid"}.get(told[0], told[0]),
            retry_after=later,
        )
    row = (now, message.token, message.id, message.title, message.body, message.link)
    written = db.execute(
        "INSERT INTO pushes (at, token, id, title, body, link) VALUES (?, ?, ?, ?, ?, ?)", row
    )
    return PushResult("accepted", vendor_id=f"local/messages/{written.lastrowid}")
