"""Facets follow behaviour: in minutes for who changed, at night for everybody, whoever else publishes and whenever it stops."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.analytics.bitmaps.bits import bits
from shared.analytics.segments.facets import facets_of
from shared.analytics.segments.filters import parse
from shared.analytics.segments.models import READY_MADE
from shared.analytics.segments.traits import traits_of
from shared.kernel import telemetry
from shared.people.hooks import Subject
from tests.factories.crowds import counted, crowd, dancer, meant, store, visited

GOLD = parse({"attribute": "person.tier", "op": "eq", "value": "gold"})


async def who(app, raw):
    return set((await app.cohorts.find(parse(raw) if isinstance(raw, dict) else raw)).members)


def visits(at_least):
    return {"attribute": "visits.total", "op": "gte", "value": at_least}


@pytest.mark.parametrize("name", READY_MADE)
async def test_the_four_queries_find_whom_they_mean(anywhere, name):
    people = crowd(700)
    await counted(anywhere, people)

    assert await who(anywhere, READY_MADE[name].tree()) == meant(name, people) != set()


async def test_machines_are_in_no_figure(app):
    await counted(app, [dancer(1, tier="gold"), dancer(2, tier="gold", bot="headless")])
    assert await who(app, GOLD) == {1}

    await store(app, [dancer(2, tier="gold"), dancer(1, tier="gold", bot="too_fast")])
    await app.facet_refresh.run()
    assert await who(app, GOLD) == {2}


async def test_a_refresh_equals_a_rebuild(anywhere):
    people = crowd(300)
    await counted(anywhere, people)
    changed = [replace(one, tier="silver", visits=visited(500)) for one in people[::7]]
    newcomers = [dancer(1000 + each, visits=visited(1)) for each in range(5)]
    anywhere.clock.advance(timedelta(minutes=3))
    await store(anywhere, [*changed, *newcomers])
    await anywhere.facet_refresh.run()
    refreshed = await everything(anywhere)
    await anywhere.facet_rebuild.run("second")

    now = anywhere.clock.now()
    everybody = {one.n: one for one in [*people, *changed, *newcomers]}
    expected = facets_of({n: traits_of(one, now) for n, one in everybody.items() if one.bot is None})
    assert refreshed == await everything(anywhere) == expected


async def everything(app):
    manifest = await app.snapshots.latest(fresh=True)
    return dict((await app.snapshots.facets(manifest, manifest.runs)).sets)


async def test_a_refresh_reads_and_writes_only_what_changed(app):
    await counted(app, crowd(300))
    app.clock.advance(timedelta(minutes=5))
    await app.facet_refresh.run()
    app.clock.advance(timedelta(minutes=5))
    await store(app, [dancer(1, visits=visited(77))])

    with telemetry.invocation("test", app.clock) as spent:
        assert await app.facet_refresh.run() == 1
    assert spent["mongo"] <= 6


async def test_an_estimate_in_steady_state_asks_no_store(app):
    await counted(app, crowd(50))
    await who(app, GOLD)

    with telemetry.invocation("test", app.clock) as spent:
        await who(app, GOLD)
    assert spent["mongo"] == 0


async def test_more_changes_of_one_instant_than_a_page_holds(app, monkeypatch):
    monkeypatch.setattr("shared.analytics.segments.people.PAGE", 4)
    await counted(app, [dancer(1)])
    app.clock.advance(timedelta(minutes=5))
    await store(app, [dancer(n, visits=visited(9)) for n in range(2, 15)])
    app.clock.advance(timedelta(seconds=1))
    await store(app, [dancer(n, visits=visited(9)) for n in range(20, 23)])
    await app.facet_refresh.run()

    assert await who(app, visits(9)) == {*range(2, 15), *range(20, 23)}


async def test_a_rebuild_that_was_killed_goes_on_and_is_published_once(app):
    people = crowd(50)
    await store(app, people)
    assert await app.facet_rebuild.shard("tonight", 0) == 50
    # another worker takes over: what is done stays, though behaviour went on
    await store(app, [dancer(51, tier="gold")])
    await app.facet_rebuild.shard("tonight", 0)
    first = await app.facet_rebuild.publish("tonight", 1)
    again = await app.facet_rebuild.publish("tonight", 1)

    assert (first, again) == (1, 1)
    assert 51 not in await who(app, GOLD)
    await app.facet_refresh.run()
    assert 51 in await who(app, GOLD)


async def test_of_two_who_publish_one_is_first(app):
    await counted(app, [dancer(1)])
    before = await app.snapshots.latest()
    watermark = app.clock.now()
    one = await app.snapshots.publish(before, "one", {"x=1": bits([1])}, watermark=watermark)
    other = await app.snapshots.publish(before, "other", {"x=1": bits([2])}, watermark=watermark)

    assert (one.generation, other) == (2, None)
    assert set((await everything(app))["x=1"]) == {1}


async def test_an_earlier_snapshot_stays_what_it_was(app):
    await counted(app, [dancer(1, tier="gold")])
    before = await app.snapshots.latest()
    app.clock.advance(timedelta(minutes=5))
    await store(app, [dancer(1, tier="silver")])
    await app.facet_refresh.run()

    held = await app.snapshots.facets(before, ["person.tier=gold"])
    assert set(held.get("person.tier=gold")) == {1}
    assert await who(app, GOLD) == set()


async def test_what_no_snapshot_names_is_swept_away(app):
    await counted(app, [dancer(1, tier="gold")])
    app.clock.advance(timedelta(days=1))
    await store(app, [dancer(1, tier="silver")])
    await app.facet_refresh.run()
    app.clock.advance(timedelta(days=2))
    gone = await app.segment_hooks.retain(app.clock.now())

    assert gone >= 2
    assert await app.segment_hooks.retain(app.clock.now()) == 0
    app.snapshots.__init__(app.analytics, app.clock)
    assert await who(app, {"attribute": "person.tier", "op": "eq", "value": "silver"}) == {1}


@pytest.mark.parametrize("way", ["merge", "erase"])
async def test_who_is_merged_or_erased_is_in_no_set(app, way):
    await counted(app, [dancer(1, tier="gold"), dancer(2, person_key="v_1", person_type="ip", tier="gold")])
    if way == "merge":
        await app.segment_hooks.merge("uid-1", ["v_1"])
    else:
        await app.segment_hooks.erase(Subject("uid-9", ("v_1",)), app.clock.now())
    await app.analytics.delete("userBehaviorAnalytics", {"personKey": "v_1"})
    await app.facet_refresh.run()

    assert await who(app, GOLD) == {1}


async def test_a_night_without_anybody_ends(app):
    assert await app.facet_rebuild.run("tonight") == 1
    assert list((await app.snapshots.latest(fresh=True)).runs) == []
