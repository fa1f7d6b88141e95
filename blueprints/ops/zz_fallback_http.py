"""What no other route takes. Its name sorts last, because the host takes the first match in order of names."""

import azure.functions as func

from shared.http.fallback import answer_unrouted
from shared.http.middleware import surround

bp = func.Blueprint()


@bp.function_name("zz_fallback")
@bp.route(
    route="{*path}",
    trigger_arg_name="req",
    methods=["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"],
    auth_level=func.AuthLevel.ANONYMOUS,
)
async def zz_fallback(req: func.HttpRequest) -> func.HttpResponse:
    """A preflight, a wrong method, or nothing at all."""
    return await surround(req, "zz_fallback", answer_unrouted)
