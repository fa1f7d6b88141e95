"""Broadcasts from acceptance to their end, step by step on embedded stores."""

import pytest

from tests.factories.app import make_app, make_settings
from tests.factories.broadcasts import LUCIA, body, crowd, delivered, in_tier, run, send, stored


@pytest.fixture
async def app(tmp_path):
    made = make_app(
        folder=tmp_path, settings=make_settings(cabeceo_data=tmp_path, bulk_writes_per_second=1_000_000)
    )
    yield made
    await made.close()


async def test_every_follower_who_is_not_silent_finds_the_message_in_their_inbox_once(app):
    await crowd(app, 1200, muted=7)
    await in_tier(app, "gold")

    accepted = await send(app)
    assert accepted.state == "scheduled"
    ended = await run(app, accepted.id)

    assert (ended.state, ended.progress.delivered, ended.progress.lost) == (
        "settled",
        {"inbox": 1193},
        {"muted": 7},
    )
    found = await delivered(app, accepted.id)
    assert len({data["recipient"]["id"] for data in found.values()}) == len(found) == 1193
    assert all(
        data["dispatchContext"]["consentId"] == f"cn-{data['recipient']['id']}" for data in found.values()
    )


async def test_a_dry_run_writes_nothing_and_tells_what_will_come(app):
    await crowd(app, 300, muted=40)
    await in_tier(app, "gold")
    told = await app.broadcasting.accepting.try_out(LUCIA, body())
    assert (told.exact, told.people.value, told.recipients["inbox"].value) == (True, 300, 260)
    assert [(loss.reason, loss.people.value) for loss in told.losses] == [("muted", 40)]
    accepted = await send(app, digest=told.digest)
    assert (await stored(app, accepted.id)).state == "scheduled"
