"""What is the twin's own: its file, other processes, its clock."""

import asyncio
import multiprocessing
from datetime import UTC, datetime, timedelta

import pytest

from shared.clients.documents.embedded import EmbeddedDocuments
from shared.clients.documents.port import SERVER_TIME, Create, Increment, Order, Query, Set, Update, Where
from shared.clients.errors import StoreUnavailable
from shared.kernel.clock import ManualClock, SystemClock

NOW = datetime(2026, 11, 21, 20, 0, 0, 5, UTC)
PROCESSES, EACH = 2, 50


def increment_from_elsewhere(path):
    async def work():
        documents = EmbeddedDocuments(path, SystemClock())
        for n in range(EACH):
            await documents.query(Query("runs", order=(Order(f"field{n % 3}"),)))
            await documents.commit([Update("runs/sum", {"n": Increment(1), f"field{n % 3}": n})])
        await documents.close()

    asyncio.run(work())


async def test_several_processes_share_one_file(tmp_path):
    path = tmp_path / "deep" / "documents.sqlite"
    documents = EmbeddedDocuments(path, SystemClock())
    await documents.commit([Create("runs/sum", {"n": 0})])
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=increment_from_elsewhere, args=(path,)) for _ in range(PROCESSES)]
    for worker in workers:
        worker.start()
    await asyncio.to_thread(lambda: [worker.join() for worker in workers])
    assert [worker.exitcode for worker in workers] == [0] * PROCESSES
    assert (await documents.get("runs/sum")).data["n"] == PROCESSES * EACH
    found = await documents.query(Query("runs", (Where("field0", ">=", 0),)))
    assert [snapshot.id for snapshot in found] == ["sum"]
    await documents.close()


async def test_several_clients_open_a_new_file_at_once(tmp_path):
    clients = [EmbeddedDocuments(tmp_path / "documents.sqlite", SystemClock()) for _ in range(8)]
    await asyncio.gather(*(client.ping() for client in clients))
    for client in clients:
        await client.close()


async def test_a_field_indexed_by_one_client_is_kept_by_others(tmp_path):
    one, other = (EmbeddedDocuments(tmp_path / "documents.sqlite", SystemClock()) for _ in range(2))
    await other.commit([Create("a/1", {"n": 1})])
    assert await one.query(Query("a", (Where("n", "==", 2),))) == []
    await other.commit([Update("a/1", {"n": 2}), Create("a/2", {"n": 2})])
    assert [snapshot.id for snapshot in await one.query(Query("a", (Where("n", "==", 2),)))] == ["1", "2"]
    await one.close()
    await other.close()


async def test_documents_survive_the_process(tmp_path):
    for n in range(2):
        documents = EmbeddedDocuments(tmp_path / "documents.sqlite", ManualClock(NOW))
        await documents.commit([Set(f"a/{n}", {"n": n})])
        assert await documents.count(Query("a")) == n + 1
        await documents.close()


async def test_times_are_the_clocks_in_microseconds_and_always_rise():
    clock = ManualClock(NOW)
    documents = EmbeddedDocuments(":memory:", clock)
    first = await documents.commit([Create("a/1", {"at": SERVER_TIME})])
    second = await documents.commit([Create("a/2", {})])
    assert (await documents.get("a/1")).data["at"] == NOW
    assert first == int(NOW.timestamp()) * 10**9 + 5_000
    assert second == first + 1_000
    clock.advance(timedelta(seconds=1))
    assert await documents.commit([Create("a/3", {})]) == first + 10**9
    await documents.close()


async def test_a_file_that_cannot_be_opened_is_unavailable(tmp_path):
    (tmp_path / "documents.sqlite").write_text("not a database at all, whatever its name says")
    documents = EmbeddedDocuments(tmp_path / "documents.sqlite", SystemClock())
    for attempt in (documents.ping(), documents.get("a/1"), documents.commit([Set("a/1", {})])):
        with pytest.raises(StoreUnavailable):
            await attempt
    await documents.close()
