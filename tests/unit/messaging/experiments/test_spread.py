"""100,000 people spread evenly and independently; the figures are fixed, so that nothing here depends on luck."""

from collections import Counter
from collections.abc import Sequence

import pytest

from shared.messaging.experiments.bucketing import bucket_ranges, choose_variation
from shared.messaging.experiments.hashing import hash_v2

PEOPLE = [f"{number:06d}" for number in range(100_000)]
CRITICAL = {1: 10.83, 3: 16.27, 9: 27.88, 99: 148.23}
"""Chi-square that chance exceeds once in a thousand, by degrees of freedom."""


@pytest.fixture(scope="module")
def places() -> list[float]:
    return [hash_v2("greeting", person) for person in PEOPLE]


def chi_square(seen: Counter[int], shares: Sequence[float]) -> float:
    total = seen.total()
    return sum((seen[index] - total * share) ** 2 / (total * share) for index, share in enumerate(shares))


def test_places_are_even(places: list[float]) -> None:
    assert chi_square(Counter(int(place * 100) for place in places), [0.01] * 100) < CRITICAL[99]


@pytest.mark.parametrize("weights", [[0.5, 0.5], [0.9, 0.1], [0.1, 0.2, 0.3, 0.4], [0.1] * 10])
def test_variants_get_their_weights(places: list[float], weights: list[float]) -> None:
    ranges = bucket_ranges(len(weights), 1, weights)
    seen = Counter(choose_variation(place, ranges) for place in places)
    assert chi_square(seen, weights) < CRITICAL[len(weights) - 1]


def test_one_seeds_deal_says_nothing_of_anothers(places: list[float]) -> None:
    """The tenth of a person under one seed is even among those of each tenth under another."""
    seen = Counter(
        int(place * 10) * 10 + int(hash_v2("c_1:rollout", person) * 10)
        for place, person in zip(places, PEOPLE, strict=True)
    )
    assert chi_square(seen, [0.01] * 100) < CRITICAL[99]
