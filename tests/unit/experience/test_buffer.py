import asyncio
from datetime import UTC, datetime

import pytest

from shared.analytics.intake.handover import Handover
from shared.clients.documents.embedded import EmbeddedDocuments
from shared.clients.queues.embedded import EmbeddedQueues
from shared.clients.queues.port import ACTIVITY, MAX_BODY
from shared.experience.visits.buffer import FULL, ActivityBuffer
from shared.experience.visits.models import Visit, from_envelope
from shared.kernel import telemetry
from shared.kernel.buffer import MAX_WAITING
from shared.kernel.clock import ManualClock
from shared.kernel.envelope import BadEnvelope, Envelope, envelope
from shared.kernel.ids import UlidSource
from shared.people.profiles.rules import Seen
from shared.people.visitors import Person
from tests.factories.documents import Before, FaultyDocuments
from tests.factories.queues import Fault, FaultyQueues

NOW = datetime(2025, 11, 3, 20, 0, tzinfo=UTC)


class World:
    """A buffer between two stores that can be away."""

    def __init__(self, linger_ms=0):
        clock = ManualClock(NOW)
        self.queues = FaultyQueues(EmbeddedQueues(":memory:", clock))
        self.documents = FaultyDocuments(EmbeddedDocuments(":memory:", clock))
        self.buffer = ActivityBuffer(
            Handover(self.queues, self.documents), clock, UlidSource(clock), linger_ms=linger_ms
        )

    def add(self, *numbers, key="v_{:032}"):
        for number in numbers:
            person = Person(key.format(number), "ip", f"v_{number:031}x")
            self.buffer.add(Visit(person, Seen(number, "r1")))

    async def sent(self):
        """The numbers of the visits in the queue, by message."""
        found = []
        while messages := await self.queues.receive(ACTIVITY, limit=32):
            for message in messages:
                assert len(message.body.encode()) <= MAX_BODY
                found.append([visit.seen.at for visit in from_envelope(Envelope.decode(message.body))])
        return found

    async def staged(self):
        from shared.clients.documents.port import Query

        return len(await self.documents.query(Query("analyticsEvents")))


@pytest.fixture
async def world():
    world = World()
    yield world
    await world.queues.close()
    await world.documents.close()


async def test_visits_share_a_message(world):
    world.add(*range(20))
    await world.buffer.drain()

    assert await world.sent() == [list(range(20))]


async def test_visits_leave_by_themselves_after_lingering(world):
    world.add(1, 2)
    await world.buffer._sending

    assert await world.sent() == [[1, 2]]


async def test_a_full_buffer_does_not_linger():
    world = World(linger_ms=5_000)
    world.add(*range(FULL))
    async with asyncio.timeout(2):
        await world.buffer._sending

    assert sum(map(len, await world.sent())) == FULL
    await world.queues.close()


async def test_a_thousand_visits_are_cut_into_messages_that_fit(world):
    world.add(*range(1000), key="ü" * 90 + "{}")
    await world.buffer.drain()
    batches = await world.sent()

    assert sorted(number for batch in batches for number in batch) == list(range(1000))
    assert len(batches) > 5


async def test_with_the_queue_away_a_batch_is_staged(world):
    world.queues.down = True
    world.add(1, 2, 3)
    await world.buffer.drain()

    assert await world.staged() == 1


async def test_a_batch_whose_answer_was_lost_is_staged_as_well():
    """It may be applied twice, which changes nothing."""
    world = World()
    world.queues = FaultyQueues(world.queues, send=[Fault.LOST])
    world.buffer._handover._queues = world.queues
    world.add(1)
    await world.buffer.drain()

    assert await world.sent() == [[1]]
    assert await world.staged() == 1
    await world.queues.close()
    await world.documents.close()


async def test_with_both_away_visits_wait_and_are_sent_in_order_later(world):
    world.queues.down = True
    world.documents.then("commit", Before())
    world.add(1, 2)
    refused = asyncio.Event()
    commit = world.documents.commit

    async def noticed(writes):
        try:
            return await commit(writes)
        finally:
            refused.set()

    world.documents.commit = noticed
    await refused.wait()
    world.queues.down = False
    world.add(3)
    await world.buffer.drain()

    assert await world.sent() == [[1, 2, 3]]


async def test_memory_is_bounded_and_losses_are_reported(world, caplog):
    world.queues.down = True
    world.documents.always("commit")
    world.add(*range(MAX_WAITING + 5))
    assert len(world.buffer._waiting) == MAX_WAITING
    assert '"visits":1,' in caplog.text
    await world.buffer.drain()

    assert f'"visits":{MAX_WAITING},' in caplog.text
    assert len(world.buffer._waiting) == 0


async def test_what_a_batch_costs_is_no_part_of_the_request(world):
    with telemetry.counted() as bill:
        world.add(1)
        await world.buffer._sending

    assert bill == {}


async def test_no_key_is_in_the_log(world, caplog):
    world.queues.down = True
    world.documents.then("commit", Before())
    world.add(7)
    await world.buffer.drain()

    assert caplog.text
    assert f"{7:032}" not in caplog.text


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"events": [{}]},
        {"events": 3},
        {"events": [{"eventType": "visit", "personType": "cat", "personKey": "k", "previousKey": None}]},
    ],
)
def test_what_is_no_batch_is_refused(data):
    with pytest.raises(BadEnvelope):
        from_envelope(envelope("visits", "b_1", "", NOW, data))
