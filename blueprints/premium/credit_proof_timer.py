"""The nightly proof that credits add up (docs/credits.md)."""

import azure.functions as func

from shared.kernel import telemetry
from shared.wiring import app

bp = func.Blueprint()


@bp.function_name("premium_credit_proof")
@bp.timer_trigger(arg_name="timer", schedule="0 15 3 * * *")
async def premium_credit_proof(timer: func.TimerRequest) -> None:  # noqa: ARG001 - the binding's
    """At 03:15 UTC, also when late; what does not add up is an error in the log."""
    with telemetry.invocation("premium_credit_proof", app().clock):
        await app().credit_proof.run()
