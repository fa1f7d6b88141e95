"""The watch over the installation, from whose log lines the alerts are made (infra/azure/alerts.bicep)."""

import azure.functions as func

from shared.kernel import telemetry
from shared.wiring import app

bp = func.Blueprint()


@bp.function_name("ops_watch")
@bp.timer_trigger(arg_name="timer", schedule="50 * * * * *")
async def ops_watch(timer: func.TimerRequest) -> None:  # noqa: ARG001 - the binding's
    """Once a minute, on one instance."""
    with telemetry.invocation("ops_watch", app().clock):
        await app().metrics.watch()
