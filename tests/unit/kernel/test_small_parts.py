"""Ids, seals, cursors, envelopes and the manual clock."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.clock import ManualClock, from_millis, to_millis
from shared.kernel.envelope import MAX_BYTES, BadEnvelope, Envelope, envelope
from shared.kernel.errors import Malformed
from shared.kernel.ids import UlidSource, hashed_id
from shared.kernel.pagination import Cursors
from shared.kernel.signing import Seal

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_new_ids_sort_by_time_and_carry_their_prefix():
    clock = ManualClock(NOON)
    ids = UlidSource(clock)
    first = ids.new("c")
    clock.advance(timedelta(milliseconds=1))

    second = ids.new("c")

    assert first.startswith("c_")
    assert first == first.lower()
    assert first < second


def test_hashed_ids_do_not_confuse_their_parts():
    assert hashed_id("d", "ab", "c") == hashed_id("d", "ab", "c")
    assert hashed_id("d", "ab", "c") != hashed_id("d", "a", "bc")
    assert len(hashed_id("d", "x")) == len("d_") + 26


def test_a_seal_holds_while_a_secret_is_replaced():
    old, both, new = Seal(["old"], "ack"), Seal(["new", "old"], "ack"), Seal(["new"], "ack")

    assert both.verify(old.sign("d_1")) == "d_1"
    assert new.verify(both.sign("d_1")) == "d_1"
    assert new.verify(old.sign("d_1")) is None


def test_a_seal_for_one_purpose_does_not_open_another():
    assert Seal(["s"], "cursor").verify(Seal(["s"], "ack").sign("d_1")) is None


@given(st.text())
def test_no_text_passes_for_a_signed_value(text):
    assert Seal(["s"], "ack").verify(text) is None


def test_a_cursor_is_bound_to_its_query():
    cursors = Cursors(["s"])
    cursor = cursors.encode([5, "c_1"], query="campaigns?status=active")

    assert cursors.decode(cursor, query="campaigns?status=active") == [5, "c_1"]
    with pytest.raises(Malformed):
        cursors.decode(cursor, query="campaigns?status=draft")


@given(st.text())
def test_an_invented_cursor_is_refused(text):
    with pytest.raises(Malformed):
        Cursors(["s"]).decode(text, query="campaigns")


def test_an_envelope_comes_back_as_it_went():
    sent = envelope("visits", "b_1", "batch", NOON, {"visits": [{"at": 1}]})

    assert Envelope.decode(sent.encode()) == sent


def test_an_envelope_keeps_its_names_away_from_the_host():
    """Top-level names of a body overwrite the message's own metadata in the host (platform-facts.md §3)."""
    assert envelope("visits", "b_1", "k", NOON, {}).encode().startswith('{"cabeceo":{')


def test_an_envelope_that_no_queue_would_take_is_refused():
    with pytest.raises(ValueError, match="limit"):
        envelope("visits", "b_1", "k", NOON, {"text": "x" * MAX_BYTES}).encode()


@given(st.one_of(st.text(), st.binary()))
def test_anything_else_in_a_queue_is_a_bad_envelope(text):
    with pytest.raises(BadEnvelope):
        Envelope.decode(text)


@given(st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)))
def test_milliseconds_and_moments_agree(moment):
    whole = moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    assert from_millis(to_millis(whole)) == whole


def test_the_manual_clock_does_not_run_backwards():
    with pytest.raises(ValueError, match="backwards"):
        ManualClock(NOON).advance(timedelta(seconds=-1))
