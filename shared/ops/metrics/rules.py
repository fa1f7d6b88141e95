"""Sums, rates and thresholds (messaging-platform.md §16.5; where it names none, ours)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from shared.ops.metrics.models import SAMPLES, Share, Spent, Total

State = Literal["ok", "warning", "critical"]
Name = Literal[
    "queue_waiting",
    "queue_poisoned",
    "queue_oldest_seconds",
    "staged_batches",
    "staged_parked",
    "staged_oldest_seconds",
    "firestore_reads_today",
    "firestore_writes_today",
    "firestore_deletes_today",
    "firestore_reads_per_second",
    "firestore_writes_per_second",
    "mongo_update_seconds",
    "budget_spent_share",
]
_LAST_MINUTES: Final = timedelta(minutes=2)
"""How old an instance's word on its longest update may be."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """A figure beyond one of them is in that state; None is never reached."""

    warning: float | None = None
    critical: float | None = None


_MINUTE: Final = 60.0
THRESHOLDS: Final[dict[Name, Threshold]] = {
    "queue_waiting": Threshold(10_000, 50_000),  # §16.5: 10k events
    "queue_poisoned": Threshold(0, 10),
    "queue_oldest_seconds": Threshold(15 * _MINUTE, 60 * _MINUTE),  # §16.3: figures within 15 minutes
    "staged_batches": Threshold(100, 1_000),
    "staged_parked": Threshold(0, 10),
    "staged_oldest_seconds": Threshold(15 * _MINUTE, 60 * _MINUTE),
    "firestore_reads_today": Threshold(),
    "firestore_writes_today": Threshold(),
    "firestore_deletes_today": Threshold(),
    "firestore_reads_per_second": Threshold(),
    "firestore_writes_per_second": Threshold(
        5, 500
    ),  # §16.5: 5 a second; Firestore's limit while it warms up
    "mongo_update_seconds": Threshold(_MINUTE, 5 * _MINUTE),  # §16.5: a minute
    "budget_spent_share": Threshold(0.8, 1.0),
}

OF_STORES: Final[tuple[Name, ...]] = (
    "firestore_reads_today",
    "firestore_writes_today",
    "firestore_deletes_today",
    "firestore_reads_per_second",
    "firestore_writes_per_second",
    "mongo_update_seconds",
    "budget_spent_share",
)
"""The figures that the sum of all instances tells."""


def state_of(name: Name, value: float | None) -> State:
    """The state of a figure; what cannot be read is critical."""
    threshold = THRESHOLDS[name]
    if value is None or (threshold.critical is not None and value > threshold.critical):
        return "critical"
    return "warning" if threshold.warning is not None and value > threshold.warning else "ok"


def worst(states: Iterable[State]) -> State:
    """The worst of some states."""
    order: list[State] = ["ok", "warning", "critical"]
    return max(states, key=order.index, default="ok")


def summed(before: Total, shares: Iterable[Share], now: datetime) -> Total:
    """The day's total with one more sum."""
    shares = list(shares)
    spent = sum((each.spent for each in shares), Spent())
    longest = max((each.longest_ms for each in shares if now - each.at <= _LAST_MINUTES), default=0.0)
    kept = [sample for sample in before.samples if sample[0] < now]
    return Total(before.day, (*kept, (now, spent))[-SAMPLES:], longest)


def rates(total: Total) -> tuple[float, float]:
    """Reads and writes a second between the oldest and the newest sum kept; 0 before there are two."""
    if len(total.samples) < 2:  # noqa: PLR2004
        return 0.0, 0.0
    (began, first), (ended, last) = total.samples[0], total.samples[-1]
    seconds, spent = (ended - began).total_seconds(), last - first
    return max(0.0, spent.reads / seconds), max(0.0, spent.writes / seconds)
