"""Listeners are told of live figures when these change; nobody else notices, whatever becomes of it."""

import asyncio
from datetime import timedelta

import pytest

from shared import wiring
from shared.analytics.eventdays.telling import LiveFigures
from shared.clients.errors import StoreUnavailable
from shared.clients.live.embedded import EmbeddedLive
from shared.experience.visits.worker import ActivityWorker
from tests.factories.app import NOW, make_app, make_settings, sign_in
from tests.factories.client import Client
from tests.factories.experience import work_off
from tests.integration.analytics.test_figures_http import event

LIVE = "/api/analytics/events/e1/live"


@pytest.fixture
async def app(tmp_path):
    """A worker with a service that listeners can come to."""
    from shared.kernel.clock import ManualClock

    clock = ManualClock(NOW)
    settings = make_settings(cabeceo_data=tmp_path, live_every_ms=60_000)
    app = make_app(clock=clock, folder=tmp_path, settings=settings, given_live=EmbeddedLive(clock))
    yield app
    await app.close()
    wiring.use(None)


async def tracked(app, *events):
    """Events on the way of all events."""
    assert await app.packing.send(events)
    await work_off(app, "activity")


async def told(app):
    await app.live_figures.drain()
    return list(app.live.said)


async def test_a_change_is_told_to_listeners_of_the_event_and_of_its_organization(app):
    await tracked(app, event(1, "view"), event(2, "view", person="bob"), event(3, "cart_add"))
    (group, body), (dashboard, same) = await told(app)

    assert (group, dashboard) == ("analytics:event:e1", "analytics:dashboard:o1")
    assert body == same
    reply = await Client(app).get(LIVE, token=sign_in(app, "owner", "organizer", organizers=("o1",)))
    assert {k: v for k, v in reply.json.items() if k != "socket"} == body
    assert body["views"] == 2


async def test_many_changes_of_one_moment_are_told_once(app):
    for n in range(20):
        await tracked(app, event(n, "view"))
    said = await told(app)

    assert [body["views"] for _, body in said] == [20, 20]


async def test_what_changes_nothing_live_is_not_told(app):
    await tracked(app, event(1, "view", ago=timedelta(days=2)), event(2, "visit"), event(3, "login"))
    assert await told(app) == []
    batch = event(4, "view")
    await tracked(app, batch)
    await told(app)
    await tracked(app, batch)  # known already
    assert len(await told(app)) == 2


async def test_who_may_see_an_event_learns_where_to_listen_and_is_still_answered_unchanged(app):
    await tracked(app, event(1, "view"))
    client, owner = Client(app), sign_in(app, "owner", "organizer", organizers=("o1",))
    first = await client.get(LIVE, token=owner)
    again = await client.get(LIVE, token=owner, headers={"If-None-Match": first.headers["ETag"]})
    organization = await client.get("/api/analytics/organizations/o1/live", token=owner)

    assert "analytics%3Aevent%3Ae1" in first.json["socket"]["url"]
    assert first.json["socket"]["expires_at"] == "2026-11-21T21:00:00Z"
    assert again.status == 304
    assert "analytics%3Adashboard%3Ao1" in organization.json["socket"]["url"]
    assert "socket" not in organization.json["events"][0]
    other = sign_in(app, "other", "organizer", organizers=("o2",))
    assert (await client.get(LIVE, token=other)).status == 404


async def test_without_a_service_there_is_polling_alone(tmp_path):
    app = make_app(folder=tmp_path)
    await tracked(app, event(1, "view"))
    reply = await Client(app).get(LIVE, token=sign_in(app, "owner", "organizer", organizers=("o1",)))

    assert (reply.status, reply.json["views"], "socket" in reply.json) == (200, 1, False)
    assert app.live_figures is None
    await app.close()


async def test_a_service_that_is_away_or_hangs_harms_nobody(app, monkeypatch):
    app.live.away = True
    await tracked(app, event(1, "view"))
    assert await told(app) == []

    app.live.away = False
    forever = asyncio.Event()

    async def hangs(group, body):
        await forever.wait()

    monkeypatch.setattr(app.live, "publish", hangs)
    app.live_figures = LiveFigures(app.event_figures, app.live, app.clock, every_ms=0)
    app.activity_worker = ActivityWorker(app.visits, app.epochs, app.ingest, app.handover, app.live_figures)
    for n in range(2, 5):
        await tracked(app, event(n, "view"))
    assert (await app.event_figures.snapshot("e1")).views == 4
    monkeypatch.undo()
    assert [body["views"] for _, body in await told(app)] == [4, 4]


async def test_figures_that_cannot_be_read_are_not_told_and_the_batch_is_done(app, monkeypatch):
    async def away(_event_id):
        raise StoreUnavailable("away")

    monkeypatch.setattr(app.event_figures, "snapshot", away)
    await tracked(app, event(1, "view"))
    assert await told(app) == []
    assert await app.analytics.count("batches", {}) == 1


async def test_a_batch_that_failed_is_told_of_when_it_comes_again(app, monkeypatch):
    async def away(_batch, _events):
        raise StoreUnavailable("away")

    with monkeypatch.context() as patched:
        patched.setattr(app.ingest, "apply", away)
        await tracked(app, event(1, "view"))
        assert await told(app) == []
    app.clock.advance(timedelta(minutes=1))
    await work_off(app, "activity")

    assert [body["views"] for _, body in await told(app)] == [1, 1]


async def test_a_snapshot_says_how_old_its_latest_change_is_and_grows_no_new_version_by_it(app):
    await tracked(app, event(1, "view"))
    client, owner = Client(app), sign_in(app, "owner", "organizer", organizers=("o1",))
    first = await client.get(LIVE, token=owner)
    app.clock.advance(timedelta(seconds=40))
    later = await client.get(LIVE, token=owner)
    organization = await client.get("/api/analytics/organizations/o1/live", token=owner)

    assert [each.json["lag_seconds"] for each in (first, later, organization)] == [0, 40, 40]
    assert later.json["exact"] is True
    assert first.headers["ETag"] == later.headers["ETag"]
