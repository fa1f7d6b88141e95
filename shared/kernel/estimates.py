"""How far to trust what was found on a sample. Pure."""

import math
from typing import Final, NamedTuple

Z: Final = 1.959964
"""The standard normal distribution's two-sided quantile for 95 %."""


class Interval(NamedTuple):
    """An estimate of a number of people, and the bounds that hold with 95 % confidence."""

    estimate: float
    low: float
    high: float


def wilson(hits: float, read: int, population: int) -> Interval:
    """How many of a population there are, when ``hits`` of ``read`` were found: Wilson's score interval for a proportion.

    Exact when everybody was read. ``hits`` may be a weighted number. Never fewer than were seen, nor more than are left.
    """
    if read == 0:
        return Interval(0.0, 0.0, 0.0 if population == 0 else float(population))
    if read >= population:
        return Interval(hits, hits, hits)
    p, spread = hits / read, Z * Z / read
    middle = (p + spread / 2) / (1 + spread)
    half = Z * math.sqrt(p * (1 - p) / read + spread / (4 * read)) / (1 + spread)
    # at the ends the interval is closed: rounding must not leave a hair of it
    low = (middle - half) * population if hits > 0 else 0.0
    high = (middle + half) * population if hits < read else float(population)
    return Interval(
        p * population, max(low, math.floor(hits)), min(high, population - math.floor(read - hits))
    )
