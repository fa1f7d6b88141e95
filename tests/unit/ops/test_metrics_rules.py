"""Sums of many instances, rates that last, and states by threshold."""

from datetime import UTC, date, datetime, timedelta

import pytest

from shared.ops.metrics.models import SAMPLES, Share, Spent, Total
from shared.ops.metrics.rules import rates, state_of, summed, worst

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
DAY = date(2026, 11, 21)
MINUTE = timedelta(minutes=1)


def share(instance, writes, *, longest=0.0, at=NOW):
    return Share(DAY, instance, Spent(10, writes, 1), longest, at)


@pytest.mark.parametrize(
    ("name", "value", "state"),
    [
        ("queue_waiting", 10_000, "ok"),
        ("queue_waiting", 10_001, "warning"),
        ("queue_waiting", 50_001, "critical"),
        ("queue_poisoned", 0, "ok"),
        ("queue_poisoned", 1, "warning"),
        ("firestore_writes_per_second", 5, "ok"),
        ("firestore_writes_per_second", 5.1, "warning"),
        ("mongo_update_seconds", 60.5, "warning"),
        ("firestore_reads_today", 10**9, "ok"),
        ("queue_waiting", None, "critical"),
    ],
)
def test_a_figure_beyond_its_threshold_is_in_that_state(name, value, state):
    assert state_of(name, value) == state


def test_the_worst_state_is_everybodys():
    assert worst([]) == "ok"
    assert worst(["ok", "critical", "warning"]) == "critical"


def test_instances_are_added_up_and_only_fresh_words_on_duration_count():
    shares = [share("a", 5, longest=900.0), share("b", 7, longest=90_000.0, at=NOW - 3 * MINUTE)]
    total = summed(Total(DAY), shares, NOW)

    assert (total.spent, total.longest_ms) == (Spent(20, 12, 2), 900.0)


def test_a_rate_is_that_of_the_last_five_minutes():
    total = Total(DAY)
    assert rates(total) == (0.0, 0.0)
    for minute in range(12):
        total = summed(total, [share("a", 0 if minute < 6 else 600 * (minute - 6))], NOW + minute * MINUTE)

    assert len(total.samples) == SAMPLES
    assert rates(total) == (0.0, 10.0)


def test_a_sum_that_is_made_twice_in_a_moment_stands_once():
    once = summed(Total(DAY), [share("a", 5)], NOW)
    assert summed(once, [share("a", 5)], NOW) == once
