"""What a visitor did follows them into the next epoch, once, whoever dies in between; a whole epoch away forgets them."""

from datetime import timedelta

import pytest

from shared.analytics.behaviour.models import COLLECTION
from shared.analytics.behaviour.stored import from_document
from shared.analytics.ingest.epochs import Epochs
from shared.analytics.ingest.hooks import FigureHooks
from shared.analytics.intake.models import Event
from shared.analytics.intake.rules import event_key
from shared.clients.errors import StoreUnavailable
from shared.kernel.clock import to_millis
from shared.messaging.campaigns.models import Channel
from tests.factories.app import make_app
from tests.factories.experience import Killed, Life, Mortal, answer, ask, cost, known_as, publish, work_off
from tests.factories.messaging import campaign

EPOCH = timedelta(days=90)
NOWHERE = {"address": "0.0.0.0"}


@pytest.fixture(autouse=True)
async def drained(app):
    yield
    await app.activity.drain()


def key(app):
    return known_as(app, **NOWHERE).key


async def worked(app, times=1):
    await app.activity.drain()
    await work_off(app, "activity", times=times)


async def comes(app, times=1, **more):
    """The visitor opens the page."""
    found = await ask(app, **NOWHERE, **more)
    await worked(app, times)
    return found


async def dances(app, n, person=None, type_="purchase"):
    """The visitor does something of which the figures hear."""
    told = {
        "purchase": {"eventId": "e1", "organizerId": "o1", "quantity": 1, "amount": 900, "currency": "EUR"},
        "checkin": {"eventId": f"e{n}", "eventType": "milonga", "cityId": f"c{n}"},
    }[type_]
    person = person or key(app)
    event = Event(event_key("t", str(n)), type_, to_millis(app.clock.now()), person, "ip", "server", told)
    await app.ingest.apply(f"b_{n}", [event])


async def lives(app):
    """What is known of everybody's behaviour: nobody's is there twice."""
    found = await app.analytics.find(COLLECTION, {}, order=[("_id", 1)])
    return {each["_id"]: from_document(each) for each in found}


async def a_life(app):
    await comes(app)
    await dances(app, 1)
    await dances(app, 2, type_="checkin")
    return key(app)


def is_whole(app, found, before):
    [(now, one)] = found.items()
    assert (now, one.person_type) == (key(app), "ip")
    assert now != before
    assert (one.visits.total, one.purchases.count, len(one.checkins)) == (2, 1, 1)
    assert one.purchases.spent == {"EUR": 900}


@pytest.mark.parametrize("times", [1, 3])
async def test_behaviour_and_rows_follow_the_visitor(app, times):
    before = await a_life(app)
    app.clock.advance(EPOCH)
    await comes(app, times)

    is_whole(app, await lives(app), before)
    for collection in ("checkins", *await app.analytics.collections("activity_")):
        assert await app.analytics.find(collection, {"person": before}) == []
    assert (await app.analytics.find("checkins", {"person": key(app)}))[0]["event"] == "e2"


async def test_they_follow_too_when_a_decision_has_moved_the_profile_already(app):
    await publish(app, campaign(delivery_channels=[Channel.BANNER]))
    before = await a_life(app)
    app.clock.advance(EPOCH)
    shown = await ask(app, **NOWHERE)
    await answer(app, shown.messages[0])
    await worked(app)

    is_whole(app, await lives(app), before)


async def test_the_old_number_leaves_the_facets(app):
    await a_life(app)
    await app.facet_rebuild.run("first")
    app.clock.advance(EPOCH)
    await comes(app)
    await app.facet_refresh.run()
    latest = await app.snapshots.latest(fresh=True)
    [now] = (await lives(app)).values()

    assert list((await app.snapshots.facets(latest, ["*"])).get("*")) == [now.n]


async def test_what_arrives_late_under_the_old_key_follows_with_the_next_visit(app):
    before = await a_life(app)
    app.clock.advance(EPOCH)
    await comes(app)
    await dances(app, 3, person=before)
    assert len(await lives(app)) == 2
    app.clock.advance(timedelta(hours=1))
    await comes(app)
    [one] = (await lives(app)).values()

    assert (one.visits.total, one.purchases.count) == (3, 2)


async def test_a_whole_epoch_away_links_nothing(app):
    before = await a_life(app)
    app.clock.advance(2 * EPOCH)
    await comes(app)
    found = await lives(app)

    assert set(found) == {before, key(app)}
    assert found[key(app)].visits.total == 1


async def test_a_worker_that_dies_anywhere_is_followed_by_another():
    """After each number of calls that it may live for, until it lives for them all."""
    calls, killed = 0, True
    while killed:
        app = make_app()
        before = await a_life(app)
        app.clock.advance(EPOCH)
        await ask(app, **NOWHERE)
        mortal = Mortal(app.analytics, Life(calls))
        hooks = (app.segment_hooks, FigureHooks(mortal, app.standing, app.clock))
        pair = {known_as(app, **NOWHERE).key: known_as(app, **NOWHERE).previous_key}
        try:
            await Epochs(mortal, hooks).follow(pair)
            killed = False
        except Killed:
            pass
        await worked(app)
        is_whole(app, await lives(app), before)
        assert await app.analytics.find("merges", {"into": key(app)}) == []
        for collection in ("checkins", *await app.analytics.collections("activity_")):
            assert await app.analytics.find(collection, {"person": before}) == []
        await app.close()
        calls += 1
    assert calls > 10


async def test_with_mongo_away_the_visit_counts_and_the_next_one_carries_on(app, monkeypatch):
    before = await a_life(app)
    app.clock.advance(EPOCH)

    async def away(_previous):
        raise StoreUnavailable("away")

    with monkeypatch.context() as patched:
        patched.setattr(app.epochs, "follow", away)
        await comes(app)
    assert set(await lives(app)) == {before, key(app)}
    app.clock.advance(timedelta(minutes=1))
    await comes(app)

    is_whole(app, await lives(app), before)


async def test_who_has_nothing_behind_costs_two_looks(app):
    await a_life(app)
    pair = {known_as(app, **NOWHERE).key: known_as(app, **NOWHERE).previous_key}

    assert await cost(app.epochs.follow(pair)) == {"mongo": 2}
