"""From a place between 0 and 1 to a decision: rollouts, variations, namespaces, filters.

Each function does what GrowthBook's of the same purpose does (growthbook.io, Build your own SDK; Python SDK 4.0.0,
``growthbook.core``), to the last bit of the floating-point comparisons. All ranges are half open: start <= n < end.
"""

import math
from collections.abc import Sequence

from shared.messaging.experiments.hashing import HashVersion, hash_place, hash_v2

Range = tuple[float, float]
"""(start, end), the end not included."""


def bucket_ranges(
    count: int, coverage: float = 1.0, weights: Sequence[float] | None = None
) -> tuple[Range, ...]:
    """The range of each of ``count`` variations (``getBucketRanges``).

    Each variation starts where the weights before it end and takes ``coverage`` of its own weight, so that raising the
    coverage adds people to each variation and moves nobody between them.

    Args:
        count: how many variations.
        coverage: the share of people who take part; cut to 0..1.
        weights: one for each variation. Missing ones, the wrong number of them, negative or endless ones, or a sum
            outside 0.99..1.01 count as equal weights: GrowthBook's tolerance.
    """
    coverage = min(max(coverage, 0), 1)
    start = 0.0
    ranges = []
    for weight in weights if weights is not None and _usable(weights, count) else [1 / count] * count:
        ranges.append((start, start + coverage * weight))
        start += weight
    return tuple(ranges)


def choose_variation(n: float, ranges: Sequence[Range]) -> int:
    """The index of the first range that holds ``n``, or -1."""
    for index, (start, end) in enumerate(ranges):
        if start <= n < end:
            return index
    return -1


def in_rollout(seed: str, value: str, share: float) -> bool:
    """True when the value is among the first ``share`` (0..1) of places under the seed; 0 is nobody, 1 everybody.

    Raising the share only adds people. In GrowthBook it is ``range: [0, share]`` with hash version 2; ``coverage:
    share`` is the same in its Python SDK, while SDKs that compare with <= let one place of 10,000 more in.
    """
    return share >= 1 or hash_v2(seed, value) < share


def in_namespace(namespace: str, value: str, start: float, end: float) -> bool:
    """True when the value's place in the namespace is in [start, end): GrowthBook's ``namespace`` triple, hash version 1.

    Disjoint ranges of one namespace never share a person.
    """
    return in_filter(namespace_seed(namespace), value, [(start, end)], 1)


def in_filter(seed: str, value: str, ranges: Sequence[Range], version: HashVersion = 2) -> bool:
    """True when the value's place under the filter's seed is in any of the ranges: one entry of ``filters``.

    GrowthBook's namespaces of several ranges are sent in this form, the seed being the namespace's.
    """
    return choose_variation(hash_place(seed, value, version), ranges) >= 0


def namespace_seed(namespace: str) -> str:
    """The seed that GrowthBook makes of a namespace triple's id."""
    return f"__{namespace}"


def _usable(weights: Sequence[float], count: int) -> bool:
    tolerated = len(weights) == count and all(math.isfinite(weight) and weight >= 0 for weight in weights)
    return tolerated and 0.99 <= sum(weights) <= 1.01  # noqa: PLR2004 - GrowthBook's tolerance
