"""What was accepted keeps its price and its tier, whatever becomes of the organizer's meanwhile."""

import json
from datetime import timedelta

import pytest

from tests.factories.app import make_app, make_settings
from tests.factories.broadcasts import crowd, in_tier, run, send
from tests.factories.premium import added_up, fund

TIERS = json.dumps({"gold": {"prices": {"favorites": {"inbox": 3}}}})


@pytest.mark.parametrize("later", ["basic", "silver"])
async def test_a_tier_that_changes_while_it_is_sent_changes_no_price(tmp_path, later):
    settings = make_settings(cabeceo_data=tmp_path, bulk_writes_per_second=1_000_000, tiers=TIERS)
    app = make_app(folder=tmp_path, settings=settings)
    await in_tier(app, "gold")
    await crowd(app, 30)
    await fund(app, 100)
    accepted = await send(app)
    app.clock.advance(timedelta(seconds=1))
    await in_tier(app, later)
    ended = await run(app, accepted.id)

    assert (ended.state, ended.progress.delivered, ended.terms.tier) == ("settled", {"inbox": 30}, "gold")
    assert (await added_up(app)) == {"issued": -100, "available": 10, "reserved": 0, "spent": 90}
    await app.close()
