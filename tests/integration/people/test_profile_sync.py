"""Who was on the former site is known on this one: once each, by a key alone, whoever dies in between."""

import asyncio
import uuid
from datetime import timedelta

import pymongo
import pytest

from blueprints.ops import jobs_timer
from blueprints.people import profile_sync_timer
from shared import wiring
from shared.clients.analytics.embedded import EmbeddedAnalytics
from shared.clients.analytics.mongo import MongoAnalytics
from shared.clients.documents.port import Query
from shared.kernel.clock import to_millis
from shared.ops.jobs.models import LEASE
from shared.people.profiles.rules import Seen, record
from shared.people.sync import service
from shared.people.sync.rules import LOGINS, VISITS
from shared.people.visitors import Person
from shared.wiring import App
from tests.contract.analytics.conftest import REAL, real_settings
from tests.factories.app import NOW, make_app, sign_in
from tests.factories.client import Client
from tests.factories.experience import ULID, Killed, Life, Mortal, cost, function, profile_of

DAY = timedelta(days=1)
UUID = "6f1c2b1e-7b0a-4c39-9c39-2b9f4a1d6e00"
PLACE = "198.51.100.7"


@pytest.fixture(params=["embedded", REAL])
async def former(request, tmp_path):
    """A worker beside a former site, and what writes rows there as the former site did."""
    if request.param == "embedded":
        store = EmbeddedAnalytics(":memory:")

        async def write(collection, rows):
            await store.insert(collection, [{"_id": uuid.uuid4().hex, **row} for row in rows])

        app = make_app(folder=tmp_path, given_legacy=store)
        yield app, write
    else:
        name = f"former_{uuid.uuid4().hex[:10]}"
        store = MongoAnalytics(real_settings(mongodb_database=name))
        client = pymongo.AsyncMongoClient(real_settings().mongodb_uri)

        async def write(collection, rows):
            await client[name][collection].insert_many([dict(row) for row in rows])

        app = make_app(folder=tmp_path, given_legacy=store)
        yield app, write
        await client.drop_database(name)
        await client.close()
    await store.close()
    await app.close()
    wiring.use(None)


def visit(days, visitor_id=UUID, ip=PLACE, **more):
    """A row of the former site's visitors, as it wrote them."""
    told = {"visitor_id": visitor_id, "appId": "1", "ip": ip, "page": "/calendar", "userAgent": "Mozilla/5.0"}
    return told | {"timestamp": NOW - days * DAY, "createdAt": NOW - days * DAY} | more


def login(days, uid="uid-ana", **more):
    told = {"firebaseUserId": uid, "ip": PLACE, "timezone": "America/New_York", "city": "Boston"}
    return told | {"timestamp": NOW - days * DAY} | more


async def fires(app):
    """The timer, and then the worker of jobs."""
    wiring.use(app)
    await function(profile_sync_timer.bp, "experience_profile_sync")(timer=None)
    await function(jobs_timer.bp, "errands_run")(timer=None)


async def people(app):
    """Every profile by its key, without what tells how it came about."""
    found = await app.documents.query(Query("experienceProfiles"))
    return {each.id: {k: v for k, v in each.data.items() if k != "bucketId"} for each in found}


async def test_visitors_and_sign_ins_become_profiles_under_keys(former):
    app, write = former
    await write(VISITS, [visit(3), visit(2), visit(1, None), visit(1, ULID)])
    await write(LOGINS, [login(200), login(1, releaseId="2026.10")])
    await fires(app)

    visitor = await profile_of(app, visitor_id=UUID)
    assert (visitor.visits.total, visitor.first_seen_at, visitor.last_seen_at) == (
        2,
        NOW - 3 * DAY,
        NOW - 2 * DAY,
    )
    assert (await profile_of(app, visitor_id=None, address=PLACE)).visits.total == 1
    assert (await profile_of(app, visitor_id=ULID, address="0.0.0.0")).visits.total == 1
    ana = await profile_of(app, "uid-ana", visitor_id=None, address="0.0.0.0")
    assert (ana.visits.total, ana.release_state.last_seen_release_id) == (2, "2026.10")
    assert len(await people(app)) == 4
    for kept in ("experienceProfiles", "profileSyncs", "jobs"):
        assert PLACE not in str(await app.documents.query(Query(kept)))


async def test_operators_see_the_job(former):
    app, write = former
    await write(VISITS, [visit(3), visit(2, ULID)])
    await write(LOGINS, [login(1)])
    await fires(app)
    reply = await Client(app).get("/api/ops/jobs", token=sign_in(app, "uid-op", "operator"))

    [item] = reply.json["items"]
    assert (item["kind"], item["state"], item["attempts"]) == ("profile_sync", "done", 1)
    assert item["progress"] == [
        {"step": "visits", "done": True, "documents": 2},
        {"step": "logins", "done": True, "documents": 1},
    ]


async def test_a_run_after_it_writes_only_what_is_new(former):
    app, write = former
    await write(VISITS, [visit(n / 1440, UUID) for n in range(5)])
    await fires(app)
    before = await people(app)
    [sync, _] = app.profile_syncs

    async def again():
        assert [piece async for piece in sync.run()] == []

    assert (await cost(again()))["write"] == 0
    app.clock.advance(timedelta(hours=1))
    await write(VISITS, [visit(-1 / 48, ULID)])
    await fires(app)
    after = await people(app)
    assert before.items() < after.items()
    assert len(after) == len(before) + 1


async def test_who_comes_by_meanwhile_is_one_person(former):
    app, write = former
    now = app.visitors.identify(None, visitor_id=UUID, address="0.0.0.0", now=NOW)
    seen = Seen(to_millis(NOW), "2026.11")
    await app.profile_repository.change(now, lambda profile: record(profile, [seen]))
    await write(VISITS, [visit(0), visit(1), visit(4)])
    await fires(app)

    visitor = await profile_of(app, visitor_id=UUID)
    assert (visitor.visits.total, visitor.release_state.last_seen_release_id) == (3, "2026.11")


async def test_rows_of_nobody_and_of_visitors_who_can_be_linked_no_more_are_left_out(former):
    app, write = former
    nobody = [
        visit(1, None, "unknown"),
        visit(1, None, "127.0.0.1"),
        visit(1, None, "2001"),
        visit(1, "not an id", None),
        visit(181, ULID),
    ]
    await write(VISITS, [*nobody, visit(-1, ULID)])
    await write(LOGINS, [login(1, uid="a/b"), login(1, uid=7), {"timestamp": "yesterday", "uid": "x"}])
    await fires(app)
    assert await people(app) == {}

    app.clock.advance(2 * DAY)
    await fires(app)
    assert len(await people(app)) == 1


async def test_who_was_erased_is_not_brought_back_and_leaves_the_former_site_as_well(former):
    app, write = former
    await write(LOGINS, [login(1), login(1, "uid-bob")])
    await app.jobs.open("erasure", "uid-ana")
    await app.job_runner.run_due()
    await fires(app)
    assert set(await people(app)) == {"uid-bob"}

    # a row that was on its way
    await write(LOGINS, [login(1 / 1440)])
    await fires(app)
    assert set(await people(app)) == {"uid-bob"}
    app.clock.advance(DAY)
    await write(LOGINS, [login(-0.5)])
    await fires(app)
    assert (await app.profile_repository.read(Person("uid-ana", "user"))).visits.total == 1


async def test_a_run_is_bounded_and_the_next_one_goes_on(former, monkeypatch):
    monkeypatch.setattr(service, "PAGE", 4)
    monkeypatch.setattr(service, "MAX_PAGES", 2)
    app, write = former
    # most of them within one moment, more than a page
    rows = [visit(5, f"{UUID[:-2]}{n:02}") for n in range(9)] + [visit(4 - n / 9, ULID) for n in range(9)]
    await write(VISITS, rows)
    known = []
    for _ in range(5):
        await fires(app)
        known.append(len(await people(app)))
        app.clock.advance(timedelta(minutes=15))

    assert known[0] == 10
    assert (await profile_of(app, visitor_id=ULID)).visits.total == 9
    assert known[-1] == 10


async def a_site():
    """A former site with a few people on both sides of a page's end."""
    store = EmbeddedAnalytics(":memory:")
    rows = [visit(30 - n / 3, (UUID, ULID, None)[n % 3]) for n in range(8)]
    await store.insert(VISITS, [{"_id": n, **row} for n, row in enumerate(rows)])
    await store.insert(LOGINS, [{"_id": n, **login(20 - n)} for n in range(3)])
    return store


async def test_a_worker_that_dies_anywhere_is_followed_by_another(monkeypatch):
    """After each number of calls to its stores that it may live for, until it lives for them all."""
    monkeypatch.setattr(service, "PAGE", 3)
    whole, calls = None, None
    while True:
        site = await a_site()
        app = make_app(given_legacy=site)
        await app.jobs.open("profile_sync")
        died = False
        if calls is not None:
            life = Life(calls)
            mortal = App(
                settings=app.settings,
                clock=app.clock,
                given_ids=app.ids,
                given_documents=Mortal(app.documents, life),
                given_legacy=Mortal(site, life),
            )
            try:
                await mortal.job_runner.run_due()
            except Killed:
                died = True
            app.clock.advance(LEASE)
        await fires(app)
        found = await people(app)
        await app.close()
        await site.close()
        whole = whole or found
        assert found == whole
        if calls is not None and not died:
            break
        calls = 0 if calls is None else calls + 1
    assert calls > 20
    assert len(whole) == 4


async def test_two_workers_at_once_do_it_once(monkeypatch):
    monkeypatch.setattr(service, "PAGE", 3)
    app = make_app(given_legacy=await a_site())
    await app.jobs.open("profile_sync")
    await asyncio.gather(*(app.job_runner.run_due() for _ in range(3)))
    [job] = await app.documents.query(Query("jobs"))

    assert (job.data["state"], job.data["attempts"], job.data["steps"]["logins"]) == ("done", 1, 2)
    assert (await profile_of(app, visitor_id=ULID)).visits.total == 3
    await app.close()


async def test_without_a_former_site_nothing_happens_and_it_is_said(app, caplog):
    with caplog.at_level("INFO"):
        await fires(app)

    assert "profile_sync_off" in caplog.text
    assert "LEGACY_DATABASE" in caplog.text
    assert await app.documents.query(Query("jobs")) == []


async def test_the_setting_names_it(tmp_path):
    app = make_app(folder=tmp_path)
    app.settings = app.settings.model_copy(update={"legacy_database": "TangoTiempo"})
    await fires(app)
    [job] = await app.documents.query(Query("jobs"))

    assert job.data["state"] == "done"
    assert (tmp_path / "TangoTiempo.sqlite").exists()
    await app.close()
