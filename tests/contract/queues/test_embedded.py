"""The twin alone: its file, and rules of Azure's reference that Azurite does not keep."""

import asyncio
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.clients import sqlite_files
from shared.clients.errors import Missing, Refused, StoreUnavailable
from shared.clients.queues.embedded import EmbeddedQueues
from shared.kernel.clock import ManualClock, SystemClock

WORKER = """
import asyncio, sys
from pathlib import Path
from shared.clients.queues.embedded import EmbeddedQueues
from shared.kernel.clock import SystemClock

async def main():
    queues = EmbeddedQueues(Path(sys.argv[1]), SystemClock())
    for number in range(20):
        await queues.send("shared", f"{sys.argv[2]}-{number}")
        for message in await queues.receive("shared", limit=2, visibility_seconds=600):
            print(message.body)
            await queues.delete("shared", message)
    await queues.close()

asyncio.run(main())
"""


async def test_an_expired_message_is_gone_even_for_its_holder():
    """Azure, «Delete Message»: a receipt is good until the message expires."""
    clock = ManualClock(datetime(2026, 3, 1, tzinfo=UTC))
    queues = EmbeddedQueues(":memory:", clock)
    await queues.send("activity", "brief", ttl_seconds=60)
    [message] = await queues.receive("activity")
    clock.advance(timedelta(seconds=60))
    with pytest.raises(Missing):
        await queues.delete("activity", message)
    await queues.close()


async def test_a_message_cannot_be_hidden_beyond_its_expiry():
    """Azure, «Update Message»: the visibility timeout cannot be set to a value later than the expiry time."""
    queues = EmbeddedQueues(":memory:", ManualClock(datetime(2026, 3, 1, tzinfo=UTC)))
    await queues.send("activity", "a", ttl_seconds=60)
    [message] = await queues.receive("activity")
    with pytest.raises(Refused):
        await queues.hide("activity", message, visibility_seconds=61)
    await queues.close()


async def test_messages_outlive_the_process(tmp_path: Path):
    for body in ("first", "second"):
        queues = EmbeddedQueues(tmp_path / "new" / "queues.sqlite", SystemClock())
        await queues.send("activity", body)
        await queues.close()
    queues = EmbeddedQueues(tmp_path / "new" / "queues.sqlite", SystemClock())
    assert [m.body for m in await queues.receive("activity")] == ["first", "second"]
    await queues.close()


def test_processes_share_a_file_without_losing_or_doubling_a_message(tmp_path: Path):
    """All of them open the new file at once, too."""
    path = tmp_path / "queues.sqlite"
    workers = [
        subprocess.Popen([sys.executable, "-c", WORKER, str(path), name], stdout=subprocess.PIPE, text=True)
        for name in "abc"
    ]
    taken = [body for worker in workers for body in worker.communicate()[0].split()]
    assert [worker.returncode for worker in workers] == [0, 0, 0]
    left = sqlite3.connect(path)
    bodies = [row[0] for row in left.execute("SELECT body FROM messages")]
    left.close()
    assert sorted(taken + bodies) == sorted(f"{name}-{number}" for name in "abc" for number in range(20))


async def test_a_file_that_another_process_holds_is_unavailable_and_does_not_stop_the_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sqlite_files, "BUSY_SECONDS", 0.1)
    path = tmp_path / "queues.sqlite"
    queues = EmbeddedQueues(path, SystemClock())
    await queues.ping()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    blocked = asyncio.create_task(queues.send("activity", "a"))
    turns = 0
    while not blocked.done():
        turns += 1
        await asyncio.sleep(0.001)

    assert turns > 10
    with pytest.raises(StoreUnavailable):
        await blocked
    other.close()
    await queues.send("activity", "a")
    await queues.close()
