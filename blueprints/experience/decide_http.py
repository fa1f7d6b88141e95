"""The decision over HTTP (design/wire.md, Experience; messaging-platform.md §5.2)."""

from typing import Final

import azure.functions as func

from shared.experience.decide.schemas import DecideAnswer, DecideQuery, DecideRequest
from shared.http.call import Answer, Call
from shared.http.endpoint import endpoint
from shared.kernel.errors import Forbidden, Invalid, Malformed, Unavailable
from shared.people.access import Role
from shared.wiring import app

bp = func.Blueprint()

_BODY: Final = {
    "releaseId": "2025.11.0",
    "featureFlags": ["map"],
    "visitorId": "01JD3K8M5V7Q9X2R4T6W8Y0Z1A",
    "locale": "es-AR",
    "timezone": "America/Argentina/Buenos_Aires",
    "page": "/calendar",
    "channels": ["modal", "helper", "banner", "snackbar", "toast"],
}
_ANSWER: Final = {
    "decisionId": "dec_01jd3k8m5v7q9x2r4t6w8y0z1a",
    "personType": "ip",
    "messages": [
        {
            "deliveryId": "d_4kq2w7h3x5m6n2p4r6t3v5x7z2",
            "ackToken": "d_4kq2w7h3x5m6n2p4r6t3v5x7z2.1762164600000.signature",
            "campaignId": "c_01jd3k8m5v7q9x2r4t6w8y0z1b",
            "campaignVersion": 3,
            "type": "upgrade",
            "channel": "modal",
            "priority": 200,
            "content": {
                "title": "The floor has been polished",
                "body": "Find a milonga on the map, wherever you are tonight.",
                "cta": "Show me",
                "link": "/map",
                "severity": "info",
                "steps": [],
            },
            "reason": {"code": "release", "text": "Because the site has changed since your last visit"},
            "expiresAt": "2025-11-03T10:10:00Z",
        }
    ],
    "nextCheckInSeconds": 600,
}


@endpoint(
    bp,
    "POST",
    "experience/decide",
    role=Role.ANONYMOUS,
    summary="Decide what to show now.",
    description=(
        "At most three messages, one per channel and one modal or helper among them. Each stays reserved for this "
        "reader until its `expiresAt`; report it as `seen` when it appears. Ask again after `nextCheckInSeconds`. "
        "`explain=true` adds the trace: of every campaign, each check with the values it compared. Admins get every "
        "campaign's, organizers that of their own."
    ),
    body=DecideRequest,
    query=DecideQuery,
    answers={200: DecideAnswer},
    errors=[Invalid, Malformed, Forbidden, Unavailable],
    event="message_decision",
    example=_BODY,
    answer_example=_ANSWER,
)
async def experience_decide(call: Call[DecideRequest, DecideQuery]) -> Answer:
    """The decision."""
    answer = await app().decisions.decide(
        call.body, call.principal, address=call.address, explain=call.query.explain
    )
    return Answer(answer)
