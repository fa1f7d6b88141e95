"""What failed five times is put back by an operator, once its reason is mended: nothing is lost, nothing counts twice."""

from datetime import timedelta

import pytest

from shared.analytics.intake.staging import stage
from shared.clients.documents.port import Query
from shared.clients.queues.port import ACTIVITY, POISON_SUFFIX
from shared.experience.visits.models import Visit, to_data
from shared.kernel.clock import to_millis
from shared.kernel.envelope import envelope
from shared.people.profiles.rules import Seen
from shared.people.visitors import Person
from tests.factories.app import make_app, sign_in
from tests.factories.client import Client
from tests.factories.experience import profile_of, sweep, work_off
from tests.factories.queues import Fault, FaultyQueues

POISON = ACTIVITY + POISON_SUFFIX
REPLAY = "/api/ops/queues/activity/replay"


@pytest.fixture
def operator(app):
    return sign_in(app, "uid-op", "operator")


def batch(app, number):
    """A visit of somebody of their own."""
    visit = Visit(Person(f"uid-{number}", "user"), Seen(to_millis(app.clock.now()), "r1"))
    return envelope("visits", f"b_{number}", "", app.clock.now(), to_data([visit]))


async def fail(app, count):
    for number in range(count):
        await app.queues.send(POISON, batch(app, number).encode())


async def nightly(app):
    """Let what is past its time go."""
    for hooks in app.person_hooks:
        await hooks.retain(app.clock.now())


async def visits(app, count):
    return [(await profile_of(app, f"uid-{number}")).visits.total for number in range(count)]


async def test_all_that_failed_is_worked_off(client, app, operator):
    await fail(app, 40)
    reply = await client.post(REPLAY, token=operator)

    assert (reply.status, reply.json) == (200, {"queue": "activity", "replayed": 40, "left": 0})
    await work_off(app, ACTIVITY)
    assert await visits(app, 40) == [1] * 40
    assert (await client.post(REPLAY, token=operator)).json["replayed"] == 0


async def test_as_many_as_are_asked_for(client, app, operator):
    await fail(app, 3)
    reply = await client.post(f"{REPLAY}?limit=2", token=operator)

    assert reply.json == {"queue": "activity", "replayed": 2, "left": 1}


async def test_parked_batches_have_their_tries_again(client, app, operator):
    parked = stage(batch(app, 0))
    await app.documents.commit([type(parked)(parked.path, {**parked.data, "state": "parked", "tries": 6})])
    await sweep(app)
    assert await visits(app, 1) == [0]

    assert (await client.post(REPLAY, token=operator)).json["replayed"] == 1
    await sweep(app)
    assert await visits(app, 1) == [1]
    assert await app.documents.query(Query("analyticsEvents")) == []


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("call", ["send", "delete"])
async def test_a_fault_in_between_loses_nothing_and_counts_nothing_twice(tmp_path, call, fault):
    app = make_app(folder=tmp_path)
    app.queues = FaultyQueues(app.queues, **{call: [None] * (4 if call == "send" else 1) + [fault]})
    client, operator = Client(app), sign_in(app, "uid-op", "operator")
    await fail(app, 3)
    assert (await client.post(REPLAY, token=operator)).status == 503

    app.clock.advance(timedelta(minutes=2))
    await work_off(app, ACTIVITY)
    await client.post(REPLAY, token=operator)
    await work_off(app, ACTIVITY)
    assert await visits(app, 3) == [1, 1, 1]
    await app.close()


async def test_who_was_erased_meanwhile_is_not_brought_back(app):
    """A message may be put back for as long as erasures are remembered, and no longer."""
    await fail(app, 1)
    app.clock.advance(timedelta(hours=1))
    await app.jobs.open("erasure", "uid-0")
    await app.job_runner.run_due()
    app.clock.advance(timedelta(days=6))
    assert (await app.replays.replay(ACTIVITY, 10)).replayed == 1
    app.clock.advance(timedelta(days=6))
    await nightly(app)
    await work_off(app, ACTIVITY)
    assert (await profile_of(app, "uid-0")).update_time is None

    old = batch(app, 0)
    app.clock.advance(timedelta(days=15))
    await app.queues.send(POISON, old.encode())
    told = await app.replays.replay(ACTIVITY, 10)
    assert (told.replayed, told.left) == (0, 0)


async def test_what_nobody_mends_is_kept_for_14_days(app):
    await app.documents.commit([stage(batch(app, 0))])
    app.clock.advance(timedelta(days=13))
    await nightly(app)
    assert len(await app.documents.query(Query("analyticsEvents"))) == 1

    app.clock.advance(timedelta(days=1))
    await nightly(app)
    assert await app.documents.query(Query("analyticsEvents")) == []


async def test_only_operators_and_only_queues_of_ours(client, app, operator):
    assert (await client.post(REPLAY)).status == 401
    assert (await client.post(REPLAY, token=sign_in(app, "uid-ana"))).status == 403
    assert (await client.post("/api/ops/queues/activity-poison/replay", token=operator)).status == 404
    assert (await client.post(f"{REPLAY}?limit=201", token=operator)).status == 422
