"""The worker of the ``activity`` queue: visits into profiles, events into figures (messaging-platform.md §16.3)."""

import azure.functions as func

from shared.kernel import telemetry
from shared.kernel.envelope import Envelope
from shared.wiring import app

bp = func.Blueprint()


@bp.function_name("activity_visits")
@bp.queue_trigger(arg_name="message", queue_name="activity", connection="AzureWebJobsStorage")
async def activity_visits(message: func.QueueMessage) -> None:
    """Apply one batch; a repeat changes nothing, a failure puts it back."""
    body = message.get_body().decode()
    with telemetry.invocation("activity_visits", app().clock):
        async with app().coming_again("activity", body, message.expiration_time):
            await app().activity_worker.apply(Envelope.decode(body))
