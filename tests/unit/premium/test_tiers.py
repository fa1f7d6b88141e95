"""The table of tiers: what each may do, and what a send costs."""

from itertools import pairwise

import pytest

from shared.kernel.errors import Forbidden, Invalid
from shared.premium.tiers import TIERS, TierTable, reaches


def test_every_tier_can_write_to_followers_and_a_higher_one_can_do_no_less():
    table = list(TierTable())

    assert [rights.tier for rights in table] == list(TIERS)
    assert all(rights.prices["favorites"]["inbox"] == 0 for rights in table)
    for lower, higher in pairwise(table):
        assert lower.max_recipients < higher.max_recipients
        assert lower.cooldown_hours > higher.cooldown_hours
        for audience, channels in lower.prices.items():
            assert channels.keys() <= higher.prices[audience].keys()


def test_a_quote_is_the_price_of_each_message():
    quote = TierTable().quote("silver", "criteria", {"inbox": 200, "push": 50})

    assert (quote.credits, quote.prices) == (200 * 2 + 50 * 4, {"inbox": 2, "push": 4})
    assert TierTable().quote("basic", "favorites", {"inbox": 900}).credits == 0


@pytest.mark.parametrize(
    ("tier", "audience", "channel"),
    [("basic", "criteria", "inbox"), ("basic", "favorites", "push"), ("silver", "segment", "inbox")],
)
def test_what_a_tier_does_not_have_is_refused(tier, audience, channel):
    with pytest.raises(Forbidden) as refused:
        TierTable().quote(tier, audience, {channel: 1})
    assert refused.value.code == "tier_too_low"


def test_there_is_an_end_to_recipients():
    with pytest.raises(Invalid) as refused:
        TierTable().quote("basic", "favorites", {"inbox": 1001})
    assert refused.value.code == "too_many_recipients"


def test_the_setting_replaces_parts():
    table = TierTable('{"gold": {"maxRecipients": 5, "prices": {"segment": {"push": 9}}}}')

    assert table.of("gold").max_recipients == 5
    assert table.of("gold").prices == {"segment": {"push": 9}}
    assert table.of("gold").cooldown_hours == 4
    assert table.of("silver") == TierTable().of("silver")


@pytest.mark.parametrize(
    "setting",
    [
        "[]",
        "nonsense",
        '{"platinum": {}}',
        '{"gold": {"maxRecipients": 0}}',
        '{"gold": {"prices": {"everyone": {}}}}',
        '{"gold": {"prices": {"favorites": {"inbox": -1}}}}',
        '{"gold": {"priority": 1}}',
    ],
)
def test_a_table_that_does_not_fit_stops_the_start(setting):
    with pytest.raises(ValueError):
        TierTable(setting)


def test_tiers_have_an_order():
    assert reaches("gold", "silver")
    assert reaches("silver", "silver")
    assert not reaches("basic", "bronze")
