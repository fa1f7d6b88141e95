from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.messaging.campaigns.content import Content
from shared.messaging.deliveries import rules
from shared.messaging.deliveries.models import RANKS
from shared.messaging.deliveries.rules import TIME_OF, expires_at, payload_hash, report
from tests.factories.messaging import NOW, delivery

CHANNELS = st.sampled_from(["modal", "banner", "inbox", "push", "sms"])
REPORTS = st.lists(st.tuples(st.sampled_from(sorted(TIME_OF)), st.integers(0, 5)), max_size=8)


def after(start, reports):
    """The delivery once every report has come in, in that order."""
    for outcome, minute in reports:
        start = report(start, outcome, NOW + timedelta(minutes=minute)) or start
    return start


@given(CHANNELS, REPORTS.flatmap(lambda some: st.tuples(st.just(some), st.permutations(some + some[:3]))))
def test_any_order_and_repetition_ends_in_the_same_state_and_times(channel, both):
    some, disordered = both

    assert after(delivery(channel), some) == after(delivery(channel), disordered)


@given(CHANNELS, REPORTS)
def test_a_state_never_moves_down(channel, reports):
    ranks = [RANKS[after(delivery(channel), reports[:count]).status] for count in range(len(reports) + 1)]

    assert ranks == sorted(ranks)


@given(CHANNELS, REPORTS)
def test_the_highest_report_names_the_state(channel, reports):
    end = after(delivery(channel), reports)

    assert RANKS[end.status] == max((RANKS[outcome] for outcome, _ in reports), default=0)


def test_every_report_keeps_its_own_first_time():
    end = after(delivery("inbox"), [("acknowledged", 3), ("seen", 1), ("dismissed", 2), ("seen", 4)])

    assert end.status == "acknowledged"
    assert end.timestamps["seenAt"] == NOW + timedelta(minutes=1)
    assert end.timestamps["dismissedAt"] == NOW + timedelta(minutes=2)
    assert end.timestamps["ackAt"] == NOW + timedelta(minutes=3)


def test_a_click_implies_seen_in_every_channel():
    end = after(delivery("inbox"), [("clicked", 2)])

    assert end.status == "clicked"
    assert end.timestamps["seenAt"] == end.timestamps["clickedAt"] == NOW + timedelta(minutes=2)


def test_whoever_answers_on_the_page_was_delivered_the_message_and_saw_it():
    end = after(delivery("modal"), [("dismissed", 1)])

    assert end.timestamps["deliveredAt"] == end.timestamps["seenAt"] == NOW + timedelta(minutes=1)


@pytest.mark.parametrize("outcome", ["suppressed", "expired", "failed"])
def test_a_failure_stands_only_over_pending(outcome):
    assert after(delivery("sms"), [(outcome, 1)]).status == outcome
    assert after(delivery("sms"), [("delivered", 1), (outcome, 2)]).status == "delivered"
    assert after(delivery("sms"), [(outcome, 1), ("delivered", 2)]).status == "delivered"


def test_a_repeated_report_changes_nothing():
    seen = after(delivery(), [("seen", 1)])

    assert report(seen, "seen", NOW + timedelta(minutes=9)) is None


def test_a_state_stored_without_its_time_is_not_lowered():
    stored = replace(delivery("inbox"), status="delivered")

    assert after(stored, [("expired", 1)]).status == "delivered"


def test_ids_differ_by_each_part_and_repeat_for_the_same_parts():
    ids = [
        rules.delivery_id("c_1", "ana", "inbox"),
        rules.delivery_id("c_1", "ana", "push"),
        rules.delivery_id("c_1", "ana", "inbox", 1),
        rules.delivery_id("c_1", "ana", "inbox", 2),
        rules.delivery_id("c_1", "eva", "inbox"),
    ]

    assert len(set(ids)) == len(ids)
    assert rules.delivery_id("c_1", "ana", "inbox") == ids[0]
    assert ids[0].startswith("d_")
    assert len(ids[0]) == 28


def test_payload_hash_is_of_the_text_and_nothing_else():
    one = Content(title="Milonga", body="Tonight")

    assert payload_hash(one) == payload_hash(Content(body="Tonight", title="Milonga"))
    assert payload_hash(one) != payload_hash(Content(title="Milonga", body="Tonight!"))
    assert len(payload_hash(one)) == 64


def test_a_delivery_expires_with_its_campaign_at_the_latest():
    hold = timedelta(minutes=10)

    assert expires_at(NOW, hold, None) == NOW + hold
    assert expires_at(NOW, hold, NOW + timedelta(minutes=3)) == NOW + timedelta(minutes=3)
    assert expires_at(NOW, hold, NOW + timedelta(days=3)) == NOW + hold
