"""How fast many writes may come: Firestore's 500/50/5 guidance, as a pure controller on whatever clock it is told of.

At most 500 writes a second at first, half as many again every 5 minutes; half of that for 5 minutes after the store said
that it is too much (firebase.google.com/docs/firestore/best-practices, «Ramping up traffic»; design/performance.md §6, row 8).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

STEP: Final = timedelta(minutes=5)
RISE: Final = 1.5
HEADROOM: Final = 1.03
"""So much below the guidance, because writes come in whole commits."""
FORGOTTEN: Final = timedelta(minutes=30)
"""Unused for so long, it begins anew."""
MAX_LEVEL: Final = 6
MAX_STEPS: Final = 60


@dataclass(frozen=True, slots=True)
class Ramp:
    """Where it stands.

    ``began`` is when the first writes came, ``free_at`` when what was granted so far will be through, ``level`` how often it was
    halved, which ends at ``slow_until``.
    """

    began: datetime
    free_at: datetime
    level: int = 0
    slow_until: datetime | None = None

    @classmethod
    def new(cls, now: datetime) -> "Ramp":
        """Nothing written yet."""
        return cls(now, now)

    def rate(self, now: datetime, first: float) -> float:
        """Writes a second from now on, ``first`` in the first minutes."""
        steps = min(MAX_STEPS, max(0, (now - self.began) // STEP))
        return float(first * RISE**steps / 2 ** self._halved(now))

    def take(self, writes: int, now: datetime, first: float) -> tuple["Ramp", datetime]:
        """Grant some writes; gives the ramp after them, and when they may begin."""
        ramp = self if now - self.free_at < FORGOTTEN else Ramp.new(now)
        begin = max(now, ramp.free_at)
        through = begin + timedelta(seconds=writes * HEADROOM / ramp.rate(begin, first))
        return replace(ramp, free_at=through), begin

    def slower(self, now: datetime) -> "Ramp":
        """After the store asked for less: half as fast for 5 minutes, then as fast as it would have been."""
        return replace(self, level=min(MAX_LEVEL, self._halved(now) + 1), slow_until=now + STEP)

    def _halved(self, now: datetime) -> int:
        return self.level if self.slow_until is not None and now < self.slow_until else 0

    def to_data(self) -> dict[str, Any]:
        """As it is stored."""
        return {
            "began": self.began,
            "freeAt": self.free_at,
            "level": self.level,
            "slowUntil": self.slow_until,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Ramp":
        """A stored one."""
        return cls(data["began"], data["freeAt"], data["level"], data["slowUntil"])


def seconds_for(writes: int, first: float) -> float:
    """How long that many writes take on a cold store, in seconds."""
    rate, left, seconds = first, float(writes), 0.0
    while left > rate * STEP.total_seconds():
        left -= rate * STEP.total_seconds()
        seconds += STEP.total_seconds()
        rate *= RISE
    return seconds + left / rate
