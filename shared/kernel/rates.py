"""Rate limits in memory: a bucket for each key that fills evenly (the generic cell rate algorithm).

One number a key, no window edges to burst across, the injected clock, and a bound on memory: what the usual libraries
do not offer together. Each instance counts for itself.
"""

import math
from collections import OrderedDict
from typing import Final, NamedTuple

from shared.kernel.clock import Clock

CAPACITY: Final = 50_000
"""Keys remembered; beyond them the longest unused is forgotten."""


class Allowance(NamedTuple):
    """What is left of a limit: ``remaining`` requests now, all of them again in ``reset`` seconds.

    ``retry_after`` is None when the request was let through, else the whole seconds until one is let through again.
    """

    limit: int
    remaining: int
    reset: int
    retry_after: int | None = None


class Meter:
    """Counts requests by key."""

    def __init__(self, clock: Clock, *, period: float = 60.0, capacity: int = CAPACITY) -> None:
        self.period = period
        self._clock = clock
        self._capacity = capacity
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def take(self, key: str, limit: int) -> Allowance:
        """Count one request of ``limit`` in a period (60 seconds); a refused one is not counted."""
        now = self._clock.monotonic()
        step = self.period / limit
        full_at = max(self._full_at.get(key, now), now)
        wait = full_at + step - now - self.period
        if wait > 1e-9:  # noqa: PLR2004 - a rounding error is no excess
            return Allowance(limit, 0, math.ceil(full_at - now), max(1, math.ceil(wait)))
        self._full_at[key] = full_at + step
        self._full_at.move_to_end(key)
        if len(self._full_at) > self._capacity:
            self._full_at.popitem(last=False)
        return Allowance(limit, math.floor(-wait / step + 1e-9), math.ceil(full_at + step - now))
