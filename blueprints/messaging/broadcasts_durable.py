"""The orchestration of a broadcast: it calls the next step, waits until told, and begins anew (docs/broadcasts.md).

All that a broadcast is stands in its documents; this only keeps it going. Every wait ends in a fresh history, so that no event
meets a task of the past, and no history is long.
"""

from collections.abc import Generator
from datetime import datetime, timedelta
from typing import Any, Final

import azure.durable_functions as df
import azure.functions as func

from shared.kernel import telemetry
from shared.kernel.envelope import BadEnvelope, Envelope
from shared.messaging.broadcasts.waking import WAKE
from shared.wiring import app

bp = df.Blueprint()

STEPS: Final = 40
"""Activities of one history: 24 KiB of it."""
RETRIES: Final = df.RetryOptions(first_retry_interval_in_milliseconds=5_000, max_number_of_attempts=3)
LONGEST: Final = timedelta(days=5)
"""A timer beyond 6 days cannot lose against an event (docs/orchestrations.md)."""
WHEN_ALL_FAILED: Final = timedelta(minutes=1)
_RUNNING: Final = frozenset({"Running", "Pending", "ContinuedAsNew", "Suspended"})


@bp.orchestration_trigger(context_name="context")
def broadcast(context: df.DurableOrchestrationContext) -> Generator[Any, Any, None]:
    """Step until there is nothing left to do."""
    ident = context.get_input()
    for _ in range(STEPS):
        try:
            told = yield context.call_activity_with_retry("broadcast_step", RETRIES, ident)
            at = None if told is None else datetime.fromisoformat(told)
        except Exception:  # noqa: BLE001 - the SDK raises no other; the document knows why
            at = context.current_utc_datetime + WHEN_ALL_FAILED
        if at is None:
            return
        if at > context.current_utc_datetime:
            timer = context.create_timer(min(at, context.current_utc_datetime + LONGEST))
            woken = context.wait_for_external_event("wake")
            winner = yield context.task_any([timer, woken])
            if winner != timer:
                timer.cancel()
            break
    context.continue_as_new(ident)


@bp.activity_trigger(input_name="ident")
async def broadcast_step(ident: str) -> str | None:
    """The next piece of work; when to come again, None when there is nothing left to do."""
    with telemetry.invocation("broadcast_step", app().clock):
        following = await app().broadcasting.running.step(ident)
    return None if following.at is None else following.at.isoformat()


@bp.function_name("broadcasts_wake")
@bp.queue_trigger(arg_name="message", queue_name="broadcasts", connection="AzureWebJobsStorage")
@bp.durable_client_input(client_name="client")
async def broadcasts_wake(message: func.QueueMessage, client: df.DurableOrchestrationClient) -> None:
    """Start the orchestration of a broadcast, or wake the one that runs. Its id is the broadcast's."""
    with telemetry.invocation("broadcasts_wake", app().clock):
        told = Envelope.decode(message.get_body())
        if told.kind != WAKE:
            raise BadEnvelope("unknown kind of wake-up")
        status = await client.get_status(told.key)
        state = status.runtime_status.value if status is not None and status.runtime_status else None
        if state in _RUNNING:
            await client.raise_event(told.key, "wake")
        else:
            await client.start_new("broadcast", told.key, told.key)


@bp.function_name("broadcasts_overdue")
@bp.timer_trigger(arg_name="timer", schedule="40 * * * * *")
async def broadcasts_overdue(timer: func.TimerRequest) -> None:  # noqa: ARG001 - the binding's
    """Once a minute: what was accepted and never started, or lost its orchestration."""
    with telemetry.invocation("broadcasts_overdue", app().clock):
        await app().broadcasting.waking.wake_overdue()
