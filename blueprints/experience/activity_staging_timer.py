"""The sweep of visits and events that were staged while the queue was away (messaging-platform.md §16.4)."""

import azure.functions as func

from shared.kernel import telemetry
from shared.wiring import app

bp = func.Blueprint()


@bp.function_name("activity_staging")
@bp.timer_trigger(arg_name="timer", schedule="0 * * * * *")
async def activity_staging(timer: func.TimerRequest) -> None:  # noqa: ARG001 - the binding's
    """Once a minute, also when late: what is swept twice changes nothing."""
    with telemetry.invocation("activity_staging", app().clock):
        await app().activity_staging.sweep()
