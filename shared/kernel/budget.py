"""The guard on Firestore operations a day: what is left out, and when, as the day's budget runs low (docs/operations.md).

Firestore's own day ends at midnight in California (firebase.google.com/docs/firestore/quotas), so this one does as well.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from math import ceil
from types import MappingProxyType
from typing import Final, Literal
from zoneinfo import ZoneInfo

from shared.kernel.clock import Clock
from shared.kernel.errors import Unavailable

Work = Literal["decision_samples", "archive", "profile_sync", "nightly_rebuilds", "simulations"]
"""What can wait for another day. Decisions, acknowledgements and consent never ask the guard."""

SHED_FROM: Final[Mapping[Work, float]] = MappingProxyType(
    {
        "decision_samples": 0.8,
        "archive": 0.8,
        "profile_sync": 0.8,
        "nightly_rebuilds": 0.9,
        "simulations": 1.0,
    }
)
"""The part of the budget with whose spending each is left out, the least missed first."""
_ZONE: Final = ZoneInfo("America/Los_Angeles")


def day_of(moment: datetime) -> date:
    """Firestore's day of a moment."""
    return moment.astimezone(_ZONE).date()


def ends_at(moment: datetime) -> datetime:
    """When Firestore's day of a moment ends."""
    tomorrow = day_of(moment) + timedelta(days=1)
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=_ZONE)


class Budget:
    """What this instance knows of the day's operations; it never waits for a store, and in doubt it allows.

    Args:
        per_day: reads, writes and deletes a day (``Settings.firestore_operations_per_day``); 0 guards nothing.
        clock: tells the day.
    """

    def __init__(self, per_day: int, clock: Clock) -> None:
        self.per_day = per_day
        self._clock = clock
        self._known: tuple[date, int] | None = None

    def learn(self, day: date, spent: int) -> None:
        """What all instances together have spent by now on that day."""
        self._known = (day, spent)

    @property
    def share(self) -> float:
        """The part of today's budget that is spent, as far as is known; may be beyond 1."""
        if not self.per_day or self._known is None or self._known[0] != day_of(self._clock.now()):
            return 0.0
        return self._known[1] / self.per_day

    @property
    def shed(self) -> list[Work]:
        """What is left out now."""
        return [work for work in SHED_FROM if not self.allows(work)]

    def allows(self, work: Work) -> bool:
        """Whether there is budget for such work."""
        return self.share < SHED_FROM[work]

    def require(self, work: Work) -> None:
        """Raises Unavailable ``budget_spent``, to come again when the day ends, where the budget has none for it."""
        if not self.allows(work):
            now = self._clock.now()
            raise Unavailable(code="budget_spent", retry_after=ceil((ends_at(now) - now).total_seconds()))
