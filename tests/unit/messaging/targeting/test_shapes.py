"""Distances, hours of the day and relative dates."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.messaging.targeting.conditions import holds, parse, trace
from shared.messaging.targeting.shapes import (
    MAX_DAYS,
    SINCE,
    WINDOW,
    DaysAgo,
    LocalClock,
    Past,
    after,
    before,
    distance_km,
)
from shared.people.profiles.models import Point, Profile
from tests.factories.messaging import NOW, facts

BOSTON, NEW_YORK, BUENOS_AIRES = Point(42.36, -71.06), Point(40.71, -74.01), Point(-34.60, -58.38)
# both changes of the clock: at night, at midnight, past midnight back into yesterday, by half an hour, and none
ZONES = [
    "Europe/Rome",
    "America/New_York",
    "America/Havana",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "UTC",
]
CHANGES = [datetime(2010, 3, 14, tzinfo=UTC), datetime(2010, 11, 7, tzinfo=UTC), datetime(2026, 3, 29, tzinfo=UTC),
           datetime(2026, 10, 25, tzinfo=UTC)]  # fmt: skip
instants = st.builds(
    lambda change, minutes: change + timedelta(minutes=minutes),
    st.sampled_from(CHANGES),
    st.integers(-3 * 24 * 60, 3 * 24 * 60),
)
times = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))


def window(start, end, *days, zone=None):
    return WINDOW.read(
        {"from": start, "to": end} | ({"days": list(days)} if days else {}) | ({"zone": zone} if zone else {})
    )


def during(wanted, local, zone="America/New_York"):
    """Whether the hours hold at a local time."""
    there = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone))
    return wanted.holds(LocalClock(there.astimezone(UTC), zone))


class TestDistance:
    @pytest.mark.parametrize(
        ("one", "other", "km"),
        [
            (BOSTON, BOSTON, 0),
            (BOSTON, NEW_YORK, 307),
            (BOSTON, BUENOS_AIRES, 8654),
            (Point(0, 179.5), Point(0, -179.5), 111),
            (Point(90, 0), Point(-90, 123), 20_015),
        ],
    )
    def test_great_circles(self, one, other, km):
        assert distance_km(one, other) == pytest.approx(km, abs=1)
        assert distance_km(other, one) == distance_km(one, other)

    def test_a_circle_holds_what_is_near_and_nothing_that_is_unknown(self):
        near = parse(
            {"attribute": "person.location", "op": "within", "value": {"lat": 42.4, "lon": -71, "km": 40}}
        )

        assert holds(near, facts(Profile("u", "user", location=BOSTON)))
        assert not holds(near, facts(Profile("u", "user", location=NEW_YORK)))
        assert not holds(near, facts())
        assert trace(near, facts())[0].reason == "unknown"


class TestHours:
    def test_they_begin_at_from_and_end_before_to(self):
        evening = window("18:00", "21:30")

        assert [during(evening, f"2026-11-20T{at}") for at in ("17:59:59", "18:00", "21:29:59", "21:30")] == [
            False, True, True, False,
        ]  # fmt: skip

    def test_past_midnight_they_belong_to_the_day_on_which_they_began(self):
        weekend = window("22:00", "02:00", "fri", "sat")
        fridays = ["2026-11-20T21:59", "2026-11-20T22:00", "2026-11-21T01:59", "2026-11-21T02:00"]
        sundays = ["2026-11-20T01:00", "2026-11-22T01:00", "2026-11-22T22:00"]

        assert [during(weekend, at) for at in fridays] == [False, True, True, False]
        assert [during(weekend, at) for at in sundays] == [False, True, False]

    def test_the_same_time_twice_is_the_whole_day(self):
        sunday = window("06:00", "06:00", "sun")

        assert [during(sunday, f"2026-11-{at}") for at in ("22T05:59", "22T06:00", "23T05:59", "23T06:00")] == [
            False, True, True, False,
        ]  # fmt: skip

    def test_a_zone_of_their_own_goes_before_the_persons(self):
        in_rome = window("20:00", "21:00", zone="Europe/Rome")

        assert during(in_rome, "2026-11-20T14:30")
        assert in_rome.holds(LocalClock(datetime(2026, 11, 20, 19, 30, tzinfo=UTC), None))
        assert not window("00:00", "00:00").holds(LocalClock(NOW, None))

    def test_hours_that_the_clock_skips_do_not_occur(self):
        """Rome, 29 March 2026: after 01:59 comes 03:00."""
        skipped = window("02:00", "03:00", zone="Europe/Rome")
        night = [datetime(2026, 3, 29, tzinfo=UTC) + timedelta(minutes=minute) for minute in range(180)]

        assert not any(skipped.holds(LocalClock(at, None)) for at in night)

    def test_hours_that_the_clock_repeats_count_both_times(self):
        """Rome, 25 October 2026: after 02:59 comes 02:00."""
        repeated = window("02:00", "03:00", zone="Europe/Rome")
        night = [datetime(2026, 10, 24, 22, tzinfo=UTC) + timedelta(minutes=minute) for minute in range(300)]

        assert sum(repeated.holds(LocalClock(at, None)) for at in night) == 120

    @given(instants, st.sampled_from(ZONES), times, times)
    def test_hours_and_the_rest_of_the_day_share_out_every_instant(self, now, zone, start, end):
        """Also where the clock changes: an instant is in one of the two, never in both or neither."""
        clock = LocalClock(now, zone)
        if start != end:
            assert window(start, end).holds(clock) is not window(end, start).holds(clock)

    @given(instants, st.sampled_from(ZONES), times, times)
    def test_the_days_of_the_week_share_out_what_is_open(self, now, zone, start, end):
        clock = LocalClock(now, zone)
        days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

        assert sum(window(start, end, day).holds(clock) for day in days) == window(start, end).holds(clock)

    @given(instants, st.sampled_from(ZONES), times, times)
    def test_an_instant_is_judged_by_what_the_clock_then_shows(self, now, zone, start, end):
        shown = now.astimezone(ZoneInfo(zone)).strftime("%H:%M")
        inside = start <= shown < end if start < end else not end <= shown < start

        assert window(start, end).holds(LocalClock(now, zone)) is inside

    def test_paid_targeting_goes_by_the_profile_and_display_by_the_page(self):
        evening = {"op": "during", "value": {"from": "18:00", "to": "22:00"}}
        of_person = parse({"attribute": "person.localTime"} | evening)
        of_reader = parse({"attribute": "time.local"} | evening)
        lives_in_rome = Profile("u", "user", timezone="Europe/Rome")  # 21:00 there, 15:00 in Boston

        assert holds(of_person, facts(lives_in_rome, timezone="America/New_York"))
        assert not holds(of_reader, facts(lives_in_rome, timezone="America/New_York"))
        assert trace(of_person, facts())[0].reason == "unknown"
        assert trace(of_reader, facts(timezone="Europe/Rome"))[0].actual == {
            "now": "2025-11-03T20:00:00Z",
            "zone": "Europe/Rome",
        }


class TestDates:
    @given(st.floats(0, MAX_DAYS), st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)))
    def test_a_relative_date_is_counted_back_from_each_decision(self, days, at):
        past, wanted = Past(at.replace(tzinfo=UTC), NOW), SINCE.read({"daysAgo": days})

        assert after(past, wanted) == (past.at > NOW - timedelta(days=days))
        assert before(past, wanted) == (past.at < NOW - timedelta(days=days))
        later = Past(past.at, NOW + timedelta(days=1))
        assert after(later, wanted) <= after(past, wanted)

    def test_a_day_is_24_hours(self):
        assert SINCE.read({"hoursAgo": 36}).span == DaysAgo(days_ago=1.5).span

    def test_an_absolute_moment_is_taken_with_any_offset(self):
        assert SINCE.read("2026-11-01T00:00:00-05:00") == datetime(2026, 11, 1, 5, tzinfo=UTC)
        assert SINCE.read("2026-11-01t00:00:00.5z") == datetime(2026, 11, 1, 0, 0, 0, 500_000, tzinfo=UTC)

    def test_exactly_then_is_neither_before_nor_after(self):
        past = Past(NOW - timedelta(days=1), NOW)

        assert not before(past, SINCE.read({"daysAgo": 1}))
        assert not after(past, SINCE.read({"daysAgo": 1}))

    def test_an_explanation_keeps_a_relative_date_relative(self):
        condition = parse({"attribute": "person.firstSeenAt", "op": "after", "value": {"daysAgo": 14}})
        met = Profile("u", "user", first_seen_at=NOW - timedelta(days=3))
        (check,) = trace(condition, facts(met))

        assert (check.wanted, check.actual, check.holds) == ({"daysAgo": 14.0}, "2025-10-31T20:00:00Z", True)
