"""Quiet hours at the recipient's place: judged by instant, never by adding up wall clocks."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.people.preferences.quiet import quiet_until, zones_of
from shared.people.profiles.models import Home, Profile


def ends(at, *, zone=None, country=None, hours=None):
    preferences = {"quietHours": dict(zip(("start", "end"), hours, strict=True))} if hours else {}
    home = Home(country=country)
    profile = Profile("uid-ana", "user", timezone=zone, home=home, preferences=preferences)
    found = quiet_until(profile, datetime.fromisoformat(at).replace(tzinfo=UTC))
    return found and found.strftime("%d %H:%M")


@pytest.mark.parametrize(
    ("at", "zone", "told"),
    [
        ("2026-11-21T20:59", "UTC", None),
        ("2026-11-21T21:00", "UTC", "22 08:00"),
        ("2026-11-22T07:59", "UTC", "22 08:00"),
        ("2026-11-22T08:00", "UTC", None),
        ("2026-11-22T03:00", "America/Argentina/Buenos_Aires", "22 11:00"),
        # the night in which Madrid's clocks go forward is an hour shorter
        ("2027-03-27T20:30", "Europe/Madrid", "28 06:00"),
        ("2026-10-24T20:30", "Europe/Madrid", "25 07:00"),
    ],
)
def test_from_nine_to_eight_by_the_persons_own_clock(at, zone, told):
    assert ends(at, zone=zone) == told


def test_preferences_widen_them():
    assert ends("2026-11-21T19:30", zone="UTC", hours=("19:00", "10:00")) == "22 10:00"


def test_without_a_zone_it_must_be_day_in_every_zone_of_the_country():
    # ten in the morning in Boston is five in Honolulu
    assert ends("2026-11-21T15:00", country="US") == "21 18:00"
    assert ends("2026-11-21T19:00", country="US") is None
    assert ends("2026-11-21T23:00", country="AR") is None
    assert ends("2026-11-21T03:00") is None


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)),
    st.sampled_from(["Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]),
)
def test_when_they_end_it_is_day_and_that_comes_within_a_day(at, zone):
    profile, now = Profile("uid-ana", "user", timezone=zone), at.replace(tzinfo=UTC)
    end = quiet_until(profile, now)
    assert end is None or now < end <= now + timedelta(hours=13)
    assert end is None or quiet_until(profile, end) is None


def test_the_table_knows_every_country_we_are_in():
    assert len(zones_of("US")) > 20
    assert [zone.key for zone in zones_of("ES")] == ["Europe/Madrid", "Africa/Ceuta", "Atlantic/Canary"]
