from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.signing import Seal
from shared.messaging.deliveries.tokens import AckTokens
from tests.factories.messaging import NOW

SECRET, OLD = "s" * 32, "o" * 32
TOKENS = AckTokens([SECRET])
EXPIRES = NOW + timedelta(minutes=10)
DAY = timedelta(hours=24)


def test_a_token_holds_until_a_day_after_the_delivery_expired():
    token = TOKENS.issue("d_1", EXPIRES)

    assert TOKENS.holds(token, "d_1", NOW)
    assert TOKENS.holds(token, "d_1", EXPIRES + DAY)
    assert not TOKENS.holds(token, "d_1", EXPIRES + DAY + timedelta(milliseconds=1))


def test_a_token_is_good_for_its_own_delivery_only():
    assert not TOKENS.holds(TOKENS.issue("d_1", EXPIRES), "d_2", NOW)


@pytest.mark.parametrize(
    "token", [None, "", "d_1", "d_1.99999999999999", "d_1.99999999999999.", "\ud800", "é.1.x"]
)
def test_what_we_did_not_sign_does_not_hold(token):
    assert not TOKENS.holds(token, "d_1", NOW)


@given(st.text(), st.text())
def test_no_text_makes_it_fail(token, delivery):
    assert not TOKENS.holds(token, delivery, NOW)


def test_a_token_signed_for_another_purpose_does_not_hold():
    forged = Seal([SECRET], "cursor").sign("d_1.99999999999999")

    assert not TOKENS.holds(forged, "d_1", NOW)


def test_tokens_survive_a_change_of_secrets():
    token = AckTokens([OLD]).issue("d_1", EXPIRES)

    assert AckTokens([SECRET, OLD]).holds(token, "d_1", NOW)
    assert not TOKENS.holds(token, "d_1", NOW)
