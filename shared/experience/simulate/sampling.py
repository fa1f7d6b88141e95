"""Which profiles stand for all: a stratified sample, the same for the same seed, and how far to trust it. Pure.

Visitors and signed-in people are two strata, each with its share of the sample. Within one, ids are random letters (a keyed
hash, Firebase's uids), so that those behind a point chosen by the seed are a simple random sample of it.
"""

import base64
import hashlib
import math
from collections.abc import Mapping
from typing import Final, NamedTuple

from shared.people.profiles.models import PersonType

STRATA: Final[tuple[PersonType, ...]] = ("ip", "user")
Z: Final = 1.959964
"""The standard normal distribution's two-sided quantile for 95 %."""


class Interval(NamedTuple):
    """An estimate of a number of people, and the bounds that hold with 95 % confidence."""

    estimate: float
    low: float
    high: float


def shares(sizes: Mapping[PersonType, int], most: int) -> dict[PersonType, int]:
    """How many to read of each stratum, ``most`` in all, in proportion to its size and at least one of each."""
    total = sum(sizes.values())
    if total <= most:
        return dict(sizes)
    found = {kind: max(1, most * size // total) if size else 0 for kind, size in sizes.items()}
    largest = max(sizes, key=lambda kind: sizes[kind])
    found[largest] += most - sum(found.values())
    return found


def start(kind: PersonType, seed: str) -> str:
    """The id behind which a stratum's sample begins."""
    digest = hashlib.sha256(f"{kind}\x1f{seed}".encode()).digest()
    if kind == "ip":
        return f"v_{digest.hex()[:32]}"
    return base64.b64encode(digest, altchars=b"Zz").decode()[:28]


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
