"""Only what trusted proxies appended is believed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.http.addresses import UNKNOWN, client_address, network


@pytest.mark.parametrize(
    ("forwarded", "proxies", "expected"),
    [
        ("203.0.113.7", 1, "203.0.113.7"),
        ("203.0.113.7:50123", 1, "203.0.113.7"),
        ("10.9.9.9, 203.0.113.7:50123", 1, "203.0.113.7"),
        ("203.0.113.7, 198.51.100.1", 2, "203.0.113.7"),
        ("6.6.6.6, 203.0.113.7, 198.51.100.1", 2, "203.0.113.7"),
        ("198.51.100.1", 2, "198.51.100.1"),
        ("[2001:db8::1]:443", 1, "2001:db8::1"),
        ("2001:DB8:0::1", 1, "2001:db8::1"),
        ("::ffff:203.0.113.7", 1, "203.0.113.7"),
        ("fe80::1%eth0", 1, "fe80::1"),
        ("203.0.113.7", 0, UNKNOWN),
        ("203.0.113.7, unknown", 1, UNKNOWN),
        ("203.0.113.7,", 1, UNKNOWN),
        ("", 1, UNKNOWN),
        (None, 1, UNKNOWN),
    ],
)
def test_the_address_is_counted_from_the_right(forwarded, proxies, expected):
    assert client_address(forwarded, proxies) == expected


@given(spoofed=st.text(), proxies=st.just(1))
def test_nothing_the_caller_writes_changes_the_address(spoofed, proxies):
    assert client_address(f"{spoofed},203.0.113.7:1", proxies) == "203.0.113.7"


@given(st.text(), st.integers(0, 5))
def test_garbage_is_never_an_error(forwarded, proxies):
    assert network(client_address(forwarded, proxies))


def test_a_subscriber_holds_a_64():
    """A visitor who walks through their own /64 stays one caller."""
    assert network("2001:db8:1:2:aaaa::1") == network("2001:db8:1:2:bbbb::2") == "2001:db8:1:2::/64"
    assert network("203.0.113.7") == "203.0.113.7"
