"""What becomes of queue messages (design/platform-facts.md §3, §4)."""

import asyncio
import itertools
import json
import threading
from datetime import timedelta

import azure.functions as func
import pytest

from dev.host.queues import WakingQueues
from shared.clients.queues.embedded import EmbeddedQueues
from tests.factories.hosting import VirtualTime, a_host, running
from tests.factories.queues import Fault, FaultyQueues

QUEUES = {"visibilityTimeout": "00:00:30", "maxDequeueCount": 3, "maxPollingInterval": "00:00:02"}


def options(**more):
    return {"extensions": {"queues": {**QUEUES, **more}}}


def an_app(handler, queue="work") -> func.FunctionApp:
    """One queue function."""
    app = func.FunctionApp()
    app.queue_trigger("msg", queue, "AzureWebJobsStorage")(handler)
    return app


class Worker:
    """Notes what it is given; ``fails`` says whether to raise, ``gate`` holds everything back until it opens."""

    def __init__(self, *, fails=False, shut=False):
        self.seen: list[func.QueueMessage] = []
        self.fails = fails
        self.gate = asyncio.Event()
        if not shut:
            self.gate.set()

    @property
    def app(self):
        async def work(msg: func.QueueMessage) -> None:
            self.seen.append(msg)
            await self.gate.wait()
            if self.fails:
                raise RuntimeError

        return an_app(work)

    @property
    def bodies(self):
        return [message.get_body().decode() for message in self.seen]


async def test_a_message_runs_once_and_is_gone(tmp_path):
    worker = Worker()
    async with running(worker.app, tmp_path, host_json=options()) as bench:
        ident = await bench.queues.send("work", "¡hola!")
        await bench.pass_(minutes=11)
        [message] = worker.seen
        assert (message.id, message.get_body().decode(), message.dequeue_count) == (ident, "¡hola!", 1)
        assert message.insertion_time == bench.time.clock.now() - timedelta(minutes=11)
        assert message.expiration_time == message.insertion_time + timedelta(days=7)
        assert await bench.queues.length("work") == 0
        assert await bench.queues.length("work-poison") == 0


async def test_a_plain_function_works_in_a_thread(tmp_path):
    seen = []
    done = threading.Event()

    def work(msg: func.QueueMessage) -> None:
        seen.append(threading.current_thread().name)
        done.set()

    async with running(an_app(work), tmp_path) as bench:
        await bench.queues.send("work", "x")
        assert await asyncio.to_thread(done.wait, 5)
    assert seen[0].startswith("function")


async def test_a_failing_message_comes_back_and_ends_in_the_poison_queue(tmp_path):
    """Three tries, 30 seconds apart; then a copy, with a new id and a count from zero."""
    worker = Worker(fails=True)
    async with running(worker.app, tmp_path, host_json=options()) as bench:
        ident = await bench.queues.send("work", "bad")
        await bench.pass_(seconds=29)
        assert len(worker.seen) == 1
        await bench.pass_(seconds=10)
        assert len(worker.seen) == 2
        await bench.pass_(minutes=3)
        assert [message.dequeue_count for message in worker.seen] == [1, 2, 3]
        assert await bench.queues.length("work") == 0
        [poison] = await bench.queues.receive("work-poison")
        assert (poison.body, poison.dequeue_count) == ("bad", 1)
        assert poison.id != ident


async def test_a_failure_leaves_the_others_alone(tmp_path):
    seen = []

    async def work(msg: func.QueueMessage) -> None:
        seen.append(msg.get_body())
        if msg.get_body() == b"bad":
            raise RuntimeError

    async with running(an_app(work), tmp_path, host_json=options()) as bench:
        for body in ("a", "bad", "b"):
            await bench.queues.send("work", body)
        await bench.pass_(minutes=5)
        assert sorted(seen) == [b"a", b"b", b"bad", b"bad", b"bad"]


async def test_a_message_that_came_too_often_is_parked_without_a_run(tmp_path):
    """Its runs may have killed the host each time, so that nobody lived to count them."""
    worker, time = Worker(), VirtualTime()
    store = EmbeddedQueues(":memory:", time.clock)
    await store.send("work", "killer")
    for _ in range(3):
        await store.receive("work", visibility_seconds=1)
        time.clock.advance(timedelta(seconds=2))
    async with running(worker.app, tmp_path, store=store, time=time, host_json=options()) as bench:
        await bench.settled()
        assert worker.seen == []
        assert await store.length("work") == 0
        assert [message.body for message in await store.receive("work-poison")] == ["killer"]
    await store.close()


async def test_a_poison_queue_has_none_of_its_own(tmp_path):
    """What fails there stays hidden for its ten minutes, again and again."""
    seen = []

    async def parked(msg: func.QueueMessage) -> None:
        seen.append(msg.dequeue_count)
        raise RuntimeError

    async with running(an_app(parked, "work-poison"), tmp_path) as bench:
        await bench.queues.send("work-poison", "bad")
        await bench.pass_(minutes=9)
        assert seen == [1]
        await bench.pass_(minutes=30)
        assert len(seen) >= 3
        assert await bench.queues.length("work-poison") == 1
        assert await bench.queues.length("work-poison-poison") == 0


async def test_a_long_run_keeps_its_message_hidden(tmp_path):
    worker = Worker(shut=True)
    async with running(worker.app, tmp_path) as bench:
        await bench.queues.send("work", "long")
        await bench.pass_(minutes=35)
        assert worker.bodies == ["long"]
        worker.gate.set()
        await bench.settled()
        assert await bench.queues.length("work") == 0
        await bench.pass_(minutes=11)
        assert worker.bodies == ["long"]


@pytest.mark.parametrize(("threshold", "at_once"), [(2, 4), (4, 8), (3, 4)])
async def test_no_more_run_at_once_than_batch_and_threshold_allow(tmp_path, threshold, at_once):
    worker, time = Worker(shut=True), VirtualTime()
    store = EmbeddedQueues(":memory:", time.clock)
    for number in range(12):
        await store.send("work", str(number))
    settings = options(batchSize=4, newBatchThreshold=threshold)
    async with running(worker.app, tmp_path, store=store, time=time, host_json=settings) as bench:
        await bench.pass_(minutes=5)
        assert len(worker.seen) == at_once
        worker.gate.set()
        await bench.pass_(minutes=1)
        assert sorted(worker.bodies, key=int) == [str(number) for number in range(12)]
    await store.close()


async def test_an_empty_queue_is_asked_less_and_less_often(tmp_path):
    """100 ms + 100 ms · 2^(n-1) · 0.8..1.2, to maxPollingInterval."""
    worker = Worker()
    async with running(worker.app, tmp_path, host_json=options()) as bench:
        await bench.pass_(seconds=20)
        waits = bench.time.pauses
        for number, wait in enumerate(waits[:4]):
            assert 0.1 + 0.08 * 2**number <= wait <= 0.1 + 0.12 * 2**number
        assert set(waits[6:]) == {2.0}


async def test_a_send_of_our_own_wakes_the_listener_at_once(tmp_path):
    worker = Worker()
    async with running(worker.app, tmp_path) as bench:
        await bench.pass_(minutes=10)
        await bench.queues.send("work", "now")
        await bench.settled()
        assert worker.bodies == ["now"]


async def test_a_message_of_another_process_is_found_at_the_next_poll(tmp_path):
    worker, time = Worker(), VirtualTime()
    store = EmbeddedQueues(":memory:", time.clock)
    async with running(worker.app, tmp_path, store=store, time=time, host_json=options()) as bench:
        await bench.pass_(minutes=1)
        await store.send("work", "theirs")
        await bench.settled()
        assert worker.bodies == []
        await bench.pass_(seconds=2)
        assert worker.bodies == ["theirs"]
    await store.close()


async def test_the_queue_name_may_come_from_a_setting(tmp_path):
    seen = []

    async def work(msg: func.QueueMessage) -> None:
        seen.append(msg.get_json())

    async with running(an_app(work, "%ENV%-work"), tmp_path, environ={"ENV": "test"}) as bench:
        await bench.queues.send("test-work", '{"cabeceo": 1}')
        await bench.settled()
        assert seen == [{"cabeceo": 1}]


async def test_top_level_names_of_a_json_body_overwrite_the_metadata(tmp_path):
    worker = Worker()
    async with running(worker.app, tmp_path) as bench:
        await bench.queues.send(
            "work", json.dumps({"ID": "mine", "dequeueCount": "99", "list": [1], "ok": True})
        )
        await bench.settled()
        [message] = worker.seen
        assert (message.id, message.dequeue_count) == ("mine", 99)


@pytest.mark.parametrize("body", ['{"expirationTime": "soon"}', '{"dequeueCount": "many"}'])
async def test_metadata_that_cannot_be_read_fails_the_run(tmp_path, body):
    worker = Worker()
    async with running(worker.app, tmp_path, host_json=options(maxDequeueCount=1)) as bench:
        await bench.queues.send("work", body)
        await bench.settled()
        assert worker.seen == []
        assert await bench.queues.length("work-poison") == 1


async def test_a_store_that_is_away_is_asked_again(tmp_path):
    worker, time = Worker(), VirtualTime()
    inner = EmbeddedQueues(":memory:", time.clock)
    store = FaultyQueues(inner, receive=itertools.repeat(Fault.REFUSED, 5))
    await inner.send("work", "patient")
    async with running(worker.app, tmp_path, store=store, time=time) as bench:
        await bench.pass_(minutes=5)
        assert worker.bodies == ["patient"]
    await inner.close()


async def test_a_lost_answer_to_a_delete_does_not_stop_the_listener(tmp_path):
    worker, time = Worker(), VirtualTime()
    inner = EmbeddedQueues(":memory:", time.clock)
    store = FaultyQueues(inner, delete=[Fault.REFUSED, Fault.LOST])
    async with running(worker.app, tmp_path, store=store, time=time) as bench:
        for body in ("a", "b", "c"):
            await bench.queues.send("work", body)
        await bench.settled()
        await bench.pass_(minutes=20)
        assert set(worker.bodies) == {"a", "b", "c"}
        assert await inner.length("work") == 0
    await inner.close()


async def test_a_stop_lets_runs_end_and_releases_what_did_not(tmp_path):
    """Nothing is lost: a finished message is gone, an unfinished one is there at once for the next host."""
    worker, time = Worker(shut=True), VirtualTime()
    store = EmbeddedQueues(":memory:", time.clock)
    async with running(worker.app, tmp_path, store=store, time=time) as bench:
        await bench.queues.send("work", "first")
        await bench.settled()
        stopping = asyncio.create_task(bench.host.stop(grace=30))
        await bench.queues.send("work", "later")
        await bench.settled()
        assert not stopping.done()
        worker.gate.set()
        assert await stopping
        assert worker.bodies == ["first"]
        assert await store.length("work") == 1
    stuck = Worker(shut=True)
    async with running(stuck.app, tmp_path, store=store, time=time) as bench:
        await bench.settled()
        assert stuck.bodies == ["later"]
    [message] = await store.receive("work")
    assert (message.body, message.dequeue_count) == ("later", 2)
    await store.close()


async def test_a_message_received_while_stopping_is_released_without_a_run(tmp_path):
    worker, time = Worker(), VirtualTime()
    store = EmbeddedQueues(":memory:", time.clock)
    await store.send("work", "caught")
    host = a_host(worker.app, tmp_path, queues=WakingQueues(store), time=time)
    host.start()
    await asyncio.sleep(0)  # the poll is under way, its answer is not here yet
    assert await host.stop(grace=5)
    [message] = await store.receive("work")
    assert (worker.seen, message.body) == ([], "caught")
    await store.close()
