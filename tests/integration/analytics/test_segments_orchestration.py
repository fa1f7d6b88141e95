"""The nightly rebuild through its orchestration, on the engine of the local host: killed at every step, its store away at every call."""

from datetime import timedelta

import pytest

from blueprints.analytics import segments_timer
from shared import wiring
from shared.analytics.bitmaps.bits import from_bytes
from shared.analytics.segments import refresh, tags
from shared.analytics.segments.snapshots import COLLECTION
from shared.clients.documents.port import Query, Set
from shared.clients.errors import StoreUnavailable
from shared.ops.jobs.schemas import JobsQuery
from shared.people.profiles.repository import path_of
from tests.factories.app import make_app
from tests.factories.crowds import crowd, store
from tests.factories.durable import Engine
from tests.factories.examples import SOAK
from tests.factories.experience import function

NIGHT = "segments-20261121"


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Shards of a few people, so that a small town has several."""
    monkeypatch.setattr(refresh, "SHARD", 16)
    monkeypatch.setattr(tags, "SHARD", 16)


async def a_town(folder):
    """Forty people with profiles, of whom nothing was counted yet."""
    app = make_app(folder=folder)
    people = crowd(40)
    await app.documents.commit(
        [
            Set(path_of(one.person_key), {"personKey": one.person_key, "type": one.person_type})
            for one in people
        ]
    )
    await store(app, people)
    return app


async def night(app, engine):
    """The timer starts it."""
    wiring.use(app)
    await function(segments_timer.bp, "segments_nightly")(timer=None, starter=engine.management.binding())


async def published(app):
    """Everything that the night leaves: the sets of the one snapshot, the tags in profiles and in behaviour."""
    manifests = await app.analytics.find(COLLECTION, {"kind": "manifest"}, order=[("generation", 1)])
    sets = await app.analytics.find(COLLECTION, {"kind": "set"})
    profiles = await app.documents.query(Query("experienceProfiles"))
    behaviour = await app.analytics.find("userBehaviorAnalytics", {}, order=[("n", 1)])
    return {
        "generations": [each["generation"] for each in manifests],
        "parts": await app.analytics.count(COLLECTION, {"kind": "part"}),
        "sets": {each["key"]: list(from_bytes(each["data"])) for each in sets},
        "profiles": {each.id: each.data.get("segments") for each in profiles},
        "behaviour": {each["personKey"]: each.get("segments") for each in behaviour},
    }


async def job(app):
    """What operators see of the night."""
    [found] = (await app.jobs.page(JobsQuery())).items
    assert found.kind == "segments"
    return found.state, {each.step: each.documents for each in found.progress}


async def test_a_night_publishes_everybody_once(tmp_path):
    app = await a_town(tmp_path)
    engine = Engine(app, segments_timer.bp)
    await night(app, engine)
    with pytest.raises(Exception, match="exists"):
        await night(app, engine)
    await engine.run_to_end()
    found = await published(app)

    assert engine.status(NIGHT).output == {"shards": 3, "changed": sum(map(bool, found["profiles"].values()))}
    assert (found["generations"], found["parts"]) == ([1], 0)
    assert await job(app) == ("done", {"shards": 3, "tags": engine.status(NIGHT).output["changed"]})
    assert found["sets"]["*"] == [one.n for one in crowd(40) if one.bot is None]
    await engine.close()
    await app.close()


async def test_killed_at_every_step_it_comes_to_the_same_end(tmp_path):
    steps, n, whole = 1, 0, None
    while n < steps:
        app = await a_town(tmp_path / str(n))
        engine = Engine(app, segments_timer.bp)
        await night(app, engine)
        if n:
            engine.kill_at(n)
        await engine.run_to_end()
        found = await published(app)
        whole = whole or found
        assert found == whole
        assert (await job(app))[0] == "done"
        assert engine.kills == (n > 0)
        assert engine.status(NIGHT).runtime_status == "Completed"
        if not n:
            steps = engine.steps
        await engine.close()
        await app.close()
        n += 1 if SOAK else max(1, steps // 12)
    assert steps > 20


class Unsteady:
    """A store that is away for one call."""

    def __init__(self, inner):
        self.inner, self.calls, self.away = inner, 0, None

    def __getattr__(self, name):
        method = getattr(self.inner, name)

        async def call(*arguments, **named):
            self.calls += 1
            if self.calls == self.away:
                raise StoreUnavailable("away")
            return await method(*arguments, **named)

        return call


async def test_a_store_that_is_away_at_any_call_is_waited_for(tmp_path):
    calls, n, whole = 1, 0, None
    while n < calls:
        app = await a_town(tmp_path / str(n))
        unsteady = Unsteady(app.analytics)
        other = make_app(clock=app.clock, given_documents=app.documents, given_analytics=unsteady)
        engine = Engine(other, segments_timer.bp)
        await night(other, engine)
        unsteady.away = n or None
        await engine.run_to_end()
        found = await published(app)
        whole = whole or found
        assert found == whole
        assert engine.status(NIGHT).runtime_status == "Completed"
        if not n:
            calls = unsteady.calls
        await engine.close()
        await other.close()
        await app.close()
        n += 1 if SOAK else max(1, calls // 12)
    assert calls > 15


async def test_a_night_that_fails_is_seen_and_the_next_one_begins_anew(tmp_path, monkeypatch):
    app = await a_town(tmp_path)

    async def away(_run, _index):
        raise StoreUnavailable("away")

    monkeypatch.setattr(app.facet_rebuild, "shard", away)
    engine = Engine(app, segments_timer.bp)
    await night(app, engine)
    await engine.run_to_end()
    assert engine.status(NIGHT).runtime_status == "Failed"
    assert (await job(app))[0] == "failed"

    monkeypatch.undo()
    monkeypatch.setattr(refresh, "SHARD", 16)
    app.clock.advance(timedelta(days=1))
    await night(app, engine)
    await engine.run_until_idle()
    assert (await job(app))[0] == "done"
    await engine.close()
    await app.close()


async def test_a_night_goes_on_where_nobody_can_write_down_how_it_stands(tmp_path, monkeypatch):
    app = await a_town(tmp_path)

    async def away(*_told):
        raise StoreUnavailable("away")

    monkeypatch.setattr(app.job_repository, "save", away)
    engine = Engine(app, segments_timer.bp)
    await night(app, engine)
    await engine.run_to_end()
    assert engine.status(NIGHT).runtime_status == "Completed"
    await engine.close()
    await app.close()


async def test_a_refresh_in_between_is_not_lost(tmp_path):
    """A change that the rebuild has read past already is in the next refresh, from where the first shard began."""
    app = await a_town(tmp_path)
    await app.facet_rebuild.run("before")
    engine = Engine(app, segments_timer.bp)
    await app.facet_rebuild.shard(NIGHT, 0)
    app.clock.advance(timedelta(seconds=30))
    [first] = [one for one in crowd(40) if one.n == 1]
    await store(app, [first.__class__(**{**_fields(first), "tier": "gold", "bot": None})])
    assert await app.facet_refresh.run() > 0
    await night(app, engine)
    await engine.run_to_end()
    app.clock.advance(timedelta(minutes=3))
    await app.facet_refresh.run()
    latest = await app.snapshots.latest(fresh=True)

    assert 1 in (await app.snapshots.facets(latest, ["person.tier=gold"])).get("person.tier=gold")
    await engine.close()
    await app.close()


def _fields(one):
    return {name: getattr(one, name) for name in one.__slots__}
