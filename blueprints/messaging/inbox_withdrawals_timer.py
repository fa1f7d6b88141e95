"""The sweep that takes archived campaigns out of inboxes (docs/inbox.md)."""

import azure.functions as func

from shared.kernel import telemetry
from shared.wiring import app

bp = func.Blueprint()


@bp.function_name("inbox_withdrawals")
@bp.timer_trigger(arg_name="timer", schedule="20 * * * * *")
async def inbox_withdrawals(timer: func.TimerRequest) -> None:  # noqa: ARG001 - the binding's
    """Once a minute, also when late: what is swept twice changes nothing."""
    with telemetry.invocation("inbox_withdrawals", app().clock):
        await app().inbox_withdrawals.sweep()
