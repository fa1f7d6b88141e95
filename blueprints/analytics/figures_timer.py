"""Figures that follow no event: what time alone changes, and the nightly proof (docs/decisions/0016)."""

import azure.functions as func

from shared.kernel import telemetry
from shared.wiring import app

bp = func.Blueprint()


@bp.function_name("figures_proof")
@bp.timer_trigger(arg_name="timer", schedule="0 40 3 * * *")
async def figures_proof(timer: func.TimerRequest) -> None:  # noqa: ARG001 - the binding's
    """Once a night; what it mends twice is mended once. A job, so that it goes on where it was killed, and is seen."""
    with telemetry.invocation("figures_proof", app().clock):
        await app().jobs.open("figures")


@bp.function_name("figures_aging")
@bp.timer_trigger(arg_name="timer", schedule="20 */15 * * * *")
async def figures_aging(timer: func.TimerRequest) -> None:  # noqa: ARG001 - the binding's
    """Every quarter of an hour: who has a city that became a year old, and whose profile nobody has asked yet."""
    with telemetry.invocation("figures_aging", app().clock):
        await app().jobs.open("aggregation")
