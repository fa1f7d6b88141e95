"""SQLite's write-ahead log, which every file of the embedded stack uses."""

import sqlite3
import time


def write_ahead(db: sqlite3.Connection, seconds: float = 3.0) -> None:
    """Switch a database to its write-ahead log, waiting so long for other processes that open the new file, too.

    SQLite's own busy timeout does not cover the switch. Raises sqlite3.OperationalError when they never let go.
    """
    until = time.monotonic() + seconds
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return
