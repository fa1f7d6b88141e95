from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared.kernel.errors import NotFound
from shared.people.visitors import VisitorId, Visitors, is_visitor_key, network_of

NOW = datetime(2025, 11, 3, 20, 0, tzinfo=UTC)
EPOCH = timedelta(days=90)
VISITORS = Visitors("s" * 32, EPOCH)
ULID = "01JD3K8M5V7Q9X2R4T6W8Y0Z1A"


def keys(visitor_id=None, address="203.0.113.7", now=NOW, visitors=VISITORS):
    return visitors.identify(None, visitor_id=visitor_id, address=address, now=now)


def test_a_signed_in_person_is_their_uid():
    person = VISITORS.identify("uid-ana", visitor_id=ULID, address="203.0.113.7", now=NOW)

    assert (person.key, person.type, person.previous_key) == ("uid-ana", "user", None)


@pytest.mark.parametrize("uid", ["a/b", ".", "..", "__all__", "", "x" * 129, "a\nb"])
def test_a_uid_that_can_name_no_document_is_nobody(uid):
    with pytest.raises(NotFound):
        VISITORS.identify(uid, visitor_id=None, address="", now=NOW)


def test_a_visitor_is_a_keyed_hash():
    person = keys()

    assert is_visitor_key(person.key)
    assert is_visitor_key(person.previous_key)
    assert person.type == "ip"
    assert person.key != keys(visitors=Visitors("t" * 32, EPOCH)).key


def test_the_hash_is_not_shown_by_accident():
    assert keys().key not in repr(keys())


def test_the_visitor_id_alone_identifies_when_it_is_sent():
    assert keys(ULID, "203.0.113.7") == keys(ULID.lower(), "198.51.100.1")
    assert keys(ULID) != keys()


def test_an_id_that_looks_like_an_address_is_another_visitor():
    assert keys("203.0.113.7") != keys(None, "203.0.113.7")


def test_the_previous_key_is_the_one_of_an_epoch_ago():
    later = keys(now=NOW + EPOCH)

    assert later.previous_key == keys().key
    assert later.key not in (keys().key, keys().previous_key)


def test_late_news_finds_the_visitor_under_the_keys_of_now():
    later = keys(now=NOW + EPOCH)

    assert VISITORS.present(keys(), NOW, NOW + EPOCH) == later
    assert VISITORS.present(keys(), NOW, NOW + timedelta(seconds=1)) == keys()


def test_after_two_epochs_nothing_links_a_visitor():
    later = keys(now=NOW + 2 * EPOCH)

    assert not {later.key, later.previous_key} & {keys().key, keys().previous_key}


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))
def test_ipv6_addresses_of_one_64_are_one_visitor(one, other):
    low = "2001:db8:1:2:" + ":".join(f"{one >> shift & 0xFFFF:x}" for shift in (48, 32, 16, 0))
    high = "2001:db8:1:2:" + ":".join(f"{other >> shift & 0xFFFF:x}" for shift in (48, 32, 16, 0))

    assert keys(address=low) == keys(address=high)
    assert keys(address=low) != keys(address="2001:db8:1:3::1")


def test_an_ipv4_address_mapped_into_ipv6_is_the_same():
    assert network_of("::ffff:203.0.113.7") == network_of(" 203.0.113.7 ") == "203.0.113.7"


@given(st.text())
def test_any_address_makes_a_key(address):
    assert is_visitor_key(keys(address=address).key)


def test_a_short_secret_is_refused():
    with pytest.raises(ValueError, match="HASH_SECRET"):
        Visitors("short", EPOCH)


@pytest.mark.parametrize("value", [ULID, ULID.lower(), "6f1c2b1e-7b0a-4c39-9c39-2b9f4a1d6e57"])
def test_ulids_and_uuids_are_visitor_ids(value):
    assert TypeAdapter(VisitorId).validate_python(value) == value


@pytest.mark.parametrize("value", ["", "x", "a" * 26 + "\n", "U" * 26, "../" * 9, "$ne", "1" * 200])
def test_anything_else_is_no_visitor_id(value):
    with pytest.raises(ValidationError):
        TypeAdapter(VisitorId).validate_python(value)
