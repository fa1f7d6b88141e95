"""What is old goes into sealed blobs, once and wholly, whoever dies in between."""

import asyncio
import contextlib
import io
import os
import uuid
from datetime import timedelta

import orjson
import pytest

from blueprints.ops import jobs_timer
from dev.archive import read
from shared import wiring
from shared.clients.analytics.mongo import MongoAnalytics
from shared.clients.blobs.azure import AzureBlobs
from shared.clients.documents.firestore import FirestoreDocuments
from shared.clients.documents.port import Query
from shared.clients.errors import StoreUnavailable
from shared.kernel.settings import Settings
from shared.ops.jobs.models import LEASE, MAX_ATTEMPTS
from tests.contract.analytics.conftest import real_settings as mongo_settings
from tests.contract.documents.conftest import real_settings as firestore_settings
from tests.factories.app import make_app, sign_in
from tests.factories.archive import (
    RECENT,
    Deliveries,
    Events,
    archive,
    archived,
    documents_of,
    idents,
    in_trouble,
    row,
    shown,
)
from tests.factories.examples import SOAK
from tests.factories.experience import Killed, cost, function
from tests.factories.stores import Trouble

NUMBERS = range(7)


@pytest.fixture(autouse=True)
def small_pages(monkeypatch):
    monkeypatch.setattr("shared.messaging.deliveries.archive.BATCH", 3)
    monkeypatch.setattr("shared.analytics.ingest.archive.BATCH", 3)


@pytest.fixture(params=[Deliveries, Events], ids=["deliveries", "events"])
def old(request):
    return request.param


async def lived(app, old):
    """Seven old records of two people, and a young one."""
    for number in NUMBERS:
        await old.put(app, number, person=f"p{number % 2}")
    await old.put(app, 8, at=RECENT)


def all_of(old):
    return [old.ident(number) for number in NUMBERS]


async def test_what_is_old_is_moved_and_what_is_not_stays(app, old):
    await lived(app, old)
    job = await archive(app)

    assert job["state"] == "done"
    assert job["progress"][old.step] == 7
    assert await old.live(app) == [old.ident(8)]
    assert await idents(app, old.folder) == all_of(old)
    notes = [note.data for note in await app.documents.query(Query("archives"))]
    assert sum(note["rows"] for note in notes) == 7
    assert all(note["name"].startswith(f"{old.folder}/ar_") for note in notes)
    app.clock.advance(timedelta(days=1))
    assert (await archive(app))["progress"] == {"deliveries": 0, "events": 0}


async def test_the_timers_open_the_job_and_work_it_off(app, client, old):
    await lived(app, old)
    wiring.use(app)
    for name in ("archive_open", "errands_run"):
        await function(jobs_timer.bp, name)(timer=None)

    assert await old.live(app) == [old.ident(8)]
    listed = await client.get("/api/ops/jobs", token=sign_in(app, "uid-op", "operator"))
    [job] = listed.json["items"]
    assert (job["kind"], job["state"]) == ("archive", "done")
    assert {"step": old.step, "done": True, "documents": 7} in job["progress"]


@pytest.mark.parametrize("kind", ["kills", "refuses", "cuts its answer"])
async def test_whatever_happens_at_any_call_all_is_moved_once(old, kind):
    step = 1 if SOAK or kind == "kills" else 3
    at, met = step - 1, True
    while met:
        app = make_app()
        await lived(app, old)
        await app.jobs.open("archive")
        trouble = Trouble(kind, at)
        with contextlib.suppress(Killed, StoreUnavailable):
            await in_trouble(app, trouble).job_runner.run_due()
        assert {*await old.live(app), *await idents(app, old.folder)} >= {*all_of(old)}
        app.clock.advance(LEASE)
        await app.job_runner.run_due()

        assert await old.live(app) == [old.ident(8)]
        assert await idents(app, old.folder) == all_of(old)
        job = await shown(app)
        assert (job["state"], job["progress"][old.step]) == ("done", 7)
        await app.close()
        met, at = trouble.calls > at, at + step
    assert at > 20


async def test_two_workers_at_once_move_it_once(app, old):
    await lived(app, old)
    await app.jobs.open("archive")
    other = in_trouble(app, Trouble("kills"))
    await asyncio.gather(app.job_runner.run_due(), other.job_runner.run_due())

    assert await old.live(app) == [old.ident(8)]
    assert await idents(app, old.folder) == all_of(old)
    assert (await shown(app))["progress"][old.step] == 7


async def test_a_worker_that_was_overtaken_notes_nothing(app, old):
    await lived(app, old)
    await app.jobs.open("archive")
    overtaken = in_trouble(app, Trouble("kills"))
    create, overtakers = app.blobs.create, [app]

    class Slow:
        read, close = app.blobs.read, app.blobs.close

        async def create(self, name, body):
            await create(name, body)
            if overtakers:
                app.clock.advance(LEASE)
                await overtakers.pop().job_runner.run_due()

    overtaken.blobs = Slow()
    await overtaken.job_runner.run_due()

    assert await old.live(app) == [old.ident(8)]
    assert await idents(app, old.folder) == all_of(old)
    assert ((await shown(app))["state"], (await shown(app))["progress"][old.step]) == ("done", 7)


async def test_while_the_blobs_are_away_nothing_is_deleted(app, old):
    class Away:
        async def create(self, name, body):
            raise StoreUnavailable("away")

        async def close(self):
            pass

    there, app.blobs = app.blobs, Away()
    await lived(app, old)
    for _ in range(2 * MAX_ATTEMPTS):
        job = await archive(app)
        assert (job["state"], job["error_code"]) == ("running", "store_away")
        app.clock.advance(LEASE)
    assert len(await old.live(app)) == 8
    assert not await app.documents.query(Query("archives"))

    back = in_trouble(app, Trouble("kills"))
    back.blobs = there
    await back.job_runner.run_due()
    assert await old.live(app) == [old.ident(8)]


@pytest.mark.parametrize("body", [None, b"", b"something else", b"5"], ids=["gone", "empty", "other", "json"])
async def test_a_blob_that_reads_otherwise_than_it_was_written_deletes_nothing(app, old, body):
    class Forgetful:
        async def create(self, name, body):
            pass

        async def read(self, name):
            return body

        async def close(self):
            pass

    app.blobs = Forgetful()
    await lived(app, old)
    job = await archive(app)

    assert (job["state"], job["error_code"]) == ("running", "step_failed")
    assert len(await old.live(app)) == 8
    assert not await app.documents.query(Query("archives"))


async def test_a_blob_that_lost_a_row_deletes_nothing(app, old):
    written = {}

    class Lossy:
        async def create(self, name, body):
            # what stands there is of another page, whole in itself
            written.setdefault("first", body)

        async def read(self, name):
            return written["first"]

        async def close(self):
            pass

    app.blobs = Lossy()
    await lived(app, old)
    assert (await archive(app))["error_code"] == "step_failed"
    assert len(await old.live(app)) == 5


async def test_much_is_moved_in_slices_and_no_slice_is_a_failed_try(app, old):
    create = app.blobs.create

    class Slow:
        read, close = app.blobs.read, app.blobs.close

        async def create(self, name, body):
            app.clock.advance(timedelta(seconds=30))
            await create(name, body)

    app.blobs = Slow()
    for number in range(20):
        await old.put(app, number)
    job = await archive(app)
    assert (job["state"], job["attempts"], job["progress"][old.step]) == ("running", 0, 3)
    for _ in range(10):
        await app.job_runner.run_due()
    job = await shown(app)
    assert (job["state"], job["progress"][old.step]) == ("done", 20)
    assert await old.live(app) == []


async def test_what_does_not_fit_one_blob_goes_into_several(app, old, monkeypatch):
    monkeypatch.setattr("shared.messaging.deliveries.archive.BATCH", 50)
    monkeypatch.setattr("shared.analytics.ingest.archive.BATCH", 50)
    monkeypatch.setattr("shared.people.archive.service.MAX_BYTES", 1000)
    for number in range(40):
        await old.put(app, number, person=f"p{number}")
    assert (await archive(app))["progress"][old.step] == 40
    sizes = [note.data["bytes"] for note in await app.documents.query(Query("archives"))]
    assert len(sizes) > 8
    assert max(sizes) <= 1000
    assert len(await idents(app, old.folder)) == 40


@pytest.mark.parametrize(
    ("source", "bill"),
    [
        # a page of three deliveries of one known person: key, note and campaign; job, note and figures; three deletes
        (Deliveries, {"read": 3 + 1 + 1 + 1, "write": 1 + 1 + 1, "delete": 3}),
        # a page of rows: key and note; job and note; find, look at the last, delete
        (Events, {"read": 1 + 1, "write": 1 + 1, "mongo": 3}),
    ],
    ids=["deliveries", "events"],
)
async def test_the_cost_of_a_page(app, source, bill):
    async def night(numbers):
        for number in numbers:
            await source.put(app, number)
        app.clock.advance(timedelta(days=1))
        await app.jobs.open("archive")
        return await cost(app.job_runner.run_due())

    await night(range(6))
    one, two = await night(range(10, 13)), await night(range(20, 26))
    assert two - one == bill


async def test_events_read_back_are_the_documents_that_they_were(app):
    await lived(app, Events)
    await archive(app)
    assert documents_of(await archived(app, Events.folder)) == [
        row(number, person=f"p{number % 2}") for number in NUMBERS
    ]
    assert await app.analytics.collections("activity_") == ["activity_2026_08"]


async def test_the_command_tells_a_folder_as_json_lines(app):
    await lived(app, Deliveries)
    await archive(app)
    out = io.StringIO()
    assert await read(app, Deliveries.folder, out) == 7
    lines = [orjson.loads(line) for line in out.getvalue().splitlines()]
    assert {line["id"] for line in lines} == {*all_of(Deliveries)}
    assert await read(app, "deliveries/1999-q1", out) == 0


async def test_months_that_came_back_are_moved_again_without_another_blob(app):
    await lived(app, Events)
    await archive(app)
    notes = await app.documents.query(Query("archives"))
    rows = documents_of(await archived(app, Events.folder))
    await app.analytics.insert("activity_2026_06", rows)
    app.clock.advance(timedelta(days=1))
    await archive(app)

    assert await Events.live(app) == [Events.ident(8)]
    assert await app.documents.query(Query("archives")) == notes


async def test_reports_go_on_counting_what_is_archived(app):
    await lived(app, Deliveries)
    await archive(app)
    assert await app.deliveries.archived("c_1") == {"seen": 7, "createdAt": 7, "seenAt": 7, "expiresAt": 7}


@pytest.mark.stores
async def test_on_the_real_stores(old):
    run = uuid.uuid4().hex[:12]
    azurite = Settings(
        blobs="azure",
        azurewebjobsstorage=os.environ["AZURITE_CONNECTION_STRING"],
        archive_container=f"archive-{run}",
    )
    app = make_app(
        given_documents=FirestoreDocuments(firestore_settings(google_cloud_project=f"demo-{run}")),
        given_analytics=MongoAnalytics(mongo_settings(mongodb_database=f"archive_{run}")),
        given_blobs=AzureBlobs(azurite),
    )
    try:
        await lived(app, old)
        await app.jobs.open("archive")
        with pytest.raises(Killed):
            await in_trouble(app, Trouble("kills", 14)).job_runner.run_due()
        app.clock.advance(LEASE)
        job = await archive(app)

        assert (job["state"], job["progress"][old.step]) == ("done", 7)
        assert await old.live(app) == [old.ident(8)]
        assert await idents(app, old.folder) == all_of(old)
        told = [row["id"] async for _, row in app.archive.under(await app.archive_keys.ring(["p1"]))]
        assert sorted(told) == all_of(old)[1::2]
    finally:
        for name in await app.analytics.collections():
            await app.analytics.drop(name)
        await app.close()
