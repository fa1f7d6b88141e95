"""What is stored of a profile is read again."""

from datetime import UTC, datetime

from shared.clients.documents.port import Snapshot
from shared.people.profiles.models import Attendance, Attended, Point, Profile
from shared.people.profiles.stored import from_data, to_data

NOW = datetime(2026, 11, 21, tzinfo=UTC)
KNOWN = Profile(
    "uid-ana",
    "user",
    bucket_id="mfrggzdfmztwq2lk",
    location=Point(42.36, -71.06),
    attendance=Attendance((Attended("evt_1", "org_1", 1), Attended("evt_2", None, 2)), earlier=3),
    rsvp_events=("evt_3",),
    flags=("beta_inbox",),
    update_time=7,
)


def read(data, ident="uid-ana"):
    return from_data(Snapshot(f"experienceProfiles/{ident}", data, 1, 7), "uid-ana")


def test_a_profile_is_read_as_it_was_stored():
    assert read(to_data(KNOWN)) == KNOWN


def test_what_is_empty_takes_no_room():
    assert to_data(Profile("uid-ana", "user")).keys() == {"personKey", "type"}


def test_a_location_is_kept_to_two_decimals_of_a_degree():
    exact = to_data(Profile("uid-ana", "user", location=Point(42.364567, 0.001)))

    assert exact["location"] == {"lat": 42.36, "lon": 0.0}


def test_a_profile_without_a_bucket_id_has_the_key_it_stands_under():
    assert read({"type": "ip"}, "v_0").bucket_id == "v_0"
