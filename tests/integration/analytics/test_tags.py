"""Tags reach profiles at night, and only those of people whose tags changed."""

from datetime import timedelta

import pytest

from shared.analytics.behaviour.models import Follow
from shared.clients.documents.port import Set
from shared.kernel import telemetry
from shared.people.profiles.repository import COLLECTION, path_of
from tests.factories.crowds import AT, DAY, at_hour, counted, dancer, store, week
from tests.factories.durable import Engine
from tests.factories.experience import publish
from tests.factories.messaging import campaign

SEEN = {"first_seen_at": AT - 200 * DAY, "last_seen_at": AT - DAY}
OFTEN = {week(AT - DAY) - back: 5 for back in range(13)}
PEOPLE = [
    dancer(1, tier="gold", hours=at_hour(23), weeks=OFTEN, **SEEN),
    dancer(2, follows={"org_1": Follow(AT, on=True), "org_2": Follow(AT, on=False)}, **SEEN),
    dancer(3, cities=dict.fromkeys(("rome", "paris", "berlin"), AT - DAY), occasions={"advanced": 3}, **SEEN),
    dancer(4, first_seen_at=AT - 90 * DAY, last_seen_at=AT - 40 * DAY),
    dancer(5, person_key="v_5", person_type="ip", last_seen_at=AT - 40 * DAY),
    dancer(6, tier="gold", **SEEN),
]
TAGS = {
    "uid-1": ["night_owl", "paid_gold", "power_user"],
    "uid-2": ["favorite_of_org_1"],
    "uid-3": ["advanced_dancer", "multi_city_traveler"],
    "uid-4": ["dormant_over_30"],
    "v_5": ["dormant_over_30"],
}


@pytest.fixture
async def profiles(app):
    """Everybody has a profile but the sixth."""
    for one in PEOPLE[:5]:
        await app.documents.commit(
            [Set(path_of(one.person_key), {"personKey": one.person_key, "type": one.person_type})]
        )
    await counted(app, PEOPLE)


async def tags_of(app, *keys):
    found = await app.documents.get_many([path_of(key) for key in keys])
    return {snapshot.id: snapshot.data.get("segments") for snapshot in found}


async def test_each_person_has_their_tags(app, profiles):
    assert await app.tagging.run() == 5

    assert await tags_of(app, *TAGS) == TAGS
    assert await app.documents.get(f"{COLLECTION}/uid-6") is None
    (behaviour,) = await app.analytics.find("userBehaviorAnalytics", {"personKey": "uid-1"})
    assert behaviour["segments"] == TAGS["uid-1"]


async def test_a_second_night_writes_only_who_changed(app, profiles):
    await app.tagging.run()
    app.clock.advance(timedelta(minutes=5))
    with telemetry.invocation("test", app.clock) as spent:
        assert await app.tagging.run() == 0
    assert spent["write"] == 0

    await store(app, [dancer(1, **SEEN), dancer(2, follows={}, **SEEN)])
    await app.facet_refresh.run()
    with telemetry.invocation("test", app.clock) as spent:
        assert await app.tagging.run() == 2
    assert spent["write"] == 2
    assert await tags_of(app, *TAGS) == TAGS | {"uid-1": [], "uid-2": []}


async def test_a_night_that_was_killed_ends_the_same(app, profiles, monkeypatch):
    keep = app.tagging._keep

    async def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(app.tagging, "_keep", killed)
    with pytest.raises(KeyboardInterrupt):
        await app.tagging.shard(0)
    monkeypatch.setattr(app.tagging, "_keep", keep)
    await app.tagging.run()

    assert await tags_of(app, *TAGS) == TAGS
    assert await app.tagging.run() == 0


async def test_a_segment_that_a_running_campaign_asks_for_is_a_tag(app, profiles):
    asked = {
        "attribute": "person.segments",
        "op": "containsAny",
        "value": ["dormant_regulars", "nobody_knows"],
    }
    await publish(app, campaign(id="c_back", audience={"not": [asked]}))
    away = {week(AT - 60 * DAY) - back: 3 for back in range(13)}
    app.clock.advance(timedelta(minutes=5))
    await store(app, [dancer(4, weeks=away, first_seen_at=AT - 300 * DAY, last_seen_at=AT - 60 * DAY)])
    await app.facet_refresh.run()
    await app.tagging.run()

    assert (await tags_of(app, "uid-4")) == {"uid-4": ["dormant_over_30", "dormant_regulars"]}


async def test_the_nightly_orchestration_does_it_all_and_survives_a_kill_anywhere(app, profiles):
    engine = Engine(app)
    ident = await engine.start("segments_rebuild", "segments-20261121", "segments-20261121")
    await engine.run_to_end()

    assert engine.status(ident).output == {"shards": 1, "changed": 5}
    assert await tags_of(app, *TAGS) == TAGS
    assert (await app.snapshots.latest(fresh=True)).generation == 2
