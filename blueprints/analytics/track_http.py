"""Events over HTTP (design/wire.md, Analytics; messaging-platform.md §16.3)."""

from typing import Final

import azure.functions as func

from shared.analytics.intake.schemas import TrackAnswer, TrackRequest
from shared.analytics.intake.service import SCOPE
from shared.http.call import Answer, Call
from shared.http.endpoint import endpoint
from shared.kernel.errors import Forbidden, Invalid, Malformed, Unavailable
from shared.people.access import Role
from shared.wiring import app

bp = func.Blueprint()

_BODY: Final = {
    "visitorId": "01JD3K8M5V7Q9X2R4T6W8Y0Z1A",
    "events": [
        {
            "eventId": "6f1d2a4e-view-1",
            "eventType": "view",
            "metadata": {
                "eventId": "ev_milonga_del_angel",
                "organizerId": "org_angel",
                "timezone": "America/Argentina/Buenos_Aires",
            },
        }
    ],
}
_ANSWER: Final = {
    "accepted": 1,
    "items": [{"index": 0, "eventId": "6f1d2a4e-view-1", "status": "accepted"}],
}


@endpoint(
    bp,
    "POST",
    "track",
    role=Role.ANONYMOUS,
    summary="Tell what happened.",
    description=(
        "Up to 500 events. Each is taken or refused on its own: `server_only` (purchases, refunds, seats and whom messages reached come from servers), "
        "`person_missing`, `not_yours`, `too_old` (72 hours), `too_new` (5 minutes), `invalid_metadata`. An event with an "
        "`eventId` may be sent again; it counts once. Browsers speak for themselves: their token or visitor says who they "
        "are. Servers name a `personKey` and need a key with the scope `track`."
    ),
    scope=SCOPE,
    body=TrackRequest,
    answers={202: TrackAnswer},
    errors=[Invalid, Malformed, Forbidden, Unavailable],
    event="events_tracked",
    example=_BODY,
    answer_example=_ANSWER,
)
async def track(call: Call[TrackRequest]) -> Answer:
    """What became of each event."""
    answer = await app().tracking.track(
        call.body, call.principal, address=call.address, user_agent=call.user_agent
    )
    return Answer(answer, status=202)
