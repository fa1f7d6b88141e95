"""What is held about a person is told or erased; whoever dies in between, it is done once and wholly."""

import asyncio
from datetime import timedelta

import orjson
import pytest

from blueprints.ops import jobs_timer
from shared import wiring
from shared.clients.documents.port import Create, Query
from shared.clients.errors import StoreUnavailable
from shared.messaging.campaigns.models import Channel
from shared.ops.jobs.hooks import JobHooks
from shared.ops.jobs.models import LEASE, MAX_ATTEMPTS
from shared.ops.jobs.repository import JobRepository
from shared.ops.jobs.runner import JobRunner
from shared.people.access import Principal
from shared.people.hooks import PAGE, PersonHooks
from shared.wiring import App
from tests.factories.app import make_app, sign_in
from tests.factories.client import Client
from tests.factories.experience import (
    Killed,
    Life,
    Mortal,
    answer,
    ask,
    cost,
    function,
    known_as,
    profile_of,
    publish,
    work_off,
)
from tests.factories.faults import FaultyDocuments
from tests.factories.messaging import campaign

EXPORT, ERASURE = "/api/people/me/export", "/api/people/me/erasure"
ANA = Principal("uid-ana")
AREAS = {"profile", "deliveries", "decisions", "consents", "audit", "operations", "exports"}


@pytest.fixture(autouse=True)
async def drained(app):
    yield
    await app.activity.drain()


@pytest.fixture
def ana(app):
    return sign_in(app, "uid-ana")


async def run(app, name="jobs_run"):
    """The timer fires."""
    wiring.use(app)
    await function(jobs_timer.bp, name)(timer=None)


async def worked(app):
    await app.activity.drain()
    await work_off(app, "activity")


async def a_life(client, app, token):
    """Ana was a visitor, signed up, was shown things, became an organizer, and sent a request with a key."""
    await publish(
        app,
        campaign(delivery_channels=[Channel.BANNER]),
        campaign(id="c_2", delivery_channels=[Channel.TOAST]),
    )
    await answer(app, (await ask(app, channels=["toast"])).messages[0], "acknowledged")
    message = (await ask(app, ANA)).messages[0]
    await answer(app, message, "seen", ANA)
    await worked(app)
    admin = sign_in(app, "uid-admin", "admin")
    roles = {"roles": ["organizer"], "organizerIds": ["org_1"]}
    await client.put("/api/people/uid-ana/roles", json=roles, token=admin)
    await client.patch(
        "/api/people/me", json={"displayName": "Ana Sol", "home": {"city": "Rosario"}}, token=token
    )
    body = {"type": "organizer_broadcast", "organizerId": "org_1", "name": "N", "deliveryChannels": ["inbox"]}
    content = {"title": "T", "body": "B"}
    made = await client.post(
        "/api/messages/campaigns",
        json=body | {"content": content},
        token=app.issuer.token("uid-ana"),
        headers={"Idempotency-Key": "k1"},
    )
    assert made.status == 201
    await ask(app)
    await worked(app)
    await app.decision_log.drain()


async def everything(app):
    """Every document there is, as bytes."""
    rows = await app.documents._run(
        lambda store: store._db.execute("SELECT collection, id, data FROM documents").fetchall()
    )
    return {f"{collection}/{ident}": data for collection, ident, data in rows}


async def holds(app, *texts):
    """Where any of these still stands."""
    return [
        path
        for path, data in (await everything(app)).items()
        if any(text.encode() in path.encode() + data for text in texts)
    ]


async def job(client, token, reply):
    return (await client.get(reply.headers["Location"], token=token)).json


def by_area(answered):
    return {section["area"]: section["records"] for section in answered["result"]}


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


class TestErasure:
    async def test_nothing_that_names_the_person_is_left(self, client, app, ana):
        await a_life(client, app, ana)
        await client.post(EXPORT, token=ana)
        await run(app)
        profile = await profile_of(app, "uid-ana", visitor_id=None)
        named = ["uid-ana", "Ana Sol", *profile.linked_keys]
        assert len(await holds(app, *named)) > 5

        asked = await client.post(ERASURE, token=ana)
        await run(app)
        done = await job(client, ana, asked)
        assert (done["state"], done["progress"][0]) == (
            "done",
            {"step": "profile", "done": True, "documents": 2},
        )
        assert "result" not in done
        # campaigns stay: they are the organizer's
        assert [path for path in await holds(app, *named) if not path.startswith("messageCampaigns")] == []

    async def test_the_proof_names_nobody(self, client, app, ana):
        await a_life(client, app, ana)
        alias = (await profile_of(app, "uid-ana")).alias
        await client.post(ERASURE, token=ana)
        await run(app)
        (proof,) = [
            entry.data
            for entry in await app.documents.query(Query("auditTrail"))
            if entry.data["kind"] == "person.erased"
        ]

        assert proof["at"] == app.clock.now()
        assert proof["detail"]["documents"]["profile"] == 2
        assert proof["subject"] != alias
        assert "uid-ana" not in str(proof)

    async def test_the_audit_stays_and_names_nobody_any_more(self, client, app, ana):
        await a_life(client, app, ana)
        alias = (await profile_of(app, "uid-ana")).alias
        await client.post(ERASURE, token=ana)
        await run(app)

        assert sorted(p.split("/")[0] for p in await holds(app, alias)) == ["auditTrail"]

    async def test_it_is_done_within_a_minute_of_its_start(self, client, app, ana):
        await a_life(client, app, ana)
        asked = await client.post(ERASURE, token=ana)
        app.clock.advance(timedelta(seconds=59))
        await run(app)
        done = await job(client, ana, asked)

        assert done["startedAt"] == done["finishedAt"]

    async def test_the_next_call_begins_anew(self, client, app, ana):
        await a_life(client, app, ana)
        await client.post(ERASURE, token=ana)
        await run(app)
        app.clock.advance(timedelta(seconds=1))
        assert len((await ask(app, ANA)).messages) == 2
        await worked(app)
        profile = await profile_of(app, "uid-ana")

        assert (profile.visits.total, profile.first_seen_at) == (1, app.clock.now())
        assert (profile.display_name, profile.alias) == (None, None)

    async def test_visits_from_before_do_not_bring_the_person_back(self, client, app, ana):
        await ask(app, ANA)
        await app.activity.drain()
        (late,) = await app.queues.receive("activity", visibility_seconds=1)
        await client.post(ERASURE, token=ana)
        await run(app)
        app.clock.advance(timedelta(days=6))
        await work_off(app, "activity")

        assert late
        assert (await profile_of(app, "uid-ana", visitor_id=None)).update_time is None

    async def test_the_visitor_who_came_back_since_the_merge_goes_as_well(self, client, app, ana):
        await a_life(client, app, ana)
        assert (await profile_of(app)).update_time is not None
        await client.post(ERASURE, token=ana)
        await run(app)

        assert (await profile_of(app)).update_time is None

    async def test_others_keep_what_is_theirs(self, client, app, ana):
        bob = Principal("uid-bob")
        await publish(app, campaign())
        await answer(app, (await ask(app, bob, visitorId=None)).messages[0], "seen", bob)
        before = {path: data for path, data in (await everything(app)).items() if "uid-bob" in path}
        await a_life_of_ana_alone(app)
        await client.post(ERASURE, token=ana)
        await run(app)
        after = await everything(app)

        assert before.items() <= after.items()
        assert len(await app.documents.query(Query(app.deliveries.collection))) == 1

    async def test_decisions_in_the_middle_of_it_leave_nothing_from_before(self, client, app, ana):
        await a_life(client, app, ana)
        await client.post(ERASURE, token=ana)
        await asyncio.gather(run(app), *(ask(app, ANA) for _ in range(8)))
        profile = await profile_of(app, "uid-ana", visitor_id=None)

        assert profile.display_name is None
        assert profile.roles == ()

    async def test_twice_is_as_good_as_once(self, client, app, ana):
        for _ in range(2):
            asked = await client.post(ERASURE, token=ana)
            await run(app)
            assert (await job(client, ana, asked))["state"] == "done"
            app.clock.advance(timedelta(minutes=5))


async def a_life_of_ana_alone(app):
    app.catalog.invalidate()
    for message in (await ask(app, ANA, visitorId=None, address="0.0.0.0")).messages:
        await answer(app, message, "seen", ANA)


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


def runner(app: App, documents, hooks=None):
    """A worker whose stores are these."""
    other = App(
        settings=app.settings,
        clock=app.clock,
        given_ids=app.ids,
        given_documents=documents,
        given_queues=app.queues,
    )
    return JobRunner(
        other.job_repository, hooks or other.person_hooks, other.profile_repository, app.clock, app.ids
    )


class TestInterrupted:
    @pytest.mark.parametrize("kind", ["export", "erasure"])
    async def test_a_worker_that_dies_anywhere_is_followed_by_another(self, kind):
        """After each number of calls to its stores that it may live for, until it lives for them all."""
        calls, killed = 0, True
        while killed:
            app = make_app()
            await a_life(Client(app), app, sign_in(app, "uid-ana"))
            view = await app.jobs.open(kind, "uid-ana")
            killed = await self._died(app, calls)
            app.clock.advance(LEASE)
            await run(app)
            done, _ = await app.jobs.own(view.id, "uid-ana", None)
            await self._is_whole(app, done)
            await app.close()
            calls += 1
        assert calls > 10

    async def _died(self, app, calls):
        try:
            await runner(app, Mortal(app.documents, Life(calls))).run_due()
        except Killed:
            return True
        return False

    async def _is_whole(self, app, done):
        assert done.state == "done"
        if done.kind == "erasure":
            assert not [
                path
                for path in await holds(app, "uid-ana", "Ana Sol")
                if not path.startswith("messageCampaigns")
            ]
            proofs = await app.documents.query(Query("auditTrail"))
            assert sum(entry.data["kind"] == "person.erased" for entry in proofs) == 1
        else:
            records = [record for section in done.result for record in section.records]
            ids = [record.get("id") for record in records]
            assert len(ids) == len(set(ids)) >= 6  # visits may still be on their way

    @pytest.mark.parametrize(
        "faults",
        [
            ["refuse"],
            ["lose"],
            [None, "refuse"],
            [None, "lose"],
            [None, None, "refuse"],
            [None, None, "lose"],
        ],
    )
    async def test_a_store_with_a_bad_day_costs_no_try(self, client, app, ana, faults):
        await a_life(client, app, ana)
        view = await app.jobs.open("erasure", "uid-ana")
        documents = FaultyDocuments(app.documents)
        worker = runner(app, documents)
        for _ in range(2 * MAX_ATTEMPTS):
            documents.faults = list(faults)
            await worker.run_due()
            documents.faults = []
            app.clock.advance(LEASE)
        await worker.run_due()

        assert (await app.jobs.own(view.id, "uid-ana", None))[0].state == "done"
        assert not await holds(app, "Ana Sol")

    async def test_two_workers_never_have_one_job(self, client, app, ana):
        """The second is refused while the first works; the first is refused once its lease has run out."""
        await app.jobs.open("export", "uid-ana")
        log = []

        class Slow(PersonHooks):
            name = "slow"

            def __init__(self, who):
                self.who = who

            async def export(self, subject):
                log.append(self.who)
                if self.who == "first":
                    assert await runner(app, app.documents, [Slow("second")]).run_due() == 0
                    app.clock.advance(LEASE)
                    await runner(app, app.documents, [Slow("third")]).run_due()
                yield {"from": self.who}

        await runner(app, app.documents, [Slow("first")]).run_due()
        (found,) = await app.documents.query(Query("jobs"))
        parts = await app.documents.query(Query(f"jobs/{found.id}/parts"))

        assert log == ["first", "third"]
        assert (found.data["state"], found.data["attempts"]) == ("done", 2)
        assert [orjson.loads(part.data["body"]) for part in parts] == [[{"from": "third"}]]

    async def test_a_step_that_always_fails_is_given_up_and_seen(self, client, app, ana):
        class Broken(PersonHooks):
            name = "broken"

            async def erase(self, subject, at):
                raise ZeroDivisionError

        view = await app.jobs.open("erasure", "uid-ana")
        worker = runner(app, app.documents, [Broken()])
        taken = 0
        for _ in range(100):
            taken += await worker.run_due()
            app.clock.advance(timedelta(minutes=1))
        failed, _ = await app.jobs.own(view.id, "uid-ana", None)

        assert (failed.state, failed.error_code, failed.attempts) == ("failed", "gave_up", MAX_ATTEMPTS)
        assert taken == MAX_ATTEMPTS + 1
        assert (await app.jobs.open("erasure", "uid-ana")).state == "queued"
        await run(app)
        assert (await app.jobs.own(view.id, "uid-ana", None))[0].state == "done"

    async def test_a_job_that_ends_its_worker_each_time_is_given_up(self, app):
        await app.jobs.open("export", "uid-ana")
        for _ in range(MAX_ATTEMPTS):
            with pytest.raises(Killed):
                await runner(app, Mortal(app.documents, Life(3))).run_due()
            app.clock.advance(LEASE)
        await run(app)
        (found,) = await app.documents.query(Query("jobs"))

        assert (found.data["state"], found.data["errorCode"]) == ("failed", "gave_up")

    async def test_one_broken_job_does_not_keep_the_others_from_it(self, app):
        class Picky(PersonHooks):
            name = "picky"

            async def erase(self, subject, at):
                if subject.key == "uid-1":
                    raise ValueError
                return 1

        for number in range(3):
            await app.jobs.open("erasure", f"uid-{number}")
        await runner(app, app.documents, [Picky()]).run_due()
        states = [found.data["state"] for found in await app.documents.query(Query("jobs"))]

        assert sorted(states) == ["done", "done", "running"]

    async def test_an_erasure_removes_the_export_that_is_under_way(self, client, app, ana):
        await a_life(client, app, ana)
        await client.post(EXPORT, token=ana)

        class Erasing(PersonHooks):
            name = "erasing"

            async def export(self, subject):
                yield {"mine": "uid-ana"}
                await JobHooks(app.job_repository, app.hash_secret).erase(subject, app.clock.now())
                yield {"more": "uid-ana"}

        await runner(app, app.documents, [Erasing()]).run_due()
        assert await app.documents.query(Query("jobs")) == []


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
