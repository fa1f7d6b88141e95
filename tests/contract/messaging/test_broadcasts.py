"""A broadcast in a storm, on the twin and on the real store: the host is killed, wake-ups are doubled, the store's answers are lost.

5,000 followers on the real store, 1,000 on the twin, 100,000 there when soaking (SOAK=1).
"""

import json
import random
import uuid
from collections import Counter
from datetime import timedelta

import pytest

from blueprints.messaging import broadcasts_durable
from shared.clients.documents.firestore import FirestoreDocuments
from shared.clients.documents.port import Query, Where
from shared.clients.queues.port import BROADCASTS
from shared.kernel.clock import ManualClock, SystemClock
from shared.kernel.telemetry import counted
from shared.messaging.broadcasts import running
from tests.contract.documents.conftest import real_settings
from tests.factories.app import make_app, make_settings
from tests.factories.broadcasts import crowd, in_tier, profiles, send, stored
from tests.factories.documents import After, Before, FaultyDocuments
from tests.factories.durable import Engine
from tests.factories.examples import SOAK
from tests.factories.experience import work_off
from tests.factories.premium import added_up, fund

PRICED = json.dumps({"gold": {"prices": {"favorites": {"inbox": 2}}, "cooldownHours": 0}})
SILENT = 13
SPARE = 10
"""Credits beyond the price: a send reserves for as many as its rounded forecast may stand for."""


@pytest.fixture(
    params=[
        pytest.param(("embedded", 100_000 if SOAK else 1_000), id="embedded"),
        pytest.param(("firestore", 5_000), id="firestore", marks=pytest.mark.stores),
    ]
)
async def storm(request, tmp_path):
    """A worker whose store loses and refuses, a store as it is, and how many follow."""
    kind, people = request.param
    settings = make_settings(cabeceo_data=tmp_path, bulk_writes_per_second=1_000_000, tiers=PRICED)
    clock, given = ManualClock(SystemClock().now()), {}
    if kind == "firestore":
        given["given_documents"] = FirestoreDocuments(
            real_settings(google_cloud_project=f"demo-{uuid.uuid4().hex[:12]}")
        )
    app = make_app(folder=tmp_path, clock=clock, settings=settings, **given)
    faulty = FaultyDocuments(app.documents)
    troubled = make_app(folder=tmp_path, clock=clock, settings=settings, given_documents=faulty)
    yield app, troubled, faulty, people
    await app.close()


async def recipients(app, ident):
    """Everybody who was sent something, with how often, by pages: an audience may be large."""
    found, after = Counter(), None
    where = (Where("campaignId", "==", ident),)
    while True:
        page = await app.documents.query(
            Query(app.deliveries.collection, where, limit=2_000, start_after=(after,) if after else None)
        )
        found.update(each.data["recipient"]["id"] for each in page)
        if len(page) < 2_000:
            return found
        after = page[-1].id


async def test_nobody_missed_nobody_twice_credits_exact(storm, monkeypatch):
    app, troubled, faulty, people = storm
    chance = random.Random(11)
    monkeypatch.setattr(running, "PAGE", max(900, people // 20))
    await crowd(app, people, muted=SILENT)
    await profiles(app, people)
    await in_tier(app, "gold")
    await fund(app, 2 * people + SPARE)
    ident = (await send(app)).id
    engine = Engine(troubled, broadcasts_durable.bp)
    await work_off(app, BROADCASTS, durable=engine, times=2)
    faulty.by_chance("create_alike", (After(), 0.05), (Before(), 0.05), seed=chance.randrange(99))
    faulty.by_chance("commit", (After(), 0.05), (Before(), 0.05), seed=chance.randrange(99))

    for _ in range(10_000):
        engine.kill_at(chance.randrange(1, 12))
        await engine.run_until_idle()
        app.clock.advance(timedelta(minutes=6))
        if not (await stored(app, ident)).open:
            break
        await app.broadcasting.waking.wake(ident)
        await work_off(app, BROADCASTS, durable=engine, times=2)

    reached, ended = await recipients(app, ident), await stored(app, ident)
    assert (ended.state, ended.progress.delivered) == ("settled", {"inbox": people - SILENT})
    assert (len(reached), max(reached.values())) == (people - SILENT, 1)
    sums = await added_up(app)
    assert (sums["spent"], sums["reserved"], sums["available"]) == (
        2 * (people - SILENT),
        0,
        2 * SILENT + SPARE,
    )
    assert engine.kills > 0
    assert faulty.fired > 0

    with counted() as bill:
        await app.broadcasting.waking.wake(ident)
        await work_off(app, BROADCASTS, durable=engine)
        await engine.run_to_end()
    assert bill["write"] == 0
    assert await recipients(app, ident) == reached
