"""Who counts as dormant, as written to, and as back; and how much of it may be chance."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.analytics.reactivation.rules import (
    Life,
    difference,
    dormant,
    left_alone,
    returned,
    share,
    spans_of,
    written_to,
)

DAY = 86_400_000
HOUR = DAY // 24


def been(*days, n=1):
    """Visits of an hour that began on these days."""
    return Life(n, f"p{n}", tuple((day * DAY, day * DAY + HOUR) for day in days))


@pytest.mark.parametrize(
    ("life", "at", "expected"),
    [
        (been(10), 40 * DAY + HOUR, True),
        (been(10), 40 * DAY + HOUR - 1, False),
        (been(10, 35), 50 * DAY, False),
        (been(10, 60), 50 * DAY, True),
        (been(), 50 * DAY, False),
        (been(60, 61), 50 * DAY, False),
    ],
)
def test_dormant_is_who_was_there_and_stayed_away_for_30_days(life, at, expected):
    assert dormant(life, at) is expected


@pytest.mark.parametrize(("day", "expected"), [(49, False), (50, True), (57, True), (58, False)])
def test_back_is_who_comes_within_the_days(day, expected):
    assert returned(been(10, day), 50 * DAY, 7 * DAY) is expected


def test_each_person_is_asked_about_once_at_the_first_message_that_found_them_away():
    people = [been(10, 55, n=1), been(10, 45, n=2), been(10, n=3), been(10, n=4)]
    reached = {"p1": [60 * DAY, 50 * DAY], "p2": [50 * DAY], "p3": [50 * DAY]}
    assert written_to(people, reached, 7 * DAY) == {1: True, 3: False}


def test_who_came_back_before_any_message_came_back_without_one():
    people = [been(10, 42, n=1), been(10, n=2), been(10, n=3), been(39, n=4)]
    reached = {"p1": [50 * DAY], "p2": [50 * DAY]}
    assert left_alone(people, reached, 41 * DAY, 7 * DAY) == {1: True, 3: False}


def test_visits_that_are_no_longer_remembered_one_by_one_count_for_their_week():
    begin = 4 * DAY  # the Monday from which weeks are counted
    recent = [(begin + 100 * DAY, begin + 100 * DAY + HOUR)]
    life = Life(1, "p1", spans_of(recent, {0: 3, 8: 2, 14: 1}))
    assert not dormant(life, begin + 20 * DAY)
    assert dormant(life, begin + 50 * DAY)
    assert returned(life, begin + 50 * DAY, 7 * DAY)
    assert not dormant(life, begin + 70 * DAY)


def test_shares_come_with_what_chance_may_make_of_them():
    # Newcombe 1998, example (a) of method 10
    gap = difference(share(56, 70), share(48, 80))
    assert (round(gap.value, 4), round(gap.low, 4), round(gap.high, 4)) == (0.2, 0.0524, 0.3339)


@given(st.integers(0, 500), st.integers(1, 500))
def test_every_share_lies_in_its_interval(part, whole):
    found = share(min(part, whole), whole)
    assert 0 <= found.low <= found.value <= found.high <= 1


LIVES = st.lists(st.lists(st.integers(0, 120), max_size=6, unique=True), max_size=8).map(
    lambda people: [been(*days, n=n) for n, days in enumerate(people)]
)
REACHED = st.dictionaries(
    st.integers(0, 7).map("p{}".format), st.lists(st.integers(40, 69).map(lambda day: day * DAY), max_size=4)
)


@given(LIVES, REACHED)
def test_nobody_is_in_both_groups_and_all_had_stayed_away(lives, reached):
    one = written_to(lives, reached, 14 * DAY)
    other = left_alone(lives, reached, 40 * DAY, 14 * DAY)
    assert not one.keys() & other.keys()
    by_number = {life.number: life for life in lives}
    assert all(dormant(by_number[n], 40 * DAY) for n in other)
    assert all(any(dormant(by_number[n], at) for at in reached[f"p{n}"]) for n in one)
