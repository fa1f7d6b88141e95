"""The former site's visitor data into profiles (messaging-platform.md §7, ExperienceProfileSync)."""

import azure.functions as func

from shared.kernel import telemetry
from shared.wiring import app

bp = func.Blueprint()


@bp.function_name("experience_profile_sync")
@bp.timer_trigger(arg_name="timer", schedule="35 */15 * * * *")
async def experience_profile_sync(timer: func.TimerRequest) -> None:  # noqa: ARG001 - the binding's
    """Every quarter of an hour: a job, so that it is resumed when it is killed, is never done twice at once, and is seen."""
    with telemetry.invocation("experience_profile_sync", app().clock):
        if not app().profile_syncs:
            telemetry.log().info("profile_sync_off", setting="LEGACY_DATABASE")
        elif await app().usage.affords("profile_sync"):
            await app().jobs.open("profile_sync")
