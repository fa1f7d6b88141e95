"""An orchestrator that asks for other things than its history holds is refused, and recorded histories show it early."""

import json
from pathlib import Path

import pytest

from dev.host.durable.commands import NonDeterministic
from tests.factories.durable import functions_of, replay
from tests.integration.durable import samples

HISTORIES = sorted((Path(__file__).parents[2] / "data" / "histories").glob("*.json"))


@pytest.fixture(autouse=True)
def _old_code():
    samples.CODE["is"] = "old"
    yield
    samples.CODE["is"] = "old"


async def deployed(engine, code):
    ident = await engine.start("changing")
    await engine.run_until_idle()
    samples.CODE["is"] = code
    await engine.raise_event(ident, "go")
    await engine.run_until_idle()
    return engine.status(ident)


@pytest.mark.parametrize("code", ["old", "another input"])
async def test_the_same_actions_go_on(engine, code):
    assert (await deployed(engine, code)).output == "END"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("one more", "as number 0 its history has task_scheduled double, the code task_scheduled shaky"),
        ("timer", "as number 0 its history has task_scheduled double, the code timer_created"),
        ("fewer", "as number 0 its history has task_scheduled double, the code nothing"),
        ("random", "the same history gives other actions at a second run"),
    ],
)
async def test_other_actions_fail_the_instance_with_the_reason(engine, caplog, code, said):
    status = await deployed(engine, code)

    assert status.runtime_status == "Failed"
    assert status.output == f"Orchestrator function 'changing' failed: NonDeterministic: {said}"
    assert "orchestration_failed" in caplog.text


async def test_a_host_that_waits_for_what_the_code_left_says_so(engine, caplog):
    """The SDK leaves a task that was yielded before out of the next task_any; the extension waits for the other."""
    ident = await engine.start("racing")
    await engine.raise_event(ident, "first")
    await engine.run_to_end()
    assert engine.status(ident).runtime_status == "Running"
    assert "orchestration_behind" in caplog.text

    await engine.raise_event(ident, "second")
    await engine.run_until_idle()
    assert engine.status(ident).output == "over"


async def test_a_recorded_history_tells_when_the_code_has_changed(engine):
    ident = await engine.start("changing")
    await engine.raise_event(ident, "go")
    await engine.run_until_idle()
    record = json.loads(json.dumps(engine.recorded(ident)))
    assert (await replay(record, engine.functions)).output == "END"

    samples.CODE["is"] = "one more"
    with pytest.raises(NonDeterministic, match="number 0"):
        await replay(record, engine.functions)


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
async def test_recorded_histories_fit_the_present_code(path):
    """One file for each orchestration that may run in production; record it with ``Engine.recorded``."""
    record = json.loads(path.read_text())
    functions = functions_of(samples.bp) if path.stem.startswith("sample-") else functions_of()

    answer = await replay(record, functions)

    assert answer.broken is None
    assert answer.done is (record["status"] == "Completed")
