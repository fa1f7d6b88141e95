"""The nightly proof: finds nothing where nothing is wrong, and mends what is."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.analytics.behaviour.models import COLLECTION
from shared.analytics.ingest import rebuild
from shared.clients.analytics.port import Change
from shared.kernel.clock import to_millis
from shared.people.errands import Walk
from tests.factories.activity import batches, life, picture, work
from tests.factories.app import NOW
from tests.factories.archive import archive
from tests.factories.experience import Killed, Life, Mortal
from tests.integration.analytics.test_exactness import ingest_on
from tests.integration.analytics.test_figures_http import event


async def test_figures_are_those_of_their_rows(app):
    await work(app.ingest, life(300, people=8, seed=2))
    before = await picture(app.analytics)
    proof = await app.figures_rebuild.run()
    assert proof.compared > 50
    assert (proof.mended, proof.judged) == (0, 0)
    assert await picture(app.analytics) == before


async def test_what_is_wrong_is_mended(app):
    await work(app.ingest, life(300, people=8, seed=2))
    before = await picture(app.analytics)
    day = (await app.analytics.find("eventDay", {}, order=[("_id", 1)], limit=1))[0]
    heat = (await app.analytics.find("loginHeatmaps", {}, order=[("_id", 1)], limit=1))[0]
    await app.analytics.bulk("eventDay", [Change({"_id": day["_id"]}, {"$set": {"tickets": 99}})])
    await app.analytics.bulk("loginHeatmaps", [Change({"_id": heat["_id"]}, {"$inc": {"hours.3": 7}})])
    await app.analytics.bulk(COLLECTION, [Change({"_id": "p1"}, {"$set": {"messages.seen": 77}})])
    assert (await app.figures_rebuild.run()).mended == 3
    assert await picture(app.analytics) == before
    assert (await app.figures_rebuild.run()).mended == 0


async def test_batches_on_their_way_are_neither_lost_nor_added_twice(app):
    events = life(120, people=6, seed=3)
    first, second = batches(events, 60)
    await app.ingest.apply(*first)
    for calls in range(3, 14):
        try:
            await ingest_on(app, Mortal(app.analytics, Life(calls))).apply(*second)
        except Killed:
            assert (await app.figures_rebuild.run()).mended == 0
    await app.ingest.apply(*second)
    assert (await app.figures_rebuild.run()).mended == 0


async def test_whoever_views_too_much_is_taken_for_a_machine_until_they_are_not(app, monkeypatch):
    monkeypatch.setattr(rebuild, "MANY_VIEWS", 20)
    await app.ingest.apply("b1", [event(n, "view", person="robot") for n in range(30)] + [event(99, "view")])

    async def day():
        [found] = await app.analytics.find("eventDay", {"event": "e1"})
        return found["counts"], found["bots"]

    assert await day() == ({"views": 31}, {})
    assert (await app.figures_rebuild.run()).judged == 1
    assert await day() == ({"views": 1}, {"too_many_views": 30})
    monkeypatch.setattr(rebuild, "MANY_VIEWS", 500)
    assert (await app.figures_rebuild.run()).judged == 1
    assert await day() == ({"views": 31}, {})


async def test_figures_stand_when_their_rows_are_in_the_archive(app):
    later = timedelta(days=130)
    old = life(300, people=8, seed=2)
    young = [
        replace(event, id=event.id[::-1], at=event.at + to_millis(NOW + later) - to_millis(NOW))
        for event in life(200, people=8, seed=3)
    ]
    await work(app.ingest, old)
    app.clock.advance(later)
    for batch, events in batches(young, 100):
        await app.ingest.apply(f"young_{batch}", events)
    before = await picture(app.analytics)
    rows = await app.analytics.count("activity_2026_11", {})
    assert (await archive(app))["progress"]["events"] == rows > 200

    assert await app.analytics.collections("activity_") == ["activity_2027_03"]
    proof = await app.figures_rebuild.run()
    assert proof.compared > 20
    assert (proof.mended, await picture(app.analytics)) == (0, before)


@pytest.mark.parametrize("calls", [3, 13, 30])
async def test_a_night_among_people_goes_on_where_it_was_killed(app, monkeypatch, calls):
    monkeypatch.setattr(rebuild, "PEOPLE", 3)
    for batch in batches(life(300, people=8, seed=2), 10):
        app.clock.advance(timedelta(minutes=1))
        await app.ingest.apply(*batch)
    before = await picture(app.analytics)
    wrong = [
        Change({"_id": each["_id"]}, {"$set": {"messages.seen": 77}})
        for each in await app.analytics.find(COLLECTION, {}, order=[("_id", 1)])
        if each["engagement"]["firstSeenAt"]
    ]
    await app.analytics.bulk(COLLECTION, wrong)

    async def night(figures):
        async def step(since, until):
            proof, after = await figures.people(since, until)
            return proof.mended, after

        mended = 0
        async for number, kept in Walk("people", step, rebuild.ACTIVE, app.documents, app.clock).run():
            await app.documents.commit(list(kept))
            mended += number
        return mended

    with pytest.raises(Killed):
        await night(rebuild.Rebuild(Mortal(app.analytics, Life(calls)), app.clock))
    await night(app.figures_rebuild)
    assert await picture(app.analytics) == before
    assert await night(app.figures_rebuild) == 0
    app.clock.advance(timedelta(days=1))
    assert await night(app.figures_rebuild) == 0
