"""The store that fails on purpose keeps its word."""

import asyncio
from datetime import UTC, datetime

import pytest

from shared.clients.documents.embedded import EmbeddedDocuments
from shared.clients.documents.port import Create, Increment, Query, Set, Update
from shared.clients.errors import AlreadyExists, Refused, StoreUnavailable
from shared.kernel.clock import ManualClock
from tests.factories.documents import After, Before, FaultyDocuments, Slow


@pytest.fixture
async def faulty():
    inner = EmbeddedDocuments(":memory:", ManualClock(datetime(2026, 11, 21, tzinfo=UTC)))
    yield FaultyDocuments(inner)
    await inner.close()


async def test_before_has_no_effect_and_after_has(faulty):
    faulty.then("commit", Before(), After(), None, Before(Refused()))
    with pytest.raises(StoreUnavailable):
        await faulty.commit([Create("a/1", {})])
    with pytest.raises(StoreUnavailable):
        await faulty.commit([Create("a/1", {})])
    with pytest.raises(AlreadyExists):
        await faulty.commit([Create("a/1", {})])
    with pytest.raises(Refused):
        await faulty.commit([Create("a/2", {})])
    assert [snapshot.id for snapshot in await faulty.query(Query("a"))] == ["1"]
    assert faulty.fired == 3


async def test_standing_faults_last_until_healed(faulty):
    faulty.always("get", "get_many", "query", "count", "transaction", "ping")
    for _ in range(2):
        for attempt in (
            faulty.get("a/1"), faulty.get_many(["a/1"]), faulty.query(Query("a")), faulty.count(Query("a")),
            faulty.transaction(lambda running: running.get("a/1")), faulty.ping(),
        ):  # fmt: skip
            with pytest.raises(StoreUnavailable):
                await attempt
    await faulty.commit([Create("a/1", {})])
    faulty.heal()
    assert (await faulty.get("a/1")).id == "1"
    await faulty.ping()


async def test_a_slow_call_waits_for_its_event(faulty):
    slow = Slow(asyncio.Event())
    faulty.then("commit", slow)
    running = asyncio.create_task(faulty.commit([Create("a/1", {})]))
    await slow.reached.wait()
    assert await faulty.get("a/1") is None
    slow.until.set()
    await running
    assert await faulty.get("a/1")


async def test_thirty_guarded_increments_over_lost_answers_are_exact(faulty):
    faulty.by_chance("commit", (After(), 0.3), (Before(), 0.2), seed=1)

    async def until_done(path):
        while True:
            try:
                return await faulty.commit([Create(path, {}), Update("a/sum", {"n": Increment(1)})])
            except AlreadyExists:
                return None
            except StoreUnavailable:
                continue

    faulty.then("commit", None)
    await faulty.commit([Set("a/sum", {"n": 0})])
    for n in range(30):
        await until_done(f"ops/{n}")
    assert (await faulty.get("a/sum")).data == {"n": 30}
    assert faulty.fired > 5
