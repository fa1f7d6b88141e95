"""Whoever dies in the middle of a job, it is done once and wholly."""

from datetime import timedelta

import orjson
import pytest

from shared.clients.documents.port import Query
from shared.ops.jobs.hooks import JobHooks
from shared.ops.jobs.models import LEASE, MAX_ATTEMPTS
from shared.people.hooks import PersonHooks
from tests.factories.app import make_app, sign_in
from tests.factories.client import Client
from tests.factories.documents import After, Before, FaultyDocuments
from tests.factories.experience import (
    Killed,
    Life,
    Mortal,
)
from tests.factories.jobs import EXPORT, a_life, holds, run, runner

pytestmark = pytest.mark.usefixtures("drained")


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
            [Before()],
            [After()],
            [None, Before()],
            [None, After()],
            [None, None, Before()],
            [None, None, After()],
        ],
    )
    async def test_a_store_with_a_bad_day_costs_no_try(self, client, app, ana, faults):
        await a_life(client, app, ana)
        view = await app.jobs.open("erasure", "uid-ana")
        documents = FaultyDocuments(app.documents)
        worker = runner(app, documents)
        for _ in range(2 * MAX_ATTEMPTS):
            documents.then("commit", *faults)
            await worker.run_due()
            documents.heal()
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
