"""What is held about a person is told to them alone; jobs are seen, and what is past its time goes."""

import asyncio
from datetime import timedelta

import orjson
import pytest

from shared.clients.documents.port import Create, Query
from shared.clients.errors import StoreUnavailable
from shared.ops.jobs.repository import JobRepository
from shared.ops.jobs.runner import JobRunner
from shared.people.hooks import PAGE
from tests.factories.app import sign_in
from tests.factories.documents import FaultyDocuments
from tests.factories.experience import (
    cost,
    known_as,
    profile_of,
)
from tests.factories.jobs import AREAS, ERASURE, EXPORT, a_life, by_area, everything, job, run

pytestmark = pytest.mark.usefixtures("drained")


class TestExport:
    async def test_it_tells_all_that_is_held(self, client, app, ana):
        await a_life(client, app, ana)
        asked = await client.post(EXPORT, token=ana)
        assert asked.status == 202
        assert (asked.json["kind"], asked.json["state"]) == ("export", "queued")
        assert {step["step"] for step in asked.json["progress"]} >= AREAS

        await run(app)
        done = await job(client, ana, asked)
        told = by_area(done)
        assert done["state"] == "done"
        assert all(step["done"] for step in done["progress"])
        assert told["profile"][0]["displayName"] == "Ana Sol"
        assert told["profile"][0]["home"] == {"city": "Rosario"}
        assert {d["campaignId"] for d in told["deliveries"]} == {"c_test", "c_2"}
        assert told["audit"][0]["kind"] == "role.changed"
        assert told["operations"][0]["kind"] == "http"

    async def test_it_holds_no_key_of_a_visitor_nor_anybody_elses_name(self, client, app, ana):
        await a_life(client, app, ana)
        profile = await profile_of(app, "uid-ana", visitor_id=None)
        asked = await client.post(EXPORT, token=ana)
        await run(app)
        text = orjson.dumps((await job(client, ana, asked))["result"]).decode()

        assert profile.linked_keys
        for hidden in (*profile.linked_keys, known_as(app).key, profile.alias, "uid-admin"):
            assert hidden not in text

    async def test_a_large_one_comes_in_pages(self, client, app, ana):
        for start in range(0, 1200, 300):
            await app.documents.commit(
                [
                    Create(
                        f"{app.deliveries.collection}/d_{number:05}",
                        {"recipient": {"type": "user", "id": "uid-ana"}, "campaignId": f"c_{number}"},
                    )
                    for number in range(start, start + 300)
                ]
            )
        asked = await client.post(EXPORT, token=ana)
        await run(app)
        target, found, pages = asked.headers["Location"], [], 0
        while target:
            page = (await client.get(target, token=ana)).json
            found += [record["campaignId"] for section in page["result"] for record in section["records"]]
            pages += 1
            cursor = page.get("nextCursor")
            target = cursor and f"{asked.headers['Location']}?cursor={cursor}"

        assert sorted(found) == sorted(f"c_{number}" for number in range(1200))
        assert pages == 2
        assert (await client.get(f"{asked.headers['Location']}?cursor=x", token=ana)).code == "bad_cursor"

    async def test_somebody_unknown_is_told_nothing(self, client, app):
        token = sign_in(app, "uid-new")
        asked = await client.post(EXPORT, token=token)
        await run(app)

        assert (await job(client, token, asked))["result"] == []

    async def test_one_at_a_time_and_anew_when_it_is_done(self, client, app, ana):
        first, second = await asyncio.gather(client.post(EXPORT, token=ana), client.post(EXPORT, token=ana))
        assert first.headers["Location"] == second.headers["Location"]
        assert len(await app.documents.query(Query("jobs"))) == 1

        await run(app)
        await client.patch("/api/people/me", json={"displayName": "Ana Luna"}, token=ana)
        again = await client.post(EXPORT, token=ana)
        assert (again.json["state"], again.headers["Location"]) == ("queued", first.headers["Location"])
        await run(app)
        assert by_area(await job(client, ana, again))["profile"][0]["displayName"] == "Ana Luna"

    async def test_a_key_brings_the_same_answer(self, client, app, ana):
        headers = {"Idempotency-Key": "once"}
        first = await client.post(EXPORT, token=ana, headers=headers)
        await run(app)
        again = await client.post(EXPORT, token=ana, headers=headers)

        assert again.body == first.body
        assert again.headers["Idempotent-Replayed"] == "true"

    async def test_polling_costs_nothing_while_nothing_changes(self, client, app, ana):
        asked = await client.post(EXPORT, token=ana)
        first = await client.get(asked.headers["Location"], token=ana)
        match = {"If-None-Match": first.headers["ETag"]}

        assert (await client.get(asked.headers["Location"], token=ana, headers=match)).status == 304
        await run(app)
        assert (await client.get(asked.headers["Location"], token=ana, headers=match)).status == 200


class TestWhoMay:
    @pytest.mark.parametrize("kind", [EXPORT, ERASURE])
    async def test_only_the_owner_sees_a_job(self, client, app, ana, kind):
        location = (await client.post(kind, token=ana)).headers["Location"]
        for token in (sign_in(app, "uid-bob"), sign_in(app, "uid-admin", "admin")):
            assert (await client.get(location, token=token)).status == 404
        assert (await client.get(location)).status == 401
        await run(app)
        assert (await client.get(location, token=ana)).status == 200
        assert (await client.get(location, token=sign_in(app, "uid-bob"))).status == 404

    @pytest.mark.parametrize("ident", ["j_nobody", "..", "a%2Fb", "__x__", "x" * 200])
    async def test_a_job_that_does_not_exist(self, client, ana, ident):
        assert (await client.get(f"/api/jobs/{ident}", token=ana)).status == 404

    async def test_one_must_be_signed_in(self, client):
        for path in (EXPORT, ERASURE):
            assert (await client.post(path)).status == 401

    async def test_operators_list_jobs_and_see_nobody_in_them(self, client, app, ana):
        await client.post(EXPORT, token=ana)
        await run(app)
        app.clock.advance(timedelta(seconds=1))
        await client.post(ERASURE, token=ana)
        operator = sign_in(app, "uid-op", "operator")
        reply = await client.get("/api/ops/jobs", token=operator)

        assert [(item["kind"], item["state"]) for item in reply.json["items"]] == [
            ("erasure", "queued"),
            ("export", "done"),
        ]
        assert b"uid-ana" not in reply.body
        first = await client.get("/api/ops/jobs?limit=1", token=operator)
        second = await client.get(f"/api/ops/jobs?limit=1&cursor={first.json['nextCursor']}", token=operator)
        assert [page.json["items"][0]["kind"] for page in (first, second)] == ["erasure", "export"]
        done = await client.get("/api/ops/jobs?state=done", token=operator)
        assert [item["kind"] for item in done.json["items"]] == ["export"]
        assert (await client.get("/api/ops/jobs", token=ana)).status == 403


class TestRetention:
    async def test_what_is_past_its_time_goes(self, client, app, ana):
        await a_life(client, app, ana)
        await client.post(EXPORT, token=ana)
        await run(app)
        await client.post(ERASURE, token=ana)
        await run(app)
        app.clock.advance(timedelta(days=31))
        await run(app, "retention_open")
        await run(app)
        left = {path.split("/")[0] for path in await everything(app)}
        (job,) = await app.documents.query(Query("jobs"))

        assert not left & {"operations", "erasures"}
        assert (job.data["kind"], job.data["state"]) == ("retention", "done")

    async def test_what_is_not_stays(self, client, app, ana):
        await a_life(client, app, ana)
        await client.post(EXPORT, token=ana)
        await run(app)
        before = await everything(app)
        app.clock.advance(timedelta(days=6))
        await run(app, "retention_open")
        await run(app)
        after = await everything(app)

        assert before.keys() <= after.keys()

    async def test_it_takes_several_pages_and_is_bounded(self, app):
        for start in range(0, 3 * PAGE, PAGE):
            old = {"expiresAt": app.clock.now() - timedelta(seconds=1)}
            await app.documents.commit(
                [Create(f"operations/op_{number}", old) for number in range(start, start + PAGE)]
            )
        await app.jobs.open("retention")

        bill = await cost(run(app))
        assert bill["delete"] == 3 * PAGE
        assert await app.documents.query(Query("operations")) == []

    async def test_the_nightly_timer_opens_one_job(self, app):
        for _ in range(3):
            await run(app, "retention_open")

        assert [found.data["state"] for found in await app.documents.query(Query("jobs"))] == ["queued"]


async def test_a_timer_without_work_costs_one_query(app):
    assert await cost(run(app)) == {"read": 1}


async def test_a_store_that_is_away_is_told_to_the_host(app):
    documents = FaultyDocuments(app.documents)

    async def away(_query):
        raise StoreUnavailable("away")

    documents.query = away
    with pytest.raises(StoreUnavailable):
        await JobRunner(JobRepository(documents), (), app.profile_repository, app.clock, app.ids).run_due()
