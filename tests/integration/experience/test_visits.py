"""Visits from the decision to the profile: through the queue or the staging collection, twice, late, and half-way."""

import itertools
import random
from datetime import timedelta

import azure.functions as func
import pytest

from shared.analytics.intake.staging import MAX_TRIES, stage
from shared.clients.documents.port import Create, Query
from shared.clients.errors import StoreUnavailable
from shared.clients.queues.port import ALL_QUEUES
from shared.experience.visits.models import Visit, to_data
from shared.experience.visits.service import Visits
from shared.kernel.clock import to_millis
from shared.kernel.envelope import BadEnvelope, envelope
from shared.kernel.errors import NotFound
from shared.messaging.campaigns.models import Channel
from shared.people.access import Principal
from shared.people.erasures import Erasures
from shared.people.merges import Merges
from shared.people.profiles.repository import ProfileRepository
from shared.people.profiles.rules import Seen
from shared.people.visitors import Person
from tests.factories.documents import Before, FaultyDocuments
from tests.factories.experience import (
    WORKERS,
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
    sweep,
    work_off,
)
from tests.factories.messaging import campaign
from tests.factories.queues import FaultyQueues

ANA = Principal("uid-ana")
HOUR = 3_600_000


@pytest.fixture(autouse=True)
async def drained(app):
    yield
    app.queues.down = False
    await app.activity.drain()


async def applied(app, times=1):
    """Let the buffer and the worker do what they have to."""
    await app.activity.drain()
    return await work_off(app, "activity", times=times)


def batch(app, *visits):
    return envelope("visits", app.ids.new("b"), "", app.clock.now(), to_data(visits))


def visit(app, hours, key="uid-ana", release="r1"):
    return Visit(Person(key, "user"), Seen(to_millis(app.clock.now()) + hours * HOUR, release))


def visits_on(app, documents):
    repository = ProfileRepository(documents, app.ids)
    erasures = Erasures(documents, app.hash_secret)
    return Visits(
        repository, Merges(documents, repository, app.person_hooks), erasures, app.visitors, app.clock
    )


async def staged(app):
    return await app.documents.query(Query("analyticsEvents"))


class TestQueue:
    @pytest.mark.parametrize("times", [1, 2])
    async def test_a_decision_becomes_a_visit(self, app, times):
        await ask(app)
        assert await applied(app, times) == 1
        profile = await profile_of(app)

        assert profile.visits.total == 1
        assert profile.first_seen_at == profile.last_seen_at
        assert abs(profile.last_seen_at - app.clock.now()) < timedelta(milliseconds=1)
        assert profile.release_state.last_seen_release_id == "r1"
        assert profile.type == "ip"

    async def test_a_day_of_use_is_counted_in_visits_not_requests(self, app):
        for _ in range(3):
            for _ in range(4):
                await ask(app, ANA)
                app.clock.advance(timedelta(minutes=10))
            app.clock.advance(timedelta(hours=2))
        await applied(app)

        assert (await profile_of(app, "uid-ana")).visits.total == 3

    async def test_twenty_visits_of_one_person_cost_one_read_and_one_write(self, app):
        await app.visits.apply(batch(app, visit(app, -1)))
        message = batch(app, *(visit(app, hours) for hours in range(20)))

        assert await cost(app.visits.apply(message)) == {"read": 1, "write": 1}
        assert await cost(app.visits.apply(message)) == {"read": 1}

    async def test_a_decision_that_shows_something_notes_its_own_visit(self, app):
        """The worker finds it there and writes nothing."""
        await publish(app, campaign())
        await ask(app, visitorId=None)
        assert (await profile_of(app, visitor_id=None)).visits.total == 1

        await app.activity.drain()
        assert (await cost(work_off(app, "activity")))["write"] == 0

    async def test_a_batch_of_many_people_is_one_write_each(self, app):
        """For new ones it is also asked whether they were erased."""
        message = batch(app, *(visit(app, 0, f"uid-{number}") for number in range(40)))
        later = batch(app, *(visit(app, 1, f"uid-{number}") for number in range(40)))

        assert await cost(app.visits.apply(message)) == {"read": 80, "write": 40}
        assert await cost(app.visits.apply(later)) == {"read": 40, "write": 40}

    async def test_any_order_of_batches_comes_to_the_same(self, app):
        messages = [batch(app, *(visit(app, h, release=f"r{h}") for h in range(n, 24, 5))) for n in range(5)]
        for ident, order in enumerate([messages, messages[::-1], random.Random(7).sample(messages * 2, 10)]):
            for message in order:
                events = [event | {"personKey": f"uid-{ident}"} for event in message.data["events"]]
                await app.visits.apply(message.model_copy(update={"data": {"events": events}}))
        ones = [await profile_of(app, f"uid-{ident}") for ident in range(3)]

        assert (
            len({(one.visits, one.last_seen_at, one.release_state, one.first_seen_at) for one in ones}) == 1
        )
        assert ones[0].visits.total == 24
        assert ones[0].release_state.last_seen_release_id == "r23"

    async def test_what_is_no_batch_goes_to_the_poison_queue(self, app):
        worker = function(*WORKERS["activity"])
        for body in (b"{}", b"not json", batch(app).model_copy(update={"kind": "other"}).encode().encode()):
            with pytest.raises(BadEnvelope):
                await worker(func.QueueMessage(id="m", body=body))

    async def test_a_person_who_cannot_be_served_does_not_keep_the_others_from_it(self, app):
        documents = app.visits._repository._documents = FaultyDocuments(app.documents)
        documents.then("commit", Before())
        message = batch(app, visit(app, 0, "uid-0"), visit(app, 0, "uid-1"), visit(app, 0, "uid-2"))
        with pytest.raises(StoreUnavailable):
            await app.visits.apply(message)
        assert sum([(await profile_of(app, f"uid-{n}")).visits.total for n in range(3)]) == 2

        await app.visits.apply(message)
        assert [(await profile_of(app, f"uid-{n}")).visits.total for n in range(3)] == [1, 1, 1]

    async def test_a_worker_that_races_with_decisions_and_reports_loses_nothing(self, app):
        await publish(app, campaign(delivery_channels=[Channel.TOAST]))
        message = (await ask(app, ANA)).messages[0]
        import asyncio

        await asyncio.gather(
            *(app.visits.apply(batch(app, visit(app, hours))) for hours in range(3)),
            answer(app, message, "acknowledged", ANA),
            ask(app, ANA),
        )
        profile = await profile_of(app, "uid-ana")

        assert profile.visits.total == 3
        assert profile.campaigns["c_test"].acknowledged


class TestEpochs:
    async def test_a_profile_of_the_previous_epoch_moves_on(self, app):
        await publish(app, campaign())
        await answer(app, (await ask(app)).messages[0], "acknowledged")
        old = known_as(app).key
        app.clock.advance(app.settings.epoch)
        await ask(app)
        assert await applied(app, times=2) > 0
        profile = await profile_of(app)

        assert await app.documents.get(f"experienceProfiles/{old}") is None
        assert (profile.person_key, profile.stored_key) == (known_as(app).key, None)
        assert profile.visits.total == 2
        assert profile.campaigns["c_test"].acknowledged
        assert (await ask(app)).messages == []

    async def test_after_two_epochs_without_a_visit_the_visitor_is_somebody_new(self, app):
        await ask(app)
        await applied(app)
        app.clock.advance(2 * app.settings.epoch)

        assert (await profile_of(app)).update_time is None


class TestStaging:
    async def test_with_the_queue_away_visits_reach_the_profile_by_the_timer(self, app):
        app.queues = FaultyQueues(app.queues)
        app.queues.down = True
        await ask(app, ANA)
        await app.activity.drain()
        assert len(await staged(app)) == 1

        await sweep(app)
        assert (await profile_of(app, "uid-ana")).visits.total == 1
        assert await staged(app) == []

    async def test_a_poison_batch_does_not_keep_the_others_from_it(self, app):
        bad = {"state": "waiting", "body": "{", "tries": 0, "createdAt": app.clock.now()}
        await app.documents.commit([Create("analyticsEvents/b_0", bad), stage(batch(app, visit(app, 0)))])
        await sweep(app)
        assert (await profile_of(app, "uid-ana")).visits.total == 1

        for _ in range(MAX_TRIES + 2):
            await sweep(app)
        (left,) = await staged(app)
        assert (left.id, left.data["state"]) == ("b_0", "parked")

    async def test_a_batch_that_kills_its_worker_each_time_is_parked(self, app):
        """The try is counted before the work, by whoever does not live to tell."""
        await app.documents.commit([stage(batch(app, visit(app, 0)))])
        life = Life(0)
        app.activity_staging._worker = visits_on(app, Mortal(app.documents, life))
        for _ in range(MAX_TRIES):
            with pytest.raises(Killed):
                await sweep(app)
        await sweep(app)

        assert [each.data["state"] for each in await staged(app)] == ["parked"]

    async def test_a_bad_day_of_the_store_parks_nothing(self, app):
        await app.documents.commit([stage(batch(app, visit(app, 0)))])
        documents = FaultyDocuments(app.documents)
        app.activity_staging._worker = visits_on(app, documents)
        for _ in range(MAX_TRIES + 3):
            documents.then("commit", Before())
            with pytest.raises(StoreUnavailable):
                await sweep(app)
        await sweep(app)

        assert await staged(app) == []
        assert (await profile_of(app, "uid-ana")).visits.total == 1


class TestKilled:
    """A worker dies between any two calls of its stores; the message, or the sweep, comes again."""

    @pytest.mark.parametrize("calls", range(7))
    async def test_queue(self, app, calls):
        people = [visit(app, 0, f"uid-{n}") for n in range(3)]
        message = batch(app, *people)
        life = Life(calls)
        with_end = visits_on(app, Mortal(app.documents, life))
        try:
            await with_end.apply(message)
        except Killed:
            assert calls < 5
        await app.visits.apply(message)

        assert [(await profile_of(app, f"uid-{n}")).visits.total for n in range(3)] == [1, 1, 1]

    @pytest.mark.parametrize("calls", range(7))
    async def test_sweep(self, app, calls):
        await app.documents.commit([stage(batch(app, visit(app, 0)))])
        documents = Mortal(app.documents, Life(calls))
        from shared.analytics.intake.staging import Staging

        try:
            await Staging(documents, visits_on(app, documents)).sweep()
        except Killed:
            assert calls < 6
        await sweep(app)

        assert (await profile_of(app, "uid-ana")).visits.total == 1
        assert await staged(app) == []


async def test_a_key_that_can_name_no_document_is_not_sent_on(app):
    with pytest.raises(NotFound):
        await ask(app, Principal("a/b"))
    await app.activity.drain()

    assert await app.queues.length("activity") == 0


def test_every_queue_has_a_worker():
    assert sorted(WORKERS) == sorted(ALL_QUEUES)
    assert all(itertools.starmap(function, WORKERS.values()))
