"""Broadcasts through their orchestration, on the engine of the local host: killed at every step, woken twice, paused, cancelled."""

import json
from datetime import timedelta

import pytest

from blueprints.messaging import broadcasts_durable
from shared.clients.errors import Contended, Overloaded, Refused, StoreUnavailable
from shared.clients.queues.port import BROADCASTS
from shared.messaging.broadcasts import delivering, running
from shared.messaging.broadcasts.waking import OVERDUE
from tests.factories.broadcasts import LUCIA, a_worker, crowd, delivered, in_tier, send, stored
from tests.factories.durable import Engine
from tests.factories.experience import work_off
from tests.factories.premium import added_up, fund

PRICED = {"tiers": json.dumps({"gold": {"prices": {"favorites": {"inbox": 2}}, "cooldownHours": 0}})}


@pytest.fixture
def small(monkeypatch):
    """Pages and slices of a few people, so that a small audience is several of each."""
    monkeypatch.setattr(running, "PAGE", 45)
    monkeypatch.setattr(running, "SHARD", 20)
    monkeypatch.setattr(delivering, "SLICE", 6)


@pytest.fixture
async def app(tmp_path):
    made = a_worker(tmp_path, settings=PRICED)
    yield made
    await made.close()


async def prepared(app, people=120, credit=1000, **changes):
    """A broadcast to followers, accepted; the first three of them are silent."""
    await crowd(app, people, shard=20, muted=3)
    await in_tier(app, "gold")
    await fund(app, credit)
    return (await send(app, **changes)).id


async def engine_of(app):
    """An engine with what the queue's worker started in it."""
    engine = Engine(app, broadcasts_durable.bp)
    await work_off(app, BROADCASTS, durable=engine, times=2)
    return engine


async def steps(app, ident, number=3):
    """The first pieces of work, without an orchestration: all pages frozen, one written, the next begun."""
    for _ in range(number):
        following = await app.broadcasting.running.step(ident)
        if following.at is not None:
            app.clock.advance(max(following.at - app.clock.now(), timedelta()))


async def check_exact(app, ident, people=117):
    """Everybody once, paid once, nothing held."""
    ended = await stored(app, ident)
    found = await delivered(app, ident)
    assert (ended.state, ended.open, ended.progress.delivered) == ("settled", False, {"inbox": people})
    assert len({data["recipient"]["id"] for data in found.values()}) == len(found) == people
    sums = await added_up(app)
    assert (sums["spent"], sums["reserved"]) == (2 * people, 0)


async def test_from_the_queue_to_the_end(app, small):
    ident = await prepared(app)
    engine = await engine_of(app)
    await engine.run_to_end()
    await check_exact(app, ident)
    assert engine.status(ident).runtime_status == "Completed"


async def test_killed_at_every_step_it_comes_to_the_same_end(tmp_path, small):
    steps, n = 1, 0
    while n < steps:
        app = a_worker(tmp_path / str(n), settings=PRICED)
        ident = await prepared(app, people=60)
        engine = await engine_of(app)
        if n:
            engine.kill_at(n)
        await engine.run_to_end()
        await check_exact(app, ident, people=57)
        if not n:
            steps = engine.steps
        await engine.close()
        await app.close()
        n += max(1, steps // 12)


async def test_a_second_run_adds_nothing(app, small):
    ident = await prepared(app)
    engine = await engine_of(app)
    await engine.run_to_end()
    before = await delivered(app, ident)
    await app.broadcasting.waking.wake(ident)
    await work_off(app, BROADCASTS, durable=engine)
    await engine.run_to_end()
    assert await delivered(app, ident) == before
    await check_exact(app, ident)


async def test_what_was_accepted_and_never_started_is_found(app, small):
    ident = await prepared(app)
    for message in await app.queues.receive(BROADCASTS):
        await app.queues.delete(BROADCASTS, message)
    assert await app.broadcasting.waking.wake_overdue() == 0
    app.clock.advance(OVERDUE)
    assert await app.broadcasting.waking.wake_overdue() == 1
    engine = await engine_of(app)
    await engine.run_to_end()
    await check_exact(app, ident)


async def test_a_scheduled_one_begins_at_its_local_time(app, small):
    # on the 28th of March 2027 clocks in Madrid go from two to three: half past two is half past three
    app.clock.advance(timedelta(days=120))
    schedule = {"localTime": "2027-03-28T02:30", "timezone": "Europe/Madrid"}
    ident = await prepared(app, schedule=schedule)
    engine = await engine_of(app)
    await engine.run_until_idle()
    assert (await stored(app, ident)).state == "scheduled"
    await engine.run_to_end()
    await check_exact(app, ident)
    assert (await stored(app, ident)).began_at.isoformat() == "2027-03-28T01:30:00+00:00"


async def test_paused_it_rests_and_resumed_it_goes_on(app, small):
    ident = await prepared(app)
    await app.broadcasting.service.pause(LUCIA, ident)
    engine = await engine_of(app)
    await engine.run_until_idle()
    app.clock.advance(timedelta(hours=3))
    await engine.run_until_idle()
    assert ((await stored(app, ident)).state, await delivered(app, ident)) == ("paused", {})
    await app.broadcasting.service.resume(LUCIA, ident)
    await work_off(app, BROADCASTS, durable=engine)
    await engine.run_to_end()
    await check_exact(app, ident)


async def test_cancelled_within_a_page_what_was_sent_is_paid_and_the_rest_given_back(app, small, monkeypatch):
    ident = await prepared(app)
    first = app.broadcasting.running._delivering.page

    async def cancelled_meanwhile(broadcast, page, pace):
        if page.number == 1:
            await app.broadcasting.service.cancel(LUCIA, ident)
        return await first(broadcast, page, pace)

    monkeypatch.setattr(app.broadcasting.running._delivering, "page", cancelled_meanwhile)
    engine = await engine_of(app)
    await engine.run_to_end()
    ended, found = await stored(app, ident), await delivered(app, ident)
    assert (ended.state, ended.progress.people) == ("cancelled", 80)
    assert 0 < len(found) < 117
    sums = await added_up(app)
    assert (sums["spent"], sums["reserved"]) == (2 * len(found), 0)


async def test_a_worker_that_dies_in_a_page_that_is_then_cancelled_leaves_no_message_unpaid(app, small):
    ident = await prepared(app)
    slices, inner = iter(range(100)), app.documents.create_alike

    async def dies(batch, also=()):
        if next(slices) == 9:
            raise StoreUnavailable("the worker dies here")
        return await inner(batch, also)

    app.documents.create_alike = dies
    await steps(app, ident)
    app.documents.create_alike = inner
    await app.broadcasting.service.cancel(LUCIA, ident)
    engine = await engine_of(app)
    await engine.run_to_end()
    ended, found = await stored(app, ident), await delivered(app, ident)
    assert (ended.state, ended.progress.delivered) == ("cancelled", {"inbox": len(found)})
    assert 40 < len(found) < 80
    sums = await added_up(app)
    assert (sums["spent"], sums["reserved"]) == (2 * len(found), 0)


async def test_a_worker_that_still_writes_a_page_when_it_is_cancelled_is_stopped(app, small, monkeypatch):
    ident = await prepared(app)
    slices, inner = iter(range(100)), app.documents.create_alike

    async def cancelled_by_another(batch, also=()):
        if next(slices) == 9:
            await app.broadcasting.service.cancel(LUCIA, ident)
            await app.broadcasting.running.step(ident)
        return await inner(batch, also)

    app.documents.create_alike = cancelled_by_another
    await steps(app, ident)
    ended, found = await stored(app, ident), await delivered(app, ident)
    assert (ended.state, ended.progress.delivered) == ("cancelled", {"inbox": len(found)})
    assert 2 * 40 < (await added_up(app))["spent"] == 2 * len(found) < 2 * 80


async def test_what_the_store_refuses_for_good_is_given_up_and_what_was_written_is_paid(app, small):
    ident = await prepared(app)
    slices, inner = iter(range(1_000)), app.documents.create_alike

    async def refuses(batch, also=()):
        if next(slices) >= 3:
            raise Refused("no")
        return await inner(batch, also)

    app.documents.create_alike = refuses
    engine = await engine_of(app)
    await engine.run_to_end()
    ended, found = await stored(app, ident), await delivered(app, ident)
    assert (ended.state, ended.progress.people) == ("settled", 120)
    assert ended.progress.delivered == {"inbox": len(found)}
    assert len(found) + sum(ended.progress.lost.values()) == 120
    assert (await added_up(app))["spent"] == 2 * len(found) > 0


async def test_a_long_one_begins_new_histories(app, small, monkeypatch):
    monkeypatch.setattr(running, "TURNS", 1)
    monkeypatch.setattr(running, "PAGE", 20)
    ident = await prepared(app, people=1000, credit=5000)
    engine = await engine_of(app)
    await engine.run_to_end()
    await check_exact(app, ident, people=997)
    scheduled = [event for event in engine.history(ident) if event["EventType"] == 4]
    assert 0 < len(scheduled) <= broadcasts_durable.STEPS < 102
    assert len(json.dumps(engine.history(ident))) < 60 * 1024


async def test_a_store_that_is_away_is_waited_for(app, small, monkeypatch):
    ident = await prepared(app)
    inner, failures = (
        app.documents.create_alike,
        iter([Overloaded("x"), Contended("x"), StoreUnavailable("x")]),
    )

    async def troubled(batch, also=()):
        for error in failures:
            raise error
        return await inner(batch, also)

    monkeypatch.setattr(app.documents, "create_alike", troubled)
    engine = await engine_of(app)
    await engine.run_to_end()
    await check_exact(app, ident)
    assert {each.code for each in (await stored(app, ident)).errors} <= {"contended", "unavailable"}
    assert (await app.documents.get("messagePipes/bulk")).data["level"] >= 1
