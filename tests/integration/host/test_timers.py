"""When timers fire (design/platform-facts.md §3, §5)."""

import asyncio
import json
from datetime import timedelta

import azure.functions as func
import pytest

from shared.clients.queues.embedded import EmbeddedQueues
from tests.factories.hosting import START, VirtualTime, running

HOURLY = "0 0 * * * *"


class Ticker:
    """Notes when it fires and with what."""

    def __init__(self, schedule=HOURLY, *, fails=False, **more):
        self.time = VirtualTime()
        self.fired: list[str] = []
        self.requests: list[func.TimerRequest] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.app = func.FunctionApp()

        @self.app.timer_trigger("timer", schedule, **more)
        async def tick(timer: func.TimerRequest) -> None:
            self.fired.append(f"{self.time.clock.now():%d %H:%M:%S}{' late' if timer.past_due else ''}")
            self.requests.append(timer)
            await self.gate.wait()
            if fails:
                raise RuntimeError

    def running(self, folder, **more):
        return running(self.app, folder, time=self.time, **more)


def the_same_later(ticker, **duration):
    """A new process of the same app, some time after."""
    later = Ticker()
    later.time.clock.advance(ticker.time.clock.now() - START + timedelta(**duration))
    return later


def status(folder):
    return json.loads((folder / "timers" / "tick.json").read_text())


async def test_it_fires_on_its_schedule(tmp_path):
    ticker = Ticker()
    async with ticker.running(tmp_path) as bench:
        await bench.pass_(hours=2, minutes=30)
    assert ticker.fired == ["21 13:00:00", "21 14:00:00"]


async def test_it_is_told_its_schedule_and_status(tmp_path):
    ticker = Ticker()
    async with ticker.running(tmp_path) as bench:
        await bench.pass_(hours=2)
    first, second = ticker.requests
    assert first.schedule == {"AdjustForDST": True}
    assert first.schedule_status["Next"] == "2026-11-21T13:00:00Z"
    assert first.schedule_status["Last"] == "0001-01-01T00:00:00Z"
    assert second.schedule_status["Last"] == "2026-11-21T13:00:00Z"
    assert status(tmp_path)["Next"] == "2026-11-21T15:00:00Z"


async def test_missed_occurrences_give_one_run_that_is_past_due(tmp_path):
    ticker = Ticker()
    async with ticker.running(tmp_path) as bench:
        await bench.pass_(minutes=10)
    later = the_same_later(ticker, hours=5)
    async with later.running(tmp_path) as bench:
        await bench.pass_(hours=1)
    assert later.fired == ["21 17:10:00 late", "21 18:00:00"]


async def test_nothing_is_past_due_after_a_short_break_or_on_the_first_start(tmp_path):
    ticker = Ticker()
    async with ticker.running(tmp_path) as bench:
        await bench.pass_(minutes=10)
    later = the_same_later(ticker, minutes=20)
    async with later.running(tmp_path) as bench:
        await bench.pass_(minutes=20)
    assert ticker.fired == later.fired == []


async def test_a_changed_schedule_begins_anew(tmp_path):
    ticker = Ticker("0 30 * * * *")
    async with ticker.running(tmp_path) as bench:
        await bench.pass_(minutes=10)
    later = the_same_later(ticker, hours=5)
    async with later.running(tmp_path) as bench:
        await bench.settled()
    assert later.fired == []
    assert status(tmp_path)["Next"] == "2026-11-21T18:00:00Z"


async def test_runs_never_overlap_and_missed_ones_are_skipped(tmp_path):
    ticker = Ticker()
    async with ticker.running(tmp_path) as bench:
        ticker.gate.clear()
        await bench.pass_(hours=3, minutes=20)
        assert ticker.fired == ["21 13:00:00"]
        ticker.gate.set()
        await bench.pass_(hours=1)
    assert ticker.fired == ["21 13:00:00", "21 16:00:00"]


async def test_an_error_does_not_stop_the_schedule(tmp_path):
    ticker = Ticker(fails=True)
    async with ticker.running(tmp_path) as bench:
        await bench.pass_(hours=2)
    assert len(ticker.fired) == 2


async def test_it_may_run_at_every_start(tmp_path):
    ticker = Ticker(run_on_startup=True)
    async with ticker.running(tmp_path) as bench:
        await bench.settled()
    assert ticker.fired == ["21 12:00:00"]


@pytest.mark.parametrize(("schedule", "more"), [("*/30 * * * * *", {}), (HOURLY, {"use_monitor": False})])
async def test_nothing_is_kept_of_frequent_and_unmonitored_timers(tmp_path, schedule, more):
    ticker = Ticker(schedule, **more)
    async with ticker.running(tmp_path) as bench:
        await bench.pass_(hours=1)
    assert ticker.requests[0].schedule_status == {}
    assert not (tmp_path / "timers").exists()


async def test_the_schedule_may_come_from_a_setting(tmp_path):
    ticker = Ticker("%WHEN%")
    async with ticker.running(tmp_path, environ={"WHEN": "0 15 * * * *"}) as bench:
        await bench.pass_(hours=1)
    assert ticker.fired == ["21 12:15:00"]


async def test_a_run_that_the_stop_cut_off_is_made_up_for(tmp_path):
    """Its status was not written, so the next start finds it past due."""
    ticker = Ticker()
    async with ticker.running(tmp_path) as bench:
        ticker.gate.clear()
        await bench.pass_(hours=1)
    later = the_same_later(ticker, minutes=1)
    async with later.running(tmp_path) as bench:
        await bench.settled()
    assert later.fired == ["21 13:01:00 late"]


async def test_a_stop_waits_for_the_run_under_way(tmp_path):
    ticker = Ticker()
    store = EmbeddedQueues(":memory:", ticker.time.clock)
    async with ticker.running(tmp_path, store=store) as bench:
        ticker.gate.clear()
        await bench.pass_(hours=1)
        stopping = asyncio.create_task(bench.host.stop(grace=30))
        await bench.settled()
        assert not stopping.done()
        ticker.gate.set()
        assert await stopping
    assert status(tmp_path)["Last"] == "2026-11-21T13:00:00Z"
    await store.close()
