"""The worker of jobs, and the daily ones that archive what is old and remove what is past its time (docs/people.md)."""

import azure.functions as func

from shared.kernel import telemetry
from shared.wiring import app

bp = func.Blueprint()


@bp.function_name("jobs_run")
@bp.timer_trigger(arg_name="timer", schedule="20 * * * * *")
async def jobs_run(timer: func.TimerRequest) -> None:  # noqa: ARG001 - the binding's
    """Once a minute, also when late: a job that is done twice is done once."""
    with telemetry.invocation("jobs_run", app().clock):
        await app().job_runner.run_due(errands=False)


@bp.function_name("errands_run")
@bp.timer_trigger(arg_name="timer", schedule="50 * * * * *")
async def errands_run(timer: func.TimerRequest) -> None:  # noqa: ARG001 - the binding's
    """Once a minute, what is about nobody, piece by piece: nobody's export or erasure waits for it."""
    with telemetry.invocation("errands_run", app().clock):
        await app().job_runner.run_due(errands=True)


@bp.function_name("archive_open")
@bp.timer_trigger(arg_name="timer", schedule="0 30 1 * * *")
async def archive_open(timer: func.TimerRequest) -> None:  # noqa: ARG001 - the binding's
    """Every night: a job, unless one is under way still."""
    with telemetry.invocation("archive_open", app().clock):
        if await app().usage.affords("archive"):
            await app().jobs.open("archive")


@bp.function_name("retention_open")
@bp.timer_trigger(arg_name="timer", schedule="0 15 3 * * *")
async def retention_open(timer: func.TimerRequest) -> None:  # noqa: ARG001 - the binding's
    """Every night: a job, so that it is resumed when it is killed."""
    with telemetry.invocation("retention_open", app().clock):
        await app().jobs.open("retention")
