"""Ranges, rollouts, namespaces and filters: as GrowthBook cuts them, and as people expect of them."""

from itertools import pairwise

import pytest
from growthbook.core import chooseVariation, getBucketRanges, inNamespace
from hypothesis import example, given
from hypothesis import strategies as st

from shared.messaging.experiments.bucketing import (
    bucket_ranges,
    choose_variation,
    in_filter,
    in_namespace,
    in_rollout,
)
from shared.messaging.experiments.hashing import BUCKETS

VALUES = st.text(min_size=1, max_size=40)
SEEDS = st.text(min_size=1, max_size=40)
PARTS = st.integers(0, BUCKETS).map(lambda part: part / BUCKETS)
PEOPLE = [f"person-{number}" for number in range(2000)]
ODD_WEIGHTS = st.lists(
    st.floats() | st.floats(0, 1) | st.sampled_from([0.5, 0.25, 0.495, 0.505, 0.33]), max_size=9
)


@given(count=st.integers(1, 9), coverage=st.floats(allow_nan=False), weights=st.none() | ODD_WEIGHTS)
@example(count=2, coverage=1.0, weights=[0.5, 0.49])
@example(count=2, coverage=1.0, weights=[0.5, 0.51])
@example(count=2, coverage=1.0, weights=[0.5, 0.4899])
@example(count=3, coverage=0.5, weights=[0.5, 0.5])
@example(count=2, coverage=0.4, weights=[1.2, -0.2])
@example(count=4, coverage=-0.2, weights=None)
def test_ranges_are_the_peers_for_any_weights(
    count: int, coverage: float, weights: list[float] | None
) -> None:
    """GrowthBook's tolerance included: 0.99 to 1.01 is taken as given, all else as equal weights."""
    assert list(bucket_ranges(count, coverage, weights)) == getBucketRanges(count, coverage, weights)


@given(n=PARTS, count=st.integers(2, 8), coverage=PARTS)
def test_choosing_is_the_peers(n: float, count: int, coverage: float) -> None:
    ranges = bucket_ranges(count, coverage)
    assert choose_variation(n, ranges) == chooseVariation(n, list(ranges))


@given(namespace=SEEDS, value=VALUES, start=PARTS, end=PARTS)
def test_namespaces_are_the_peers(namespace: str, value: str, start: float, end: float) -> None:
    assert in_namespace(namespace, value, start, end) == inNamespace(value, (namespace, start, end))


@given(seed=SEEDS, value=VALUES, shares=st.lists(PARTS | st.floats(0, 1), min_size=2, max_size=6))
def test_raising_the_share_never_removes_anyone(seed: str, value: str, shares: list[float]) -> None:
    answers = [in_rollout(seed, value, share) for share in sorted(shares)]
    assert answers == sorted(answers)


@given(seed=SEEDS, value=VALUES)
def test_a_share_of_nothing_is_nobody_and_a_share_of_one_everybody(seed: str, value: str) -> None:
    assert not in_rollout(seed, value, 0)
    assert in_rollout(seed, value, 1)


@given(n=PARTS.filter(lambda n: n < 1), count=st.integers(2, 8), coverages=st.tuples(PARTS, PARTS))
def test_raising_the_coverage_moves_nobody_between_variants(
    n: float, count: int, coverages: tuple[float, float]
) -> None:
    less, more = (choose_variation(n, bucket_ranges(count, coverage)) for coverage in sorted(coverages))
    assert less in (-1, more)


@given(value=VALUES, namespace=SEEDS, cuts=st.lists(PARTS, max_size=6))
def test_a_cut_namespace_puts_everybody_into_exactly_one_part(
    value: str, namespace: str, cuts: list[float]
) -> None:
    edges = [0.0, *sorted(cuts), 1.0]
    parts = list(pairwise(edges))
    assert sum(in_namespace(namespace, value, start, end) for start, end in parts) == 1
    assert sum(in_filter(namespace, value, [part]) for part in parts) == 1


@pytest.mark.parametrize(("share", "expected"), [(0.01, 0.01), (0.1, 0.1), (0.5, 0.5), (0.99, 0.99)])
def test_a_share_lets_in_about_that_many(share: float, expected: float) -> None:
    inside = sum(in_rollout("spring", person, share) for person in PEOPLE) / len(PEOPLE)
    assert inside == pytest.approx(expected, abs=0.03)
