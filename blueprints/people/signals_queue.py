"""The worker of the ``signals`` queue: typed events between areas (design/wire.md, Collections)."""

import azure.functions as func

from shared.kernel import telemetry
from shared.kernel.envelope import BadEnvelope, Envelope
from shared.people.profiles.news import PROFILE_CHANGED
from shared.people.roles import ROLE_CHANGED, ROLE_CHECK
from shared.premium.memberships import TIER_CHANGED
from shared.wiring import app

bp = func.Blueprint()


@bp.function_name("signals_heard")
@bp.queue_trigger(arg_name="message", queue_name="signals", connection="AzureWebJobsStorage")
async def signals_heard(message: func.QueueMessage) -> None:
    """Hand a signal to who acts on it; one of an unknown kind goes to the poison queue."""
    body = message.get_body().decode()
    with telemetry.invocation("signals_heard", app().clock):
        async with app().coming_again("signals", body, message.expiration_time):
            await _hear(Envelope.decode(body))


async def _hear(signal: Envelope) -> None:
    if signal.kind not in (ROLE_CHANGED, ROLE_CHECK, TIER_CHANGED, PROFILE_CHANGED):
        raise BadEnvelope("unknown kind of signal")
    if signal.kind in (ROLE_CHANGED, ROLE_CHECK):
        await app().role_grants.hear(signal)
    if signal.kind in (ROLE_CHANGED, TIER_CHANGED):
        await app().memberships.hear(signal)
    if signal.kind == PROFILE_CHANGED:
        await app().standing.carry(signal.key)
