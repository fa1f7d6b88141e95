"""What was taken for machines' doing counts after all when an operator says so, and is left out again."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from blueprints.ops import jobs_timer
from shared.analytics.ingest import rebuild
from shared.analytics.machines import restating
from shared.analytics.machines.restating import Restating
from shared.clients.documents.port import Query
from shared.kernel.errors import NotFound
from shared.people.access import Principal
from tests.factories.activity import life, picture, work
from tests.factories.app import NOW, make_app, sign_in
from tests.factories.experience import Killed, Life, Mortal, function
from tests.integration.analytics.test_figures_http import event

OPERATOR = Principal("uid-operator", frozenset({"operator"}))
TODAY = f"{NOW:%Y-%m-%d}"
URL = f"/api/analytics/machines/{TODAY}/user_agent"


@pytest.fixture
def token(app):
    return sign_in(app, "uid-operator", "operator")


async def follow(app, restated=None):
    """The errand carries out what is open, and commits how far it got."""
    restated = restated or Restating(app.verdict_repository, app.analytics, app.figures_rebuild)
    async for _, kept in restated.run():
        await app.documents.commit(list(kept))


async def of_the_event(app):
    [day] = await app.analytics.find("eventDay", {"event": "e1"})
    return day["counts"], day["bots"]


async def test_a_day_is_counted_after_all_and_left_out_again(app, client, token):
    robot = "v_" + "1" * 32
    views = [event(n, "view", person=robot, bot="user_agent") for n in (2, 3)]
    browsed = [replace(each, source="browser") for each in views]
    await app.ingest.apply("b1", [event(1, "view"), *browsed])
    assert await of_the_event(app) == ({"views": 1}, {"user_agent": 2})

    said = await client.put(URL, json={"counted": True}, token=token)
    assert (said.status, said.json["state"]) == (202, "open")
    await app.jobs.open("aggregation")
    await function(jobs_timer.bp, "errands_run")(timer=None)
    assert (await client.get(URL, token=token)).json | {"at": None} == {
        "day": TODAY, "reason": "user_agent", "counted": True, "state": "done", "rows": 2, "at": None,
    }  # fmt: skip
    assert await of_the_event(app) == ({"views": 3}, {})
    [person] = await app.analytics.find("userBehaviorAnalytics", {"_id": robot})
    assert person["bot"] is None

    await client.put(URL, json={"counted": False}, token=token)
    await follow(app)
    assert await of_the_event(app) == ({"views": 1}, {"user_agent": 2})
    [person] = await app.analytics.find("userBehaviorAnalytics", {"_id": robot})
    assert person["bot"] == "user_agent"
    trail = [each for each in await entries(app) if each["kind"] == "machines.judged"]
    assert sorted(each["detail"]["counted"] for each in trail) == [False, True]


async def entries(app):
    return [found.data for found in await app.documents.query(Query("auditTrail"))]


async def days_of(app):
    """Every social day on which somebody was taken for a machine."""
    found = Counter()
    for collection in await app.analytics.collections("activity_"):
        found.update(row["day"] for row in await app.analytics.find(collection, {}) if "bot" in row)
    return sorted(found)


@pytest.mark.parametrize("deaths", [0, 12])
async def test_figures_become_those_of_events_that_nobody_suspected(anywhere, monkeypatch, deaths):
    """Also when the worker dies between any two steps: days, people and hours are as if no reason had ever been given."""
    app = anywhere
    monkeypatch.setattr(restating, "PAGE", 7)
    events = life(300, people=8, seed=2)
    other = make_app()
    await work(other.ingest, [replace(each, bot=None) for each in events])
    await work(app.ingest, events)
    suspected = await picture(app.analytics)
    for day in await days_of(app):
        await app.verdicts.put(OPERATOR, day, "user_agent", counted=True)
    for calls in range(1, deaths):
        mortal = Mortal(app.analytics, Life(2 * calls))
        with pytest.raises(Killed):
            await follow(app, Restating(app.verdict_repository, mortal, rebuild.Rebuild(mortal, app.clock)))
    await follow(app)

    assert await picture(app.analytics) == await picture(other.analytics) != suspected
    assert (await app.figures_rebuild.run()).mended == 0
    await other.close()


async def test_too_many_views_that_were_counted_are_not_left_out_by_the_next_night(app, monkeypatch):
    monkeypatch.setattr(rebuild, "MANY_VIEWS", 20)
    await app.ingest.apply("b1", [event(n, "view", person="fan") for n in range(30)])
    await app.figures_rebuild.run()
    assert await of_the_event(app) == ({}, {"too_many_views": 30})
    await app.verdicts.put(OPERATOR, TODAY, "too_many_views", counted=True)
    await follow(app)

    assert (await app.figures_rebuild.run()).judged == 0
    assert await of_the_event(app) == ({"views": 30}, {})


async def test_what_comes_later_is_judged_by_the_rules_until_it_is_said_again(anywhere):
    await anywhere.ingest.apply("b1", [event(1, "view", bot="user_agent")])
    await anywhere.verdicts.put(OPERATOR, TODAY, "user_agent", counted=True)
    await follow(anywhere)
    await anywhere.ingest.apply("b2", [event(2, "view", bot="user_agent")])
    assert await of_the_event(anywhere) == ({"views": 1}, {"user_agent": 1})
    await anywhere.verdicts.put(OPERATOR, TODAY, "user_agent", counted=True)
    await follow(anywhere)
    assert await of_the_event(anywhere) == ({"views": 2}, {})


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (TODAY, "dislike"),
        ("yesterday", "user_agent"),
        ("20261121", "user_agent"),
        (f"{NOW - timedelta(days=91):%Y-%m-%d}", "user_agent"),
        (f"{NOW + timedelta(days=2):%Y-%m-%d}", "user_agent"),
    ],
)
async def test_only_days_whose_events_are_kept_and_known_reasons(app, day, reason):
    with pytest.raises(NotFound):
        await app.verdicts.put(OPERATOR, day, reason, counted=True)
