"""Facets follow behaviour within minutes; at night everybody's are made anew, and tags follow (docs/segments.md)."""

from collections.abc import Generator
from typing import Any, Final

import azure.durable_functions as df
import azure.functions as func

from shared.kernel import telemetry
from shared.ops.jobs.models import JobState
from shared.wiring import app

bp = df.Blueprint()

_STATES: Final[dict[str, JobState]] = {"running": "running", "failed": "failed", "done": "done"}


@bp.function_name("facets_refresh")
@bp.timer_trigger(arg_name="timer", schedule="40 */3 * * * *")
async def facets_refresh(timer: func.TimerRequest) -> None:  # noqa: ARG001 - the binding's
    """Every three minutes: who changed since."""
    with telemetry.invocation("facets_refresh", app().clock):
        await app().facet_refresh.run()


@bp.function_name("segments_nightly")
@bp.timer_trigger(arg_name="timer", schedule="0 10 2 * * *")
@bp.durable_client_input(client_name="starter")
async def segments_nightly(timer: func.TimerRequest, starter: df.DurableOrchestrationClient) -> None:  # noqa: ARG001 - the binding's
    """Once a night, under the day's name: a second start while it runs is refused."""
    with telemetry.invocation("segments_nightly", app().clock):
        if not await app().usage.affords("nightly_rebuilds"):
            return
        ident = f"segments-{app().clock.now():%Y%m%d}"
        await starter.start_new("segments_rebuild", ident, ident)


@bp.orchestration_trigger(context_name="context")
def segments_rebuild(context: df.DurableOrchestrationContext) -> Generator[Any, Any, dict[str, int]]:
    """Shards of 65,536 people side by side, then one snapshot of them all, then the tags, shard by shard."""
    run = context.get_input()
    retry = df.RetryOptions(first_retry_interval_in_milliseconds=30_000, max_number_of_attempts=5)
    yield context.call_activity("segments_noted", "running")
    try:
        shards = yield context.call_activity_with_retry("segments_plan", retry, run)
        work = [f"{run}/{shard}" for shard in range(shards)]
        yield context.task_all(
            [context.call_activity_with_retry("segments_shard", retry, each) for each in work]
        )
        yield context.call_activity_with_retry("segments_publish", retry, f"{run}/{shards}")
        changed = 0
        for each in work:
            changed += yield context.call_activity_with_retry("segments_tags", retry, each)
    except Exception:
        yield context.call_activity("segments_noted", "failed")
        raise
    yield context.call_activity("segments_noted", f"done/{shards}/{changed}")
    return {"shards": shards, "changed": changed}


@bp.activity_trigger(input_name="told")
async def segments_noted(told: str) -> None:
    """How the night stands, in ``GET /ops/jobs``."""
    state, *numbers = told.split("/")
    with telemetry.invocation("segments_noted", app().clock):
        steps = dict(zip(("shards", "tags"), map(int, numbers), strict=False))
        await app().jobs.note("segments", _STATES[state], steps)


@bp.activity_trigger(input_name="run")
async def segments_plan(run: str) -> int:  # noqa: ARG001 - every activity has an input
    """How many shards there are."""
    with telemetry.invocation("segments_plan", app().clock):
        return await app().facet_rebuild.plan()


@bp.activity_trigger(input_name="work")
async def segments_shard(work: str) -> int:
    """One shard; what is done already is not done again."""
    with telemetry.invocation("segments_shard", app().clock):
        return await app().facet_rebuild.shard(*_split(work))


@bp.activity_trigger(input_name="work")
async def segments_publish(work: str) -> int:
    """The snapshot of them all."""
    with telemetry.invocation("segments_publish", app().clock):
        return await app().facet_rebuild.publish(*_split(work))


@bp.activity_trigger(input_name="work")
async def segments_tags(work: str) -> int:
    """The tags of one shard's people."""
    with telemetry.invocation("segments_tags", app().clock):
        return await app().tagging.shard(_split(work)[1])


def _split(work: str) -> tuple[str, int]:
    run, number = work.rsplit("/", 1)
    return run, int(number)
