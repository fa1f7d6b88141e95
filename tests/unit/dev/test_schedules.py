"""NCRONTAB as the Functions host reads it (design/platform-facts.md §5)."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dev.host.schedules import Schedule
from tests.factories.examples import examples

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)  # a Saturday


@pytest.mark.parametrize(
    ("text", "following"),
    [
        ("0 */5 * * * *", "2026-11-21T12:05:00"),
        ("*/15 * * * * *", "2026-11-21T12:00:15"),
        ("5/20 * * * * *", "2026-11-21T12:00:05"),
        ("0 30 4 * * *", "2026-11-22T04:30:00"),
        ("0 0 9-17/4 * * MON-FRI", "2026-11-23T09:00:00"),
        ("0 0 0 * * 0", "2026-11-22T00:00:00"),
        ("0 0 0 * * sun", "2026-11-22T00:00:00"),
        ("0 0 0 1 JAN,MAR *", "2027-01-01T00:00:00"),
        ("0 0 0 29 2 *", "2028-02-29T00:00:00"),
        ("0 0 0 * * 0-0", "2026-11-22T00:00:00"),
        ("*/10 * * * *", "2026-11-21T12:10:00"),
        ("30 4 * * *", "2026-11-22T04:30:00"),
    ],
)
def test_the_next_occurrence(text, following):
    assert Schedule(text).next(NOON) == datetime.fromisoformat(following).replace(tzinfo=UTC)


def test_day_of_month_and_day_of_week_must_both_match():
    """Unlike Unix cron's «or»: Friday the 13th."""
    assert Schedule("0 0 0 13 * FRI").next(NOON) == datetime(2027, 8, 13, tzinfo=UTC)


def test_an_occurrence_is_strictly_later_and_in_utc():
    assert Schedule("0 0 12 * * *").next(NOON) == NOON + timedelta(days=1)
    assert Schedule("0 0 12 * * *").next(NOON - timedelta(microseconds=1)) == NOON
    abroad = NOON.astimezone(timezone(timedelta(hours=-5)))
    assert Schedule("0 0 13 * * *").next(abroad) == NOON + timedelta(hours=1)


@pytest.mark.parametrize(
    "text",
    [
        "00:05:00", "", "* * * *", "* * * * * * *", "60 * * * * *", "* * 24 * * *", "* * * 0 * *", "* * * * 13 *",
        "* * * * * 7", "* * * L * *", "* * * * * MON#2", "@daily", "* * * ? * *", "* 9-5 * * * *", "* * * * * FRI-MON",
        "*/0 * * * * *", "* * * * MON *", "* * * * * JAN", "-1 * * * * *", "1- * * * * *", "\u0663 * * * * *", "0 0 0 30 2 *",
        "* * H * * *", "1.5 * * * * *",
    ],
)  # fmt: skip
def test_what_ncrontab_does_not_have_is_refused(text):
    with pytest.raises(ValueError, match="schedule"):
        Schedule(text)


def test_whether_it_fires_more_than_once_a_minute():
    assert Schedule("*/30 * * * * *").often(NOON)
    assert Schedule("0,59 0 * * * *").often(NOON)
    assert not Schedule("0 * * * * *").often(NOON)


def _field(low, high):
    number = st.integers(low, high)
    ranges = st.tuples(number, number).map(lambda pair: (min(pair), max(pair)))
    part = st.one_of(
        st.just("*"),
        number.map(str),
        ranges.map(lambda pair: f"{pair[0]}-{pair[1]}"),
        st.tuples(ranges, st.integers(1, 20)).map(lambda given: f"{given[0][0]}-{given[0][1]}/{given[1]}"),
        st.integers(1, 20).map(lambda step: f"*/{step}"),
        st.tuples(number, st.integers(1, 20)).map(lambda given: f"{given[0]}/{given[1]}"),
    )
    return st.lists(part, min_size=1, max_size=3).map(",".join)


def _values(field, low, high):
    """What NCrontab's parser takes from a field, written from its description."""
    values = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        if span == "*":
            first, last = low, high
        else:
            first, _, end = span.partition("-")
            last = int(end) if end else (high if step else int(first))
        values |= set(range(int(first), last + 1, int(step or 1)))
    return values


@settings(max_examples=examples(150), deadline=None)
@given(
    st.tuples(_field(0, 59), _field(0, 59), _field(0, 23), _field(1, 28), _field(1, 12), _field(0, 6)),
    st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1)),
)
def test_the_next_occurrence_is_the_first_moment_that_fits_all_fields(fields, moment):
    """Against a search written from the grammar: the day first, then hour, minute and second."""
    second, minute, hour, days, month, weekday = (
        _values(field, low, high)
        for field, (low, high) in zip(
            fields, [(0, 59), (0, 59), (0, 23), (1, 31), (1, 12), (0, 6)], strict=True
        )
    )
    moment = moment.replace(tzinfo=UTC)

    def fits(day):
        return day.month in month and day.day in days and day.isoweekday() % 7 in weekday

    times = [(h, m, s) for h in sorted(hour) for m in sorted(minute) for s in sorted(second)]
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    expected = None
    while expected is None:
        if fits(day):
            candidates = (day.replace(hour=h, minute=m, second=s) for h, m, s in times)
            expected = next((candidate for candidate in candidates if candidate > moment), None)
        day += timedelta(days=1)
    assert Schedule(" ".join(fields)).next(moment) == expected
