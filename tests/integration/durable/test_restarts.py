"""A host that dies anywhere goes on: episodes once, activities at least once, results once."""

import json

import pytest

from dev.host.durable.history import Kind, event
from shared.kernel.clock import ManualClock
from tests.factories.app import NOW
from tests.factories.durable import Engine, Killed
from tests.integration.durable import samples


async def run(name, input_, *, die_at=None):
    samples.DONE.clear()
    engine = Engine(None, samples.bp, clock=ManualClock(NOW))
    if die_at:
        engine.kill_at(die_at)
    ident = await engine.start(name, input_, "known")
    await engine.run_to_end()
    outcome = engine.status(ident)
    await engine.close()
    return outcome, list(map(str, samples.DONE)), engine


@pytest.mark.parametrize(
    ("name", "input_"), [("sequence", {"numbers": [1, 2]}), ("fan", None), ("parent", None), ("rounds", 2)]
)
async def test_a_host_killed_at_any_step_comes_to_the_same_end(name, input_):
    wanted, done, whole = await run(name, input_)
    assert wanted.runtime_status == "Completed"

    for step in range(1, whole.steps + 1):
        outcome, again, engine = await run(name, input_, die_at=step)
        assert engine.kills == 1
        assert (outcome.runtime_status, outcome.output) == (wanted.runtime_status, wanted.output), (
            f"step {step}"
        )
        assert set(again) == set(done)
        assert len(again) <= len(done) + 4  # what ran at the death ran again, four at most side by side


async def test_a_second_host_goes_on_where_the_first_stopped(tmp_path):
    clock, file = ManualClock(NOW), tmp_path / "hub.sqlite"
    first = Engine(None, samples.bp, clock=clock, file=file)
    ident = await first.start("approval")
    await first.run_until_idle()
    await first.close()

    second = Engine(None, samples.bp, clock=clock, file=file)
    await second.raise_event(ident, "answer", "yes")
    await second.run_to_end()

    assert second.status(ident).output == '"yes"'
    await second.close()


async def test_a_result_that_comes_twice_counts_once(engine):
    ident = await engine.start("sequence", {"numbers": [1, 2]})
    one = engine.instance(ident)
    twice = event(Kind.TASK_COMPLETED, engine.clock, TaskScheduledId=0, Result="100")
    engine.engine.store.send(ident, twice, NOW, execution=one.execution)  # before it was even asked for
    engine.engine.store.send(ident, twice, NOW, execution="another execution")
    await engine.run_until_idle()
    engine.engine.store.send(ident, twice, NOW, execution=one.execution)
    await engine.run_until_idle()

    kinds = [item["EventType"] for item in engine.history(ident) if item.get("TaskScheduledId") == 0]
    assert kinds == [Kind.TASK_COMPLETED]


async def test_work_done_twice_gives_one_result(engine):
    ident = await engine.start("sequence", {"numbers": [5]})
    await engine.engine._episode(ident)
    (work,) = engine.engine.store.work()
    await engine.engine._activity(work)
    await engine.engine._activity(work)
    await engine.run_until_idle()

    assert engine.status(ident).output["total"] == 10
    assert samples.DONE == [5, 5]


async def test_a_terminated_instance_hears_no_more(engine):
    ident = await engine.start("sequence", {"numbers": [5, 6]})
    await engine.engine._episode(ident)
    (work,) = engine.engine.store.work()
    await engine.client().terminate(ident, "enough")
    await engine.engine._activity(work)
    await engine.run_until_idle()

    assert (engine.status(ident).runtime_status, engine.status(ident).output) == ("Terminated", "enough")
    assert samples.DONE == [5]


async def test_a_suspended_instance_waits_and_goes_on(engine):
    client = engine.client()
    ident = await engine.start("sequence", {"numbers": [5]})
    await client.suspend(ident, "a pause")
    await engine.run_until_idle()
    assert (engine.status(ident).runtime_status, samples.DONE) == ("Suspended", [])

    await client.resume(ident, "on")
    await engine.run_until_idle()
    assert engine.status(ident).runtime_status == "Completed"


async def test_an_activity_that_ends_the_host_each_time_is_given_up(engine):
    ident = await engine.start("failing")
    await engine.engine._episode(ident)
    for _ in range(10):
        engine.kill_at(1)  # as it begins, its start counted
        with pytest.raises(Killed):
            await engine.engine.run_until_idle()
    await engine.run_until_idle()

    assert "the host ended during each of its 10 attempts" in engine.status(ident).output
    assert samples.DONE == []


async def test_history_stays_small(engine):
    ident = await engine.start("sequence", {"numbers": list(range(20))})
    await engine.run_until_idle()

    assert len(json.dumps(engine.history(ident))) / 20 < 900


async def test_continue_as_new_leaves_timers_behind_and_keeps_events_that_wait(engine):
    ident = await engine.start("restless", 0)
    for _ in range(2):
        await engine.run_until_idle()
        await engine.raise_event(ident, "again")
    await engine.run_until_idle()
    assert engine.status(ident).runtime_status == "Running"  # a timer of this round was not cancelled

    await engine.run_to_end()
    assert engine.status(ident).output == 2
    assert engine.engine.store.next_due() is None
