"""Figures are those of the sorted single run, whatever comes twice, late, cut, at once, or half."""

import asyncio
import contextlib
import random
import uuid
from datetime import timedelta

import pytest

from shared.analytics.behaviour.models import COLLECTION
from shared.analytics.ingest.profiles import Attendances
from shared.analytics.ingest.service import Ingest
from shared.clients.analytics.embedded import EmbeddedAnalytics
from shared.clients.analytics.mongo import MongoAnalytics
from shared.clients.errors import StoreUnavailable
from shared.clients.queues.port import ACTIVITY
from shared.experience.visits.worker import ActivityWorker
from tests.contract.analytics.conftest import REAL, real_settings
from tests.factories.activity import batches, late, life, picture, work
from tests.factories.examples import SOAK
from tests.factories.experience import Killed, Life, Mortal, work_off


def ingest_on(app, analytics):
    return Ingest(analytics, Attendances(app.profile_repository), app.standing, app.erasures, app.clock)


@pytest.fixture
async def sorted_run(app):
    """Applies events in order and once; the picture that every other way must come to."""

    async def run(events):
        analytics = EmbeddedAnalytics(":memory:")
        await work(ingest_on(app, analytics), events)
        found = await picture(analytics)
        await analytics.close()
        return found

    return run


async def disturbed(app, analytics, events, *, seed, deaths=6):
    """Everything at once: shuffled, doubled, cut anew, several workers side by side, some of which die; each batch comes until it is done."""
    chance = random.Random(seed)
    left = [*batches(late(events, seed=seed), chance.choice([83, 150, 200]))]
    left += chance.sample(left, len(left) // 4)
    deadly = set(chance.sample(range(len(left)), min(deaths, len(left))))

    async def one(number, batch, some):
        if number in deadly:
            mortal = Mortal(analytics, Life(chance.randrange(14)))
            with contextlib.suppress(Killed):
                await ingest_on(app, mortal).apply(batch, some)
        await ingest_on(app, analytics).apply(batch, some)

    jobs = [one(number, *each) for number, each in enumerate(left)]
    for start in range(0, len(jobs), 4):
        await asyncio.gather(*jobs[start : start + 4])


@pytest.mark.parametrize("seed", [1, 2])
async def test_shuffled_doubled_cut_and_killed_equal_the_sorted_run(app, sorted_run, seed):
    events = life(400, people=24, seed=seed)
    await disturbed(app, app.analytics, events, seed=seed)
    assert await picture(app.analytics) == await sorted_run(events)


async def test_the_sorted_run_counts_what_was_generated(app, sorted_run):
    events = life(600, seed=4)
    found = await sorted_run(events)
    people = [event for event in {event.id: event for event in events}.values() if event.bot is None]

    def number(*types):
        return sum(event.type in types for event in people)

    behaviours, days = found["userBehaviorAnalytics"].values(), found["eventDay"].values()
    assert sum(day.counts.get("views", 0) for day in days) == number("view") > 20
    assert sum(day.tickets for day in days) == 2 * number("purchase") - number("refund")
    assert sum(day.revenue.get("EUR", 0) for day in days) == 1500 * number("purchase") - 700 * number(
        "refund"
    )
    assert sum(sum(each.occasions.values()) for each in behaviours) == number("checkin", "class_level") > 20
    assert sum(each.purchases.count for each in behaviours) == number("purchase") > 10
    zoned = sum(event.type == "login" and "timezone" in event.metadata for event in people)
    assert sum(sum(each.hours) for each in behaviours) == zoned > 10
    heat = {key: sum(day.hours) for key, day in found["loginHeatmaps"].items()}
    assert sum(number for key, number in heat.items() if key.startswith("all|")) == zoned
    assert sum(day.bots.get("user_agent", 0) for day in days) > 0


@pytest.fixture(params=["embedded", REAL])
async def engine(request):
    """An empty store of figures: the twin, or a database of its own in the real one."""
    if request.param == "embedded":
        store = EmbeddedAnalytics(":memory:")
    else:
        store = MongoAnalytics(real_settings(mongodb_database=f"exact_{uuid.uuid4().hex[:8]}"))
    yield store
    for name in await store.collections():
        await store.drop(name)
    await store.close()


@pytest.mark.timeout(3600 if SOAK else 300)
async def test_thousands_of_events_equal_the_sorted_run(app, sorted_run, engine):
    """2,500; 50,000 when soaking (SOAK=1)."""
    events = life(20 * 2_500 if SOAK else 2_500, people=2_400 if SOAK else 120, seed=9)
    await disturbed(app, engine, events, seed=9, deaths=200 if SOAK else 10)
    assert await picture(engine) == await sorted_run(events)


class Away:
    """A store that is gone until a moment."""

    def __init__(self, inner, clock, until):
        self.inner, self.clock, self.until, self.refused = inner, clock, until, 0

    def __getattr__(self, name):
        async def call(*arguments, **named):
            if self.clock.now() < self.until:
                self.refused += 1
                raise StoreUnavailable("away")
            return await getattr(self.inner, name)(*arguments, **named)

        return call


async def test_ten_minutes_without_mongo_lose_nothing(app, sorted_run, engine):
    """Events go on coming, some of them twice; the worker goes on working."""
    events = life(5_000 if SOAK else 400, people=240 if SOAK else 24, seed=12)
    arriving = late(events, seed=12)
    away = Away(engine, app.clock, app.clock.now() + timedelta(minutes=10))
    app.activity_worker = ActivityWorker(app.visits, app.epochs, ingest_on(app, away), app.handover)
    minutes = 12
    for minute in range(minutes):
        assert await app.packing.send(arriving[minute::minutes])
        await work_off(app, ACTIVITY)
        app.clock.advance(timedelta(minutes=1))
    while await app.queues.length(ACTIVITY):
        await work_off(app, ACTIVITY)
        app.clock.advance(timedelta(minutes=1))

    assert away.refused > 10
    assert await app.queues.length(f"{ACTIVITY}-poison") == 0
    assert await picture(engine) == await sorted_run(events)


@pytest.mark.parametrize("calls", range(20))
async def test_a_batch_that_dies_at_any_call_is_whole_when_it_comes_again(app, sorted_run, calls):
    events = life(60, people=8, seed=5)
    first, second = batches(events, 30)
    await app.ingest.apply(*first)
    try:
        await ingest_on(app, Mortal(app.analytics, Life(calls))).apply(*second)
    except Killed:
        pass
    else:
        assert calls > 10
    await app.ingest.apply(*second)
    assert await picture(app.analytics) == await sorted_run(events)


async def test_a_worker_that_was_overtaken_changes_nothing_more(app, sorted_run):
    events = life(60, people=8, seed=6)
    [batch] = batches(events, 60)
    reached, go_on = asyncio.Event(), asyncio.Event()

    class Late:
        """Stands still before its first write of behaviour."""

        def __getattr__(self, name):
            return getattr(app.analytics, name)

        async def insert(self, collection, documents):
            if collection == COLLECTION:
                reached.set()
                await go_on.wait()
            return await app.analytics.insert(collection, documents)

    overtaken = asyncio.create_task(ingest_on(app, Late()).apply(*batch))
    await reached.wait()
    await app.ingest.apply(*batch)
    go_on.set()
    await overtaken
    assert await picture(app.analytics) == await sorted_run(events)


async def test_a_batch_that_is_done_costs_one_look(app):
    [batch] = batches(life(50), 50)
    await app.ingest.apply(*batch)
    from tests.factories.experience import cost

    assert await cost(app.ingest.apply(*batch)) == {"mongo": 1}


async def test_names_of_finished_batches_do_not_pile_up(app):
    events = life(400, people=2)
    await work(app.ingest, events, size=20)
    for document in await app.analytics.find(COLLECTION, {}, order=[("_id", 1)]):
        assert len(document["pending"]) <= 1
