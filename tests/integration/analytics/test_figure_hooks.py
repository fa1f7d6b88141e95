"""Rows and behaviour when somebody signs in, asks for their data, leaves, or stays away."""

from datetime import timedelta

import pytest

from shared.analytics.behaviour.models import COLLECTION
from shared.analytics.behaviour.stored import from_document
from shared.analytics.ingest.hooks import FigureHooks
from shared.people.hooks import Subject
from tests.factories.activity import batches, life, work
from tests.factories.app import NOW
from tests.factories.experience import Killed, Life, Mortal

ANA, VISITOR = "p1", f"v_{0:032x}"


@pytest.fixture
async def lived(app):
    events = [event for event in life(240, people=3, seed=3) if event.bot is None]
    await work(app.ingest, events)
    return events


async def behaviour(app, key):
    found = await app.analytics.find(COLLECTION, {"_id": key})
    return from_document(found[0]) if found else None


async def merged(app, lived):
    """What merging must come to: the person's and the visitor's together, once."""
    ana, visitor = await behaviour(app, ANA), await behaviour(app, VISITOR)
    return (
        sum(ana.occasions.values()) + sum(visitor.occasions.values()),
        ana.messages_seen + visitor.messages_seen,
        sum(ana.hours) + sum(visitor.hours),
    )


def sums(one):
    return sum(one.occasions.values()), one.messages_seen, sum(one.hours)


async def test_a_visitors_behaviour_becomes_the_persons_once(app, lived):
    expected = await merged(app, lived)
    rows = await app.analytics.count("activity_2026_11", {"person": {"$in": [ANA, VISITOR]}})
    for _ in range(2):
        await app.figure_hooks.merge(ANA, [VISITOR])
    assert sums(await behaviour(app, ANA)) == expected
    assert await behaviour(app, VISITOR) is None
    assert await app.analytics.count("activity_2026_11", {"person": ANA}) == rows


@pytest.mark.parametrize("calls", range(0, 16, 2))
async def test_a_merge_that_dies_anywhere_adds_once(app, lived, calls):
    expected = await merged(app, lived)
    try:
        await FigureHooks(Mortal(app.analytics, Life(calls)), app.standing, app.clock).merge(ANA, [VISITOR])
    except Killed:
        await app.figure_hooks.merge(ANA, [VISITOR])
    assert sums(await behaviour(app, ANA)) == expected
    assert await app.analytics.find("merges", {"into": ANA}) == []


async def test_a_visitor_becomes_somebody_who_was_never_seen(app, lived):
    before = sums(await behaviour(app, VISITOR))
    await app.figure_hooks.merge("new", [VISITOR])
    assert sums(await behaviour(app, "new")) == before


async def test_an_export_tells_everything_and_no_key(app, lived):
    told = [record async for record in app.figure_hooks.export(Subject(ANA))]
    mine = {event.id for event in lived if event.person_key == ANA}
    assert {record["id"].rpartition("/")[2] for record in told if "activity" in record["id"]} == mine
    assert told[0]["id"] == "behaviour"
    assert ANA not in str([{k: v for k, v in record.items() if k != "id"} for record in told])


async def test_an_export_of_many_rows_of_one_moment_is_whole(app, monkeypatch):
    from shared.analytics.ingest import hooks

    monkeypatch.setattr(hooks, "_PAGE", 3)
    events = [event for event in life(40, people=2, seed=8) if event.person_key == ANA and not event.bot]
    events = [
        type(e)(e.id, "custom", e.at // 10**8 * 10**8, e.person_key, e.person_type, e.source, {})
        for e in events
    ]
    await work(app.ingest, events)
    told = [record["id"] async for record in app.figure_hooks.export(Subject(ANA))]
    assert len(told) == len(set(told)) == len({event.id for event in events}) + 1


async def test_erasure_leaves_no_row_and_no_behaviour(app, lived):
    assert await app.figure_hooks.erase(Subject(ANA, (VISITOR,)), NOW) > 10
    for key in (ANA, VISITOR):
        assert await behaviour(app, key) is None
        for collection in ("checkins", "activity_2026_11"):
            assert await app.analytics.count(collection, {"person": key}) == 0
    assert await app.figure_hooks.erase(Subject(ANA, (VISITOR,)), NOW) == 0


async def test_absent_visitors_go_and_rows_wait_for_the_archive(app, lived):
    app.clock.advance(timedelta(days=170))
    assert await app.figure_hooks.retain(app.clock.now()) == 0
    app.clock.advance(timedelta(days=20))
    assert await app.figure_hooks.retain(app.clock.now()) > 0
    assert await app.analytics.collections("activity_") == ["activity_2026_11"]
    assert await behaviour(app, VISITOR) is None
    assert await behaviour(app, ANA) is not None


async def test_events_too_old_for_their_rows_are_left_out(app):
    events = life(20)
    app.clock.advance(timedelta(days=120))
    [batch] = batches(events, 20)
    assert await app.ingest.apply(*batch) == 0
