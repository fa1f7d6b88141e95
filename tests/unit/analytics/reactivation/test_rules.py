"""Who counts as dormant, as written to, and as back."""

import pytest

from shared.analytics.reactivation.rules import Group, dormant, judged, returned
from shared.people.profiles.models import Visits

DAY = 86_400_000
HOUR = DAY // 24


def been(*days, earlier=0):
    """Visits of an hour that began on these days."""
    return Visits(tuple((day * DAY, day * DAY + HOUR) for day in days), earlier)


@pytest.mark.parametrize(
    ("visits", "at", "expected"),
    [
        (been(10), 40 * DAY + HOUR, True),
        (been(10), 40 * DAY + HOUR - 1, False),
        (been(10, 35), 50 * DAY, False),
        (been(10, 60), 50 * DAY, True),
        (been(), 50 * DAY, False),
        (been(60, 61, earlier=9), 50 * DAY, False),
    ],
)
def test_dormant_is_who_was_there_and_stayed_away_for_30_days(visits, at, expected):
    assert dormant(visits, at) is expected


@pytest.mark.parametrize(("day", "expected"), [(49, False), (50, True), (57, True), (58, False)])
def test_back_is_who_comes_within_the_days(day, expected):
    assert returned(been(10, day), 50 * DAY, 7 * DAY) is expected


@pytest.mark.parametrize(
    ("reached", "expected"),
    [
        ([50 * DAY], (True, 50 * DAY)),
        ([60 * DAY, 50 * DAY], (True, 50 * DAY)),
        ([], (False, 45 * DAY)),
        ([71 * DAY], None),
    ],
)
def test_everybody_is_asked_about_once(reached, expected):
    assert judged(been(10, 70), reached, 45 * DAY) == expected


def test_who_was_there_lately_is_in_neither_group():
    assert judged(been(10, 40), [50 * DAY], 45 * DAY) is None
    assert judged(been(10, 40), [], 45 * DAY) is None


def test_a_group_grows_by_one():
    assert Group(3, 1).with_one(returned=True) == Group(4, 2)
    assert Group(3, 1).with_one(returned=False) == Group(4, 1)
