"""What is archived of a person: told in their export, theirs when a visitor signs in, read by nobody when they are erased."""

from datetime import timedelta

import orjson
import pytest

from shared.clients.documents.port import Query
from shared.clients.errors import Refused
from shared.people.hooks import Subject
from tests.factories.app import sign_in
from tests.factories.archive import Deliveries, Events, archive, idents

VISITOR = f"v_{0:032x}"


@pytest.fixture(params=[Deliveries, Events], ids=["deliveries", "events"])
def old(request):
    return request.param


@pytest.fixture
def hooks(app):
    [found] = [hook for hook in app.person_hooks if hook.name == "archive"]
    return found


async def told(hooks, *subject):
    return [record async for record in hooks.export(Subject(*subject))]


async def test_an_export_tells_what_the_live_stores_would_have_told(app, hooks):
    await Deliveries.put(app, 1)
    await Events.put(app, 2)
    await Events.put(app, 3, person="ben")
    live = [
        record
        for hook in app.person_hooks
        if hook.name in ("deliveries", "behaviour")
        async for record in hook.export(Subject("ana"))
    ]
    await archive(app)

    def as_told(records):
        return [
            orjson.dumps(each, option=orjson.OPT_UTC_Z | orjson.OPT_SORT_KEYS)
            for each in sorted(records, key=lambda each: each["id"])
        ]

    found = await told(hooks, "ana")
    assert as_told(found) == as_told(live)
    assert "ana" not in str(found)


async def test_the_job_of_an_export_holds_the_archived(app, client):
    token = sign_in(app, "uid-ana")
    await Deliveries.put(app, 1, person="uid-ana")
    await archive(app)
    asked = await client.post("/api/people/me/export", token=token)
    await app.job_runner.run_due()
    done = (await client.get(asked.headers["Location"], token=token)).json
    [section] = [each for each in done["result"] if each["area"] == "archive"]

    assert [record["campaignId"] for record in section["records"]] == ["c_1"]


async def test_what_is_archived_of_a_visitor_becomes_the_persons(app, hooks, old):
    await old.put(app, 1)
    await old.put(app, 2, person=VISITOR)
    await old.put(app, 3, person="ben")
    await archive(app)
    await hooks.merge("ana", [VISITOR])
    assert len(await told(hooks, "ana")) == 2

    # whoever has since forgotten that ana was this visitor takes the key away all the same
    assert await hooks.erase(Subject("ana"), app.clock.now()) == 2
    assert await idents(app, old.folder) == [old.ident(3)]


async def test_nobody_reads_what_is_archived_of_a_person_who_was_erased(app, hooks, old):
    for number, person in enumerate(("ana", "ben", VISITOR)):
        await old.put(app, number, person=person)
    await archive(app)

    assert await hooks.erase(Subject("ana", (VISITOR,)), app.clock.now()) == 2
    assert await hooks.erase(Subject("ana", (VISITOR,)), app.clock.now()) == 0
    assert await idents(app, old.folder) == [old.ident(1)]
    assert await told(hooks, "ana", (VISITOR,)) == []
    for note in await app.documents.query(Query("archives")):
        assert b"ana" not in await app.blobs.read(note.data["name"])


async def test_who_comes_back_has_another_key_and_nothing_of_before(app, hooks, old):
    await old.put(app, 1)
    await archive(app)
    await hooks.erase(Subject("ana"), app.clock.now())
    app.clock.advance(timedelta(days=9))
    await hooks.retain(app.clock.now())
    await old.put(app, 2)
    await archive(app)

    assert await idents(app, old.folder) == [old.ident(2)]
    assert [record["id"].rpartition("/")[2] for record in await told(hooks, "ana")] == [old.ident(2)]


async def test_no_key_is_made_for_somebody_who_is_being_erased(app, hooks, old, monkeypatch):
    monkeypatch.setattr("shared.analytics.ingest.archive.BATCH", 2)
    for number in range(5):
        await old.put(app, number)
    await old.put(app, 5, person="zoe")
    await hooks.erase(Subject("ana"), app.clock.now())
    await archive(app)

    assert await idents(app, old.folder) == [old.ident(5)]
    assert len(await old.live(app)) == 5
    app.clock.advance(timedelta(days=9))
    await hooks.retain(app.clock.now())
    await archive(app)
    assert await old.live(app) == []


async def test_a_delivery_that_changes_while_it_is_archived_stays(app):
    await Deliveries.put(app, 1)
    create = app.blobs.create

    class Busy:
        read, close = app.blobs.read, app.blobs.close

        async def create(self, name, body):
            await create(name, body)
            [hook] = [each for each in app.person_hooks if each.name == "deliveries"]
            await hook.merge("cleo", ["ana"])

    app.blobs = Busy()
    await archive(app)
    assert await Deliveries.live(app) == ["d_01"]
    assert await idents(app, Deliveries.folder) == []


async def test_a_row_that_becomes_somebody_elses_meanwhile_goes_under_their_name(app, hooks):
    await Events.put(app, 1, person=VISITOR)
    create = app.blobs.create

    class Busy:
        read, close = app.blobs.read, app.blobs.close

        async def create(self, name, body):
            await create(name, body)
            await app.figure_hooks.merge("ana", [VISITOR])

    app.blobs = Busy()
    await archive(app)
    assert [found["person"] for found in await app.analytics.find("activity_2026_06", {})] == ["ana"]
    app.clock.advance(timedelta(days=1))
    await archive(app)
    assert await Events.live(app) == []
    assert len(await told(hooks, "ana")) == 1


async def test_a_blob_that_is_not_what_was_noted_is_told_to_nobody(app, hooks, old):
    await old.put(app, 1)
    await archive(app)

    class Tampered:
        async def read(self, name):
            return b"something else"

        async def close(self):
            pass

    app.archive._blobs = Tampered()
    with pytest.raises(Refused):
        await told(hooks, "ana")
