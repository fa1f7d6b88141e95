"""The end of visitors who stayed away for 180 days (messaging-platform.md §9)."""

import azure.functions as func

from shared.kernel import telemetry
from shared.wiring import app

bp = func.Blueprint()


@bp.function_name("visitors_purge")
@bp.timer_trigger(arg_name="timer", schedule="0 40 * * * *")
async def visitors_purge(timer: func.TimerRequest) -> None:  # noqa: ARG001 - the binding's
    """Every hour, at most 5,000: what is left waits for the next one."""
    with telemetry.invocation("visitors_purge", app().clock):
        await app().visitor_purge.run()
