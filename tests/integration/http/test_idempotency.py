"""A write with an Idempotency-Key happens once, whoever repeats it, whatever is lost."""

import asyncio
from datetime import timedelta

import pytest

from shared.clients.documents.port import Query
from shared.kernel.errors import Conflict, PaymentRequired, TooManyRequests, Unavailable
from tests.factories.app import make_settings, sign_in
from tests.factories.documents import After, Before, FaultyDocuments, Slow, Twice

KEY = {"Idempotency-Key": "5e0c1b4a-6f0e"}


async def add(client, text="hi", headers=KEY, **rest):
    return await client.post("/api/notes", json={"text": text}, headers=headers, **rest)


async def notes(app):
    return len(await app.documents.query(Query("notes")))


@pytest.fixture
def faults(app):
    app.documents = FaultyDocuments(app.documents)
    return app.documents


class TestReplay:
    async def test_the_first_answer_comes_again(self, app, client, sample):
        first, second = await add(client), await add(client)

        assert (second.status, second.body) == (first.status, first.body)
        assert second.headers["Location"] == first.headers["Location"]
        assert second.headers["Idempotent-Replayed"] == "true"
        assert "Idempotent-Replayed" not in first.headers
        assert second.headers["X-Request-Id"] != first.headers["X-Request-Id"]
        assert len(sample.calls) == 1

    async def test_without_a_key_each_request_is_its_own(self, app, client):
        await add(client, headers={})
        await add(client, headers={})

        assert await notes(app) == 2

    async def test_the_same_body_in_another_spelling_is_the_same(self, client):
        await client.post(
            "/api/notes", body=b'{"text":"hi","stars":1}', headers=KEY | {"Content-Type": "application/json"}
        )
        again = await client.post(
            "/api/notes",
            body=b'{ "stars": 1, "text": "hi" }',
            headers=KEY | {"Content-Type": "application/json"},
        )

        assert again.headers["Idempotent-Replayed"] == "true"

    async def test_another_body_under_the_same_key_is_refused(self, app, client):
        await add(client, "one")
        reply = await add(client, "two")

        assert (reply.status, reply.code) == (422, "idempotency_key_reused")
        assert await notes(app) == 1

    async def test_callers_and_routes_do_not_share_keys(self, app, client, sample):
        ana, ben = sign_in(app, "ana"), sign_in(app, "ben")
        for token in (ana, ben):
            assert "Idempotent-Replayed" not in (await add(client, token=token)).headers
        sent = await client.post("/api/notes/n_1/sends", json={"text": "hi"}, headers=KEY, token=ana)

        assert sent.status == 202
        assert len({call.seed for call in sample.calls}) == 3

    async def test_another_path_under_the_same_key_is_refused(self, app, client):
        ana = sign_in(app, "ana")
        await client.post("/api/notes/n_1/sends", json={"text": "hi"}, headers=KEY, token=ana)
        reply = await client.post("/api/notes/n_2/sends", json={"text": "hi"}, headers=KEY, token=ana)

        assert (reply.status, reply.code) == (422, "idempotency_key_reused")

    async def test_a_key_is_forgotten_after_seven_days(self, app, client, sample):
        await add(client)
        app.clock.advance(timedelta(days=7) - timedelta(seconds=1))
        assert (await add(client)).headers["Idempotent-Replayed"] == "true"

        app.clock.advance(timedelta(seconds=1))
        reply = await add(client, "another")

        assert (reply.status, "Idempotent-Replayed" in reply.headers, len(sample.calls)) == (201, False, 2)

    async def test_a_refusal_is_an_answer_too(self, client, sample):
        sample.fail = PaymentRequired("not enough")
        first = await add(client)
        sample.fail = None
        second = await add(client)

        assert (first.status, second.status, second.body) == (402, 402, first.body)
        assert second.headers["Content-Type"] == "application/problem+json"

    @pytest.mark.parametrize(
        "error",
        [Unavailable(), ValueError("x"), TooManyRequests(retry_after=1), Conflict("busy", retry_after=1)],
    )
    async def test_a_failure_and_what_says_come_again_are_not_kept(self, client, sample, error):
        sample.fail = error
        assert (await add(client)).status in (409, 429, 500, 503)
        sample.fail = None

        assert (await add(client)).status == 201

    async def test_a_body_that_does_not_fit_uses_no_key(self, client):
        assert (await client.post("/api/notes", json={"text": 1}, headers=KEY)).status == 422
        assert (await add(client)).status == 201


class TestKeys:
    @pytest.mark.parametrize("key", ["x" * 256, "a b", "é", "", "a\x7f"])
    async def test_what_is_no_key_is_400(self, client, key):
        reply = await add(client, headers={"Idempotency-Key": key})

        assert (reply.status, reply.code) == (400, "bad_idempotency_key")

    async def test_where_it_is_required_its_lack_is_428(self, app, client):
        reply = await client.post("/api/notes/n_1/sends", json={"text": "hi"}, token=sign_in(app, "ana"))

        assert (reply.status, reply.code) == (428, "idempotency_key_required")

    async def test_where_it_is_ignored_it_does_nothing(self, app, client, sample):
        token = sign_in(app, "o", "organizer")
        for text in ("a", "b"):
            assert (
                await client.patch("/api/notes/n_1", json={"text": text}, headers=KEY, token=token)
            ).status == 204
        assert sample.calls[0].seed is None


class TestTwins:
    async def test_of_parallel_twins_one_works_and_the_others_wait(self, app, client, sample):
        replies = await asyncio.gather(*(add(client) for _ in range(8)))

        assert {reply.status for reply in replies} <= {201, 409}
        waiting = [reply for reply in replies if reply.status == 409]
        assert all(
            reply.code == "still_running" and int(reply.headers["Retry-After"]) >= 1 for reply in waiting
        )
        assert (len(sample.calls), await notes(app)) == (1, 1)

    async def test_a_twin_of_a_running_request_is_409_until_it_is_done(self, client, sample):
        sample.gate = asyncio.Event()
        first = asyncio.create_task(add(client))
        await sample.started.wait()

        assert (await add(client)).code == "still_running"
        sample.gate.set()
        assert (await first).status == 201
        assert (await add(client)).headers["Idempotent-Replayed"] == "true"

    async def test_when_the_worker_died_the_retry_runs_with_the_same_seed(self, app, client, sample):
        """The dead worker's effect is met again, because ids come from the seed."""
        sample.fail = asyncio.CancelledError()
        app.documents = FaultyDocuments(app.documents)
        app.documents.then("commit", None, Before())  # the claim, and the release that never came
        with pytest.raises(asyncio.CancelledError):
            await add(client)
        sample.fail = None
        assert (await add(client)).code == "still_running"

        app.clock.advance(timedelta(seconds=11))
        reply = await add(client)

        first, second = sample.calls
        assert (reply.status, first.seed == second.seed) == (201, True)

    async def test_a_worker_that_outlived_its_lease_does_not_overwrite_the_next_ones_answer(
        self, app, client, sample
    ):
        sample.gate = asyncio.Event()
        late = asyncio.create_task(add(client))
        await sample.started.wait()
        app.clock.advance(timedelta(seconds=11))
        gate, sample.gate = sample.gate, None
        second = await add(client)
        gate.set()
        first = await late

        assert first.body == second.body == (await add(client)).body
        assert await notes(app) == 1


class TestLostAnswers:
    async def test_the_stores_answer_to_the_claim_is_lost(self, app, client, sample, faults):
        """Nothing was done, and the caller is told to come again; the lease then lets it in."""
        faults.then("commit", After())
        assert (await add(client)).status == 503
        assert sample.calls == []

        app.clock.advance(timedelta(seconds=11))
        assert (await add(client)).status == 201

    async def test_the_stores_client_repeated_the_claim_by_itself(self, client, faults):
        """«Already exists» of our own claim is not somebody else's."""
        faults.then("commit", Twice())

        assert (await add(client)).status == 201

    async def test_the_kept_answer_is_lost(self, app, client, sample, faults):
        """The caller has its answer; a repeat gets the same one."""
        faults.then("commit", None, None, After())
        first = await add(client)
        second = await add(client)

        assert (first.status, second.body, await notes(app)) == (201, first.body, 1)

    async def test_the_answer_could_not_be_kept(self, app, client, sample, faults):
        """A repeat runs again once the lease is over, and meets what the first one did."""
        faults.then("commit", None, None, Before())
        first = await add(client)
        assert (await add(client)).status == 409

        app.clock.advance(timedelta(seconds=11))
        second = await add(client)

        assert (first.status, second.body, await notes(app)) == (201, first.body, 1)

    async def test_a_store_that_hangs_does_not_hold_the_caller(self, app, client, faults):
        app.settings = make_settings(cabeceo_data=app.settings.cabeceo_data, request_budget_seconds=0.02)
        faults.then("commit", Slow(asyncio.Event()))

        assert (await add(client)).code == "out_of_time"
