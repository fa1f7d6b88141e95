"""One broadcast and two hosts on the same stores: nobody is missed, nobody is told twice, each message is paid once."""

import asyncio
import json
import random
from collections import Counter
from datetime import timedelta

import pytest

from shared.clients.analytics.embedded import EmbeddedAnalytics
from shared.clients.documents.embedded import EmbeddedDocuments
from shared.clients.push.embedded import EmbeddedPush
from shared.clients.queues.embedded import EmbeddedQueues
from shared.messaging.broadcasts import delivering, running
from tests.factories.app import make_app, make_settings
from tests.factories.broadcasts import crowd, delivered, in_tier, send, stored
from tests.factories.premium import added_up, fund

PRICED = json.dumps({"gold": {"prices": {"favorites": {"inbox": 2}}, "cooldownHours": 0}})
PEOPLE, SILENT = 240, 5


def a_host(folder, clock=None):
    """A worker with connections of its own to the files that all share."""
    settings = make_settings(cabeceo_data=folder, bulk_writes_per_second=1_000_000, tiers=PRICED)
    app = make_app(folder=folder, settings=settings, **({"clock": clock} if clock else {}))
    app.given_documents = EmbeddedDocuments(folder / "documents.sqlite", app.clock)
    app.given_queues = EmbeddedQueues(folder / "queues.sqlite", app.clock)
    app.given_analytics = EmbeddedAnalytics(folder / "analytics.sqlite")
    app.given_push = EmbeddedPush(folder / "push.sqlite", app.clock)
    return app


def unsteady(app, chance):
    """Let a host pause before each commit, so that the other one gets ahead of it at every place in turn."""
    for name in ("commit", "create_alike"):
        inner = getattr(app.documents, name)

        async def later(*given, inner=inner):
            for _ in range(chance.randrange(8)):
                await asyncio.sleep(0)
            return await inner(*given)

        setattr(app.documents, name, later)


async def work(app, ident):
    """Step as an orchestration does, until there is nothing left to do."""
    for _ in range(2_000):
        following = await app.broadcasting.running.step(ident)
        if following.at is None:
            return
        wait = following.at - app.clock.now()
        app.clock.advance(max(wait, timedelta()))
        await asyncio.sleep(0)
    raise AssertionError("the broadcast does not come to an end")


@pytest.mark.parametrize("seed", range(4))
async def test_two_hosts_at_once_do_what_one_would(tmp_path, monkeypatch, seed):
    monkeypatch.setattr(running, "PAGE", 45)
    monkeypatch.setattr(running, "SHARD", 20)
    monkeypatch.setattr(delivering, "SLICE", 6)
    one = a_host(tmp_path)
    other = a_host(tmp_path, one.clock)
    chance = random.Random(seed)
    await crowd(one, PEOPLE, shard=20, muted=SILENT)
    await in_tier(one, "gold")
    await fund(one, 1000)
    ident = (await send(one)).id
    for host in (one, other):
        unsteady(host, chance)

    await asyncio.gather(work(one, ident), work(other, ident))

    ended, found = await stored(other, ident), await delivered(other, ident)
    told = Counter(each["recipient"]["id"] for each in found.values())
    assert (ended.state, ended.open, ended.progress.delivered) == (
        "settled",
        False,
        {"inbox": PEOPLE - SILENT},
    )
    assert (len(told), max(told.values())) == (PEOPLE - SILENT, 1)
    sums = await added_up(one)
    assert (sums["spent"], sums["reserved"]) == (2 * (PEOPLE - SILENT), 0)
    await one.close()
    await other.close()
