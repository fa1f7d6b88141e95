"""One broadcast and two hosts on the same stores: nobody is missed, nobody is told twice, each message is paid once."""

import asyncio
import json
import random
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from itertools import count

import pytest

from shared.clients.analytics.embedded import EmbeddedAnalytics
from shared.clients.documents.embedded import EmbeddedDocuments
from shared.clients.push.embedded import EmbeddedPush
from shared.clients.queues.embedded import EmbeddedQueues
from shared.kernel.errors import Conflict
from shared.messaging.broadcasts import delivering, running
from tests.factories.app import make_app, make_settings
from tests.factories.broadcasts import LUCIA, crowd, delivered, in_tier, send, stored
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


@pytest.fixture
async def hosts(tmp_path, monkeypatch, request):
    """Two hosts, a broadcast that neither has begun, and what draws the pauses."""
    monkeypatch.setattr(running, "PAGE", 45)
    monkeypatch.setattr(running, "SHARD", 20)
    monkeypatch.setattr(delivering, "SLICE", 6)
    one = a_host(tmp_path)
    other = a_host(tmp_path, one.clock)
    await crowd(one, PEOPLE, shard=20, muted=SILENT)
    await in_tier(one, "gold")
    await fund(one, 1000)
    ident, chance = (await send(one)).id, random.Random(request.param)
    for host in (one, other):
        unsteady(host, chance)
    yield one, other, ident, chance
    await one.close()
    await other.close()


async def check(app, ident):
    """Nobody twice, and each message counted and paid; gives how the broadcast ended and how many it reached."""
    ended, found = await stored(app, ident), await delivered(app, ident)
    told = Counter(each["recipient"]["id"] for each in found.values())
    assert (ended.open, ended.progress.delivered.get("inbox", 0)) == (False, len(told))
    assert max(told.values(), default=1) == 1
    sums = await added_up(app)
    assert (sums["spent"], sums["reserved"]) == (2 * len(told), 0)
    return ended.state, len(told)


@pytest.mark.parametrize("hosts", range(4), indirect=True)
async def test_two_hosts_at_once_do_what_one_would(hosts):
    one, other, ident, _ = hosts
    await asyncio.gather(work(one, ident), work(other, ident))
    assert await check(other, ident) == ("settled", PEOPLE - SILENT)


@pytest.mark.parametrize("hosts", range(8), indirect=True)
async def test_cancelled_while_both_write_what_was_delivered_is_paid(hosts):
    one, other, ident, chance = hosts

    calls, inner, chosen = count(), one.documents.create_alike, chance.randrange(1, 30)

    async def cancelled_before(*given):
        if next(calls) == chosen:
            with suppress(Conflict):  # it has ended
                await other.broadcasting.service.cancel(LUCIA, ident)
        return await inner(*given)

    one.documents.create_alike = cancelled_before
    await asyncio.gather(work(one, ident), work(other, ident))
    state, reached = await check(one, ident)
    assert state == "cancelled" or reached == PEOPLE - SILENT
