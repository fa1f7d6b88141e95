"""Decisions and reports while the store refuses, is slow, loses its answers, or others are always faster."""

import asyncio
from datetime import timedelta

import pytest

from shared.clients.documents.embedded import EmbeddedDocuments
from shared.clients.errors import AlreadyExists, Contended, Missing, Stale, StoreUnavailable
from shared.kernel.errors import Unavailable
from shared.messaging.campaigns.models import Channel
from shared.people.access import Principal
from tests.factories.app import make_app, make_settings
from tests.factories.client import Client
from tests.factories.documents import After, Before, FaultyDocuments, Slow
from tests.factories.experience import ULID, answer, ask, profile_of, publish, work_off
from tests.factories.messaging import campaign
from tests.factories.operations import drain

ANA = Principal("uid-ana")


@pytest.fixture
def documents(app):
    """The app's store, with faults to come."""
    faulty = FaultyDocuments(app.documents)
    app.documents = faulty
    return faulty


@pytest.fixture(autouse=True)
async def shown_one(documents, app):
    """A campaign that the instance has loaded before anything goes wrong."""
    await publish(app, campaign())
    await app.catalog.current()
    yield
    documents.heal()
    await app.activity.drain()


class Losing(FaultyDocuments):
    """A store where somebody else is always faster."""

    def __init__(self, inner, error):
        super().__init__(inner)
        self.error = error
        self.tries = 0

    async def commit(self, writes):
        self.tries += 1
        raise self.error


class TestDecide:
    async def test_a_refused_commit_is_told_and_reserves_nothing(self, app, documents):
        documents.then("commit", Before())
        with pytest.raises(StoreUnavailable):
            await ask(app)

        assert len((await ask(app)).messages) == 1

    async def test_a_lost_answer_is_still_an_answer(self, app, documents):
        """The commit happened: the same decision finds its own reservation and shows what it reserved."""
        documents.then("commit", After())
        (message,) = (await ask(app)).messages

        assert list((await profile_of(app)).reservations) == [message.delivery_id]
        assert (await ask(app)).messages == []

    async def test_a_caller_who_gave_up_is_not_shown_it_twice(self, app, documents):
        """The request ran out of time while its commit was under way; the next one finds the reservation."""
        documents.then("commit", After())
        read = documents.inner.get

        async def hang(path):
            if (await read(path)) is not None:
                await asyncio.Event().wait()
            return await read(path)

        documents.get = hang
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await ask(app)
        del documents.get

        assert (await ask(app)).messages == []
        assert len((await profile_of(app)).reservations) == 1

    async def test_a_twin_that_was_faster_is_not_taken_for_ones_own(self, app, documents):
        """Two decisions make the same delivery; the loser must not show it as well."""
        one, other = await asyncio.gather(ask(app), ask(app))

        assert sorted([len(one.messages), len(other.messages)]) == [0, 1]

    @pytest.mark.parametrize("error", [Stale(), Missing(), Contended(), AlreadyExists()])
    async def test_after_five_lost_races_the_caller_is_told_to_come_again(self, app, documents, error):
        losing = Losing(documents.inner, error)
        app.decisions._documents = losing
        with pytest.raises(Unavailable) as raised:
            await ask(app)

        assert (raised.value.code, raised.value.status, losing.tries) == ("contended", 503, 5)

    async def test_a_delivery_that_the_profile_has_forgotten_does_not_block_its_campaign(
        self, app, documents
    ):
        """The profile was erased or pruned, the delivery is still there: the next number is taken."""
        first = (await ask(app)).messages[0]
        profile = await profile_of(app)
        from shared.clients.documents.port import Delete

        await documents.inner.commit([Delete(f"experienceProfiles/{profile.person_key}")])
        second = (await ask(app)).messages[0]

        assert second.delivery_id != first.delivery_id

    async def test_the_visit_is_noted_whatever_becomes_of_the_decision(self, app, documents):
        documents.then("commit", Before())
        with pytest.raises(StoreUnavailable):
            await ask(app)
        await app.activity.drain()

        assert await app.queues.length("activity") == 1


async def told(app, month):
    """What the figures heard of messages in a month."""
    await drain(app)
    await work_off(app, "activity")
    rows = await app.analytics.find(month, {}, order=[("_id", 1)])
    return sorted(row["type"] for row in rows if row["type"].startswith("message"))


class TestAck:
    async def test_a_refused_commit_is_told_and_changes_nothing(self, app, documents):
        (message,) = (await ask(app)).messages
        documents.then("commit", Before())
        with pytest.raises(StoreUnavailable):
            await answer(app, message)

        assert (await answer(app, message)).delivery_status == "seen"
        assert (await profile_of(app)).campaigns["c_test"].shown == 1

    async def test_a_repeat_after_a_lost_answer_counts_once(self, app, documents):
        (message,) = (await ask(app)).messages
        documents.then("commit", After())
        with pytest.raises(StoreUnavailable):
            await answer(app, message, "acknowledged")
        again = await answer(app, message, "acknowledged")

        assert again.delivery_status == "acknowledged"
        assert (await profile_of(app)).campaigns["c_test"].shown == 1

    async def test_what_was_seen_is_told_once_to_the_figures_although_the_answer_was_lost(
        self, app, documents
    ):
        (message,) = (await ask(app)).messages
        documents.then("commit", After())
        with pytest.raises(StoreUnavailable):
            await answer(app, message, "clicked")
        for _ in range(2):
            await answer(app, message, "clicked")

        assert await told(app, "activity_2026_11") == ["message_clicked", "message_seen"]

    async def test_what_was_seen_is_told_once_also_when_the_month_has_turned(self, app):
        (message,) = (await ask(app, ANA)).messages
        await answer(app, message, "seen", ANA)
        assert await told(app, "activity_2026_11") == ["message_seen"]

        app.clock.advance(timedelta(days=20))
        await answer(app, message, "dismissed", ANA)
        assert await told(app, "activity_2026_11") == ["message_seen"]
        assert await told(app, "activity_2026_12") == []

    @pytest.mark.parametrize("error", [Stale(), Missing(), Contended()])
    async def test_after_five_lost_races_the_caller_is_told_to_come_again(self, app, documents, error):
        (message,) = (await ask(app)).messages
        losing = Losing(documents.inner, error)
        app.acknowledgements._documents = losing
        with pytest.raises(Unavailable) as raised:
            await answer(app, message)

        assert (raised.value.code, losing.tries) == ("contended", 5)


async def test_a_store_that_never_answers_is_a_503_within_the_budget(tmp_path):
    settings = make_settings(cabeceo_data=tmp_path, request_budget_seconds=0.2)
    app = make_app(folder=tmp_path, settings=settings)
    app.given_documents = documents = FaultyDocuments(EmbeddedDocuments(":memory:", app.clock))
    await publish(app, campaign(delivery_channels=[Channel.MODAL]))
    documents.then("commit", Slow(asyncio.Event()))
    client = Client(app)
    body = {"releaseId": "r1", "visitorId": ULID}
    reply = await client.post("/api/experience/decide", json=body)
    again = await client.post("/api/experience/decide", json=body)
    await app.close()

    assert (reply.status, reply.code) == (503, "out_of_time")
    assert (again.status, len(again.json["messages"])) == (200, 1)
