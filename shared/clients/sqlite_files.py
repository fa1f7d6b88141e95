"""The SQLite files of the embedded stack, which several processes may open at once."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

BUSY_SECONDS: Final = 5.0
"""Longest wait for another process's commit."""


def open_file(path: Path | Literal[":memory:"], schema: str) -> sqlite3.Connection:
    """A connection to a file, made with its folder when there is none, whose tables are there.

    It commits by itself outside ``transaction``. A database in memory may be used by any thread, a file by its opener's.
    Raises OSError and sqlite3.Error.
    """
    if isinstance(path, Path):
        path.parent.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(
        path,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        cached_statements=512,
        check_same_thread=isinstance(path, Path),
    )
    try:
        _write_ahead(db)
        db.execute("PRAGMA synchronous = NORMAL")
        db.executescript(f"BEGIN IMMEDIATE;{schema};COMMIT")
    except sqlite3.Error:
        db.close()
        raise
    return db


@contextmanager
def transaction(
    db: sqlite3.Connection, kind: Literal["IMMEDIATE", "DEFERRED"] = "IMMEDIATE"
) -> Iterator[None]:
    """All of the block or nothing; as the only writer over all processes, or deferred: as of one moment."""
    db.execute(f"BEGIN {kind}")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:  # a full disk may have ended it already
            db.execute("ROLLBACK")
        raise


def _write_ahead(db: sqlite3.Connection) -> None:
    """Switch to the write-ahead log: SQLite's busy timeout does not cover this among processes on a new file."""
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return
