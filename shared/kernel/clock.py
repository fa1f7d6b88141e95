"""One clock for all code (design/decisions.md, Time): injected, never read from the machine elsewhere."""

import time
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


class Clock(Protocol):
    """Tells the time; tests hand in one that stands still."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds from an arbitrary start, never going back: for durations and expiries in memory."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC)  # noqa: TID251 - the one place that reads the machine's clock

    def monotonic(self) -> float:
        """Seconds from an arbitrary start."""
        return time.monotonic()


class ManualClock:
    """A clock that moves only when told: for tests, replays and simulations."""

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._elapsed = 0.0

    def now(self) -> datetime:
        """The moment it was last set to."""
        return self._now

    def monotonic(self) -> float:
        """Seconds it was advanced by so far."""
        return self._elapsed

    def advance(self, step: timedelta) -> None:
        """Move on by a duration, which must not be negative."""
        if step < timedelta():
            raise ValueError("time does not run backwards")
        self._now += step
        self._elapsed += step.total_seconds()


def to_millis(moment: datetime) -> int:
    """A moment as whole milliseconds since 1970 (UTC), rounded down, exactly."""
    return (moment - _EPOCH) // _MILLISECOND


def from_millis(millis: int) -> datetime:
    """The moment that many milliseconds after 1970 (UTC)."""
    return _EPOCH + millis * _MILLISECOND
