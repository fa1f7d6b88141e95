"""What the stores were asked for in a day, by one instance and by all of them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

KEPT: Final = timedelta(days=3)
"""How long counts of a day outlive their last change."""
SAMPLES: Final = 6
"""Sums of all instances that are kept of a day, one a minute: what lasts five minutes is sustained (§16.5)."""


@dataclass(frozen=True, slots=True)
class Spent:
    """Documents read, written and deleted."""

    reads: int = 0
    writes: int = 0
    deletes: int = 0

    @property
    def total(self) -> int:
        """What the budget counts."""
        return self.reads + self.writes + self.deletes

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(self.reads + other.reads, self.writes + other.writes, self.deletes + other.deletes)

    def __sub__(self, other: "Spent") -> "Spent":
        return Spent(self.reads - other.reads, self.writes - other.writes, self.deletes - other.deletes)


@dataclass(frozen=True, slots=True)
class Share:
    """What one instance has spent on a day; ``longest_ms`` is its longest Mongo update of the last minute, in milliseconds."""

    day: date
    instance: str
    spent: Spent
    longest_ms: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Total:
    """What all instances have spent on a day; ``samples`` are the sums of the last minutes, oldest first."""

    day: date
    samples: tuple[tuple[datetime, Spent], ...] = ()
    longest_ms: float = 0.0

    @property
    def spent(self) -> Spent:
        """The newest sum."""
        return self.samples[-1][1] if self.samples else Spent()
