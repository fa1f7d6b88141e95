"""Instances, histories and what waits for them, in one SQLite file: a killed host goes on where it was."""

import json
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

from dev.host.durable.history import Event
from shared.clients.sqlite_files import open_file, transaction
from shared.kernel.clock import from_millis, to_millis

# Times are milliseconds since 1970 (UTC). What an execution waits for carries its id, so that what comes late, after
# continue_as_new or a restart, is dropped; raised events go to whichever execution runs.
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS instances (
    id TEXT PRIMARY KEY, execution TEXT NOT NULL, name TEXT NOT NULL, version TEXT NOT NULL, input TEXT,
    status TEXT NOT NULL, output TEXT, custom_status TEXT, parent TEXT,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS history (
    instance TEXT NOT NULL, position INTEGER NOT NULL, event TEXT NOT NULL, PRIMARY KEY (instance, position));
CREATE TABLE IF NOT EXISTS inbox (
    position INTEGER PRIMARY KEY AUTOINCREMENT, instance TEXT NOT NULL, execution TEXT, due_at INTEGER NOT NULL,
    timer INTEGER, event TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS inbox_by_instance ON inbox (instance, due_at);
CREATE TABLE IF NOT EXISTS activities (
    position INTEGER PRIMARY KEY AUTOINCREMENT, instance TEXT NOT NULL, execution TEXT NOT NULL,
    number INTEGER NOT NULL, name TEXT NOT NULL, input TEXT, attempts INTEGER NOT NULL DEFAULT 0);
"""

_ENDED: Final = ("Completed", "Failed", "Terminated")


@dataclass(slots=True)
class Instance:
    """One orchestration. ``input``, ``output`` and ``custom_status`` are JSON text; ``parent`` awaits its end."""

    id: str
    execution: str
    name: str
    version: str
    input: str | None
    status: str
    output: str | None
    custom_status: str | None
    parent: dict[str, Any] | None
    created_at: datetime
    updated_at: datetime

    @property
    def ended(self) -> bool:
        """Whether nothing more happens to it."""
        return self.status in _ENDED


@dataclass(frozen=True, slots=True)
class Work:
    """An activity to run for one execution of an instance."""

    position: int
    instance: str
    execution: str
    number: int
    name: str
    input: str | None
    attempts: int


class Store:
    """The tables of one task hub; every method is one call, ``transaction`` joins several."""

    def __init__(self, path: Path | Literal[":memory:"]) -> None:
        self._db = open_file(path, _SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def transaction(self) -> AbstractContextManager[None]:
        """All of the block or nothing."""
        return transaction(self._db)

    def instance(self, ident: str) -> Instance | None:
        """An instance by its id."""
        return next(self._instances("WHERE id = ?", ident), None)

    def instances(self) -> list[Instance]:
        """Every instance, oldest first."""
        return list(self._instances("ORDER BY created_at, id"))

    def _instances(self, where: str, *values: Any) -> Iterator[Instance]:
        for row in self._db.execute(f"SELECT * FROM instances {where}", values).fetchall():  # noqa: S608 - ours
            *plain, parent, created, updated = row
            times = from_millis(created), from_millis(updated)
            yield Instance(*plain, json.loads(parent), *times)  # type: ignore[call-arg]

    def keep(self, one: Instance) -> None:
        """Write an instance, new or known."""
        row = (
            one.id, one.execution, one.name, one.version, one.input, one.status, one.output, one.custom_status,
            json.dumps(one.parent), to_millis(one.created_at), to_millis(one.updated_at),
        )  # fmt: skip
        self._db.execute("INSERT OR REPLACE INTO instances VALUES (?,?,?,?,?,?,?,?,?,?,?)", row)

    def forget(self, ident: str, *, instance: bool = False, events: bool = False) -> None:
        """Drop an instance's history and what it waits for; with ``events`` all of its inbox, with ``instance`` itself."""
        self._db.execute("DELETE FROM history WHERE instance = ?", (ident,))
        self._db.execute("DELETE FROM activities WHERE instance = ?", (ident,))
        awaited = "" if events else "AND execution IS NOT NULL"
        self._db.execute(f"DELETE FROM inbox WHERE instance = ? {awaited}", (ident,))  # noqa: S608 - ours
        if instance:
            self._db.execute("DELETE FROM instances WHERE id = ?", (ident,))

    def drop_pending(self, ident: str) -> None:
        """Drop the work and the inbox of an instance that ended."""
        self._db.execute("DELETE FROM activities WHERE instance = ?", (ident,))
        self._db.execute("DELETE FROM inbox WHERE instance = ?", (ident,))

    def history(self, ident: str) -> list[Event]:
        """The events of an instance's present execution."""
        rows = self._db.execute("SELECT event FROM history WHERE instance = ? ORDER BY position", (ident,))
        return [json.loads(text) for (text,) in rows]

    def append(self, ident: str, events: Iterable[Event]) -> None:
        """Add to an instance's history."""
        (start,) = self._db.execute("SELECT count(*) FROM history WHERE instance = ?", (ident,)).fetchone()
        rows = [(ident, start + index, json.dumps(one)) for index, one in enumerate(events)]
        self._db.executemany("INSERT INTO history VALUES (?, ?, ?)", rows)

    def send(
        self, ident: str, one: Event, due: datetime, *, execution: str | None = None, timer: int | None = None
    ) -> None:
        """Put an event in an instance's inbox, to be seen from a moment on."""
        row = (ident, execution, to_millis(due), timer, json.dumps(one))
        self._db.execute(
            "INSERT INTO inbox (instance, execution, due_at, timer, event) VALUES (?,?,?,?,?)", row
        )

    def inbox(self, one: Instance, now: datetime) -> tuple[list[int], list[Event]]:
        """Places of all that has come for an instance, and the events that are its present execution's."""
        rows = self._db.execute(
            "SELECT position, execution, event FROM inbox WHERE instance = ? AND due_at <= ? ORDER BY due_at, position",
            (one.id, to_millis(now)),
        ).fetchall()
        mine = [json.loads(text) for _, execution, text in rows if execution in (None, one.execution)]
        return [position for position, _, _ in rows], mine

    def take(self, positions: Iterable[int]) -> None:
        """Drop what was read from an inbox."""
        self._db.executemany("DELETE FROM inbox WHERE position = ?", [(position,) for position in positions])

    def cancel_timers(self, one: Instance, numbers: Iterable[int]) -> None:
        """Let timers of an instance's present execution never fire."""
        rows = [(one.id, one.execution, number) for number in numbers]
        self._db.executemany("DELETE FROM inbox WHERE instance = ? AND execution = ? AND timer = ?", rows)

    def awake(self, now: datetime) -> list[str]:
        """Ids of instances with something due, longest waiting first."""
        rows = self._db.execute(
            "SELECT instance FROM inbox JOIN instances ON id = instance WHERE due_at <= ? AND status <> 'Suspended' "
            "GROUP BY instance ORDER BY min(position)",
            (to_millis(now),),
        )
        return [ident for (ident,) in rows]

    def next_due(self) -> datetime | None:
        """When the first event of an instance that is not suspended is due."""
        (due,) = self._db.execute(
            "SELECT min(due_at) FROM inbox JOIN instances ON id = instance WHERE status <> 'Suspended'"
        ).fetchone()
        return None if due is None else from_millis(due)

    def add_work(self, one: Instance, number: int, name: str, text: str | None) -> None:
        """Have an activity run."""
        row = (one.id, one.execution, number, name, text)
        self._db.execute(
            "INSERT INTO activities (instance, execution, number, name, input) VALUES (?,?,?,?,?)", row
        )

    def work(self) -> list[Work]:
        """Every activity that is not over, oldest first."""
        return [Work(*row) for row in self._db.execute("SELECT * FROM activities ORDER BY position")]

    def count_attempt(self, one: Work) -> None:
        """Say that an activity starts, before it does."""
        self._db.execute("UPDATE activities SET attempts = attempts + 1 WHERE position = ?", (one.position,))

    def end_work(self, one: Work) -> bool:
        """Be done with an activity; False when that was so before."""
        return self._db.execute("DELETE FROM activities WHERE position = ?", (one.position,)).rowcount > 0
