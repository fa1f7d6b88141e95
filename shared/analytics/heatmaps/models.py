"""``loginHeatmaps``: logins by hour of the local day, one document for each scope and social day; and one for each scope and
week or month, by weekday and hour (``heatmaps.sums``).

A scope is ``all``, ``city:<id>`` or ``org:<id>``. A day's document has ``day`` and 24 ``hours``, a period's ``granularity``,
``start`` and 168 ``cells``, Monday first.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final, Literal

from shared.analytics.behaviour.models import HOURS
from shared.analytics.ingest.rows import Row
from shared.clients.analytics.port import Doc

COLLECTION: Final = "loginHeatmaps"
ALL: Final = "all"
Granularity = Literal["daily", "weekly", "monthly"]
Cells = Counter[tuple[int, int]]
"""Logins by weekday (0 is Monday) and hour."""


@dataclass(frozen=True, slots=True)
class HeatDay:
    """Logins of a scope on a day, by local hour; hours before 06:00 belong to the evening before."""

    scope: str
    day: str
    hours: tuple[int, ...] = (0,) * HOURS
    pending: tuple[str, ...] = ()
    revision: int = 0

    @property
    def key(self) -> str:
        """The document's id."""
        return f"{self.scope}|{self.day}"

    @property
    def cells(self) -> Cells:
        """By weekday and hour."""
        weekday = date.fromisoformat(self.day).weekday()
        return Counter({(weekday, hour): number for hour, number in enumerate(self.hours) if number})


@dataclass(frozen=True, slots=True)
class HeatSum:
    """Logins of a scope in a week (from its Monday) or a month (from its first), summed at a moment."""

    scope: str
    granularity: Granularity
    start: date
    cells: Cells = field(default_factory=Counter)
    updated_at: datetime | None = None


def counts_for(row: Row) -> list[tuple[str, str]]:
    """The scopes and days of which an event is a login; none for machines and unknown zones."""
    if row.type != "login" or row.bot is not None or row.hour is None:
        return []
    scopes = [
        ALL,
        *([f"city:{row.city}"] if row.city else []),
        *([f"org:{row.organizer}"] if row.organizer else []),
    ]
    return [(scope, row.day) for scope in scopes]


def record(day: HeatDay, rows: Iterable[Row]) -> HeatDay:
    """The day with more logins, none of which it has counted before."""
    hours = list(day.hours)
    for row in rows:
        if row.hour is not None:
            hours[row.hour] += 1
    return replace(day, hours=tuple(hours))


def to_fields(day: HeatDay, now: datetime) -> Doc:
    """The document's fields but its id."""
    return {
        "scope": day.scope,
        "day": day.day,
        "hours": list(day.hours),
        "pending": list(day.pending),
        "revision": day.revision,
        "updatedAt": now,
    }


def from_document(document: Mapping[str, Any]) -> HeatDay:
    """The day in a document."""
    return HeatDay(
        document["scope"],
        document["day"],
        tuple(document["hours"]),
        tuple(document["pending"]),
        document["revision"],
    )
