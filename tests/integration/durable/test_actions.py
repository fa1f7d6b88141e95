"""Each action that an orchestrator may ask for, through the real SDK (design/platform-facts.md §6)."""

from datetime import timedelta

import pytest

from dev.host.durable.actions import Replay
from shared.kernel.clock import ManualClock
from tests.factories.app import NOW
from tests.factories.durable import Engine
from tests.integration.durable import samples

FIRST, LATER = "Activity function 'shaky' failed: ValueError: no first", timedelta(seconds=15)


async def outcome(engine, name, input_=None):
    ident = await engine.start(name, input_)
    await engine.run_to_end()
    return engine.status(ident)


async def test_activities_run_one_after_the_other(engine):
    ident = await engine.start("sequence", {"numbers": [1, 2, 3]})
    assert engine.status(ident).runtime_status == "Pending"

    await engine.run_until_idle()

    status = engine.status(ident)
    assert (status.runtime_status, status.output["total"], status.custom_status) == (
        "Completed",
        12,
        {"total": 12},
    )
    assert samples.DONE == [1, 2, 3]


async def test_activities_run_side_by_side(engine):
    assert (await outcome(engine, "fan")).output == 20
    assert sorted(samples.DONE) == [0, 1, 2, 3, 4]


async def test_a_failed_activity_is_raised_in_the_orchestrator(engine):
    samples.FAILURES["first"] = 1
    status = await outcome(engine, "failing")
    assert status.runtime_status == "Completed"
    assert status.output.startswith(FIRST)


async def test_an_orchestrator_that_raises_fails(engine):
    status = await outcome(engine, "broken")
    assert (status.runtime_status, status.output) == (
        "Failed",
        "Orchestrator function 'broken' failed: not today",
    )


async def test_a_retried_activity_waits_between_its_attempts(engine):
    samples.FAILURES["again"] = 2
    status = await outcome(engine, "patient")
    assert status.output[:2] == ["AGAIN", 8]
    assert samples.DONE == ["again", "again", "again", 4]
    assert engine.clock.now() - NOW == timedelta(seconds=10)


async def test_the_last_failure_surfaces_after_one_more_wait(engine):
    samples.FAILURES["again"] = 3
    status = await outcome(engine, "patient")
    assert status.runtime_status == "Failed"
    assert "no again" in status.output
    assert samples.DONE == ["again"] * 3
    assert engine.clock.now() - NOW == LATER


async def test_sub_orchestrations_give_their_results_and_their_failures(engine):
    samples.FAILURES["again"] = 1
    ident = await engine.start("parent", None, "p")
    await engine.run_to_end()
    assert engine.status(ident).output == [6, "AGAIN", True]
    assert engine.status("p-child").runtime_status == "Completed"


async def test_continue_as_new_begins_a_fresh_history(engine):
    ident = await engine.start("rounds", 3)
    await engine.run_until_idle()
    assert engine.status(ident).output == "done"
    assert samples.DONE == [3, 2, 1]
    assert len(engine.history(ident)) == 8


@pytest.mark.parametrize("span", [timedelta(minutes=5), timedelta(days=20, microseconds=1)])
async def test_a_timer_fires_when_it_is_due_and_not_before(engine, span):
    ident = await engine.start("sleeper", (NOW + span).isoformat())
    engine.clock.advance(span - timedelta(seconds=1))
    await engine.run_until_idle()
    assert engine.status(ident).runtime_status == "Running"
    await engine.run_to_end()
    assert engine.status(ident).output is True


async def test_a_timer_beyond_six_days_is_a_chain(engine):
    ident = await engine.start("sleeper", (NOW + timedelta(days=20)).isoformat())
    await engine.run_to_end()
    fired = [event["FireAt"][:10] for event in engine.history(ident) if event["EventType"] == 11]
    assert fired == ["2026-11-24", "2026-11-27", "2026-11-30", "2026-12-03", "2026-12-06", "2026-12-11"]


async def test_an_event_wins_over_its_timeout_which_is_cancelled(engine):
    ident = await engine.start("approval")
    await engine.run_until_idle()
    await engine.raise_event(ident, "answer", {"yes": True})
    await engine.run_until_idle()
    assert engine.status(ident).output == '{"yes": true}'
    await engine.run_to_end()
    assert engine.clock.now() == NOW


async def test_an_event_before_its_wait_is_kept(engine):
    ident = await engine.start("approval")
    await engine.raise_event(ident, "answer", 1)
    await engine.run_until_idle()
    assert engine.status(ident).output == "1"


async def test_a_timeout_wins_when_no_event_comes(engine):
    assert (await outcome(engine, "approval")).output == "too late"


async def test_a_timer_that_lost_and_was_not_cancelled_keeps_the_instance_running(engine):
    ident = await engine.start("forgetful")
    await engine.raise_event(ident, "answer")
    await engine.run_until_idle()
    assert engine.status(ident).runtime_status == "Running"
    await engine.run_to_end()
    assert engine.status(ident).runtime_status == "Completed"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("http", "Unsupported: call_http is not served by the local host"),
        ("entity", "Unsupported: call_entity is not served by the local host"),
        ("stranger", "LookupError: the function 'nobody' does not exist or is no activityTrigger"),
    ],
)
async def test_what_the_host_does_not_serve_fails_the_instance_by_name(engine, name, said):
    status = await outcome(engine, name)
    assert status.runtime_status == "Failed"
    assert status.output == f"Orchestrator function '{name}' failed: {said}"


async def test_a_child_that_is_terminated_is_a_failure_to_its_parent(engine):
    ident = await engine.start("guardian")
    await engine.run_until_idle()
    await engine.client().terminate("ward", "taken away")
    await engine.run_until_idle()
    assert engine.status(ident).output == "taken away"


async def test_a_child_whose_id_is_taken_is_a_failure_to_its_parent(engine):
    await engine.start("approval", None, "ward")
    ident = await engine.start("guardian")
    await engine.run_until_idle()
    assert "ward has not ended" in engine.status(ident).output


def test_an_action_of_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="99"):
        Replay([{"actionType": 99}]).feed({"EventType": 0})


@pytest.mark.parametrize("limit", [1, 3])
async def test_activities_at_once_are_bounded_by_host_json(limit):
    samples.AT_ONCE.update(now=0, most=0)
    options = {"maxConcurrentActivityFunctions": limit}
    engine = Engine(None, samples.bp, clock=ManualClock(NOW), options=options)
    assert (await outcome(engine, "crowd")).runtime_status == "Completed"
    assert samples.AT_ONCE["most"] == limit
    await engine.close()


async def test_code_behind_is_replaying_runs_once(engine):
    engine.engine._verify = False
    await outcome(engine, "talkative")
    assert samples.DONE == ["before 0", 0, "before 1", 1, "before 2", 2]
