"""What a day's budget leaves room for, and when the next day begins."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.budget import SHED_FROM, Budget, day_of, ends_at
from shared.kernel.clock import ManualClock
from shared.kernel.errors import Unavailable

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)


def budget(per_day, spent=0, at=NOW):
    found = Budget(per_day, ManualClock(at))
    found.learn(day_of(at), spent)
    return found


@pytest.mark.parametrize(
    ("spent", "shed"),
    [
        (0, []),
        (799, []),
        (800, ["decision_samples", "archive", "profile_sync"]),
        (900, ["decision_samples", "archive", "profile_sync", "nightly_rebuilds"]),
        (1000, ["decision_samples", "archive", "profile_sync", "nightly_rebuilds", "simulations"]),
        (5000, ["decision_samples", "archive", "profile_sync", "nightly_rebuilds", "simulations"]),
    ],
)
def test_the_least_missed_is_left_out_first(spent, shed):
    assert budget(1000, spent).shed == shed


def test_without_a_budget_nothing_is_left_out():
    assert budget(0, 10**12).shed == []


def test_what_is_not_known_stops_nobody():
    assert Budget(1, ManualClock(NOW)).shed == []


def test_another_day_begins_at_midnight_in_california():
    assert day_of(datetime(2026, 11, 22, 7, 59, tzinfo=UTC)) == TODAY
    assert day_of(datetime(2026, 11, 22, 8, 0, tzinfo=UTC)) == TODAY + timedelta(days=1)
    found = budget(1000, 1000)
    with pytest.raises(Unavailable) as refused:
        found.require("simulations")
    assert (refused.value.code, refused.value.retry_after) == ("budget_spent", 12 * 3600)

    found._clock.advance(timedelta(seconds=refused.value.retry_after))
    found.require("simulations")


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)))
def test_a_day_ends_within_25_hours_and_the_next_moment_is_another_day(moment):
    moment = moment.replace(tzinfo=UTC)
    end = ends_at(moment).astimezone(UTC)

    assert timedelta() < end - moment <= timedelta(hours=25)
    assert day_of(end) == day_of(moment) + timedelta(days=1)
    assert day_of(end - timedelta(microseconds=1)) == day_of(moment)


@given(st.integers(0, 3000), st.integers(0, 3000))
def test_who_has_spent_more_leaves_out_no_less(one, more):
    less, most = sorted((one, more))
    assert set(budget(1000, less).shed) <= set(budget(1000, most).shed) <= set(SHED_FROM)
