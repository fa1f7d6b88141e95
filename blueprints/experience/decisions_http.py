"""Kept decisions over HTTP (design/wire.md, Experience; docs/explain.md)."""

from typing import Final

import azure.functions as func

from shared.experience.history.schemas import DecisionQuery, KeptDecision
from shared.http.call import Answer, Call
from shared.http.endpoint import endpoint
from shared.kernel.errors import Invalid, NotFound
from shared.people.access import Role
from shared.wiring import app

bp = func.Blueprint()

_WINDOW: Final = {
    "check": "window",
    "passed": False,
    "reason": "not_started",
    "until": "2025-11-04T10:00:00Z",
    "wanted": {"startAt": "2025-11-04T10:00:00Z", "endAt": None},
    "actual": {"now": "2025-11-03T10:00:00Z"},
    "comparisons": [],
}
_OPEN: Final = {
    **_WINDOW,
    "passed": True,
    "reason": "open",
    "until": None,
    "actual": {"now": "2025-11-05T09:00:00Z"},
}
_CAMPAIGN: Final = "c_01jd3k8m5v7q9x2r4t6w8y0z1b"
_EXAMPLE: Final = {
    "decisionId": "dec_01jd3k8m5v7q9x2r4t6w8y0z1a",
    "at": "2025-11-03T10:00:00Z",
    "expiresAt": "2025-11-10T10:00:00Z",
    "why": "explained",
    "personType": "ip",
    "asked": {
        "releaseId": "2025.11.0",
        "featureFlags": ["map"],
        "locale": "es-AR",
        "timezone": "America/Argentina/Buenos_Aires",
        "page": "/calendar",
        "geo": {},
        "channels": ["banner", "modal"],
    },
    "messages": [],
    "nextCheckInSeconds": 86400,
    "exact": True,
    "missing": [],
    "trace": [
        {
            "campaignId": _CAMPAIGN,
            "campaignVersion": 3,
            "shown": False,
            "check": "window",
            "reason": "not_started",
            "until": "2025-11-04T10:00:00Z",
            "checks": [_WINDOW],
        }
    ],
    "difference": {
        "at": "2025-11-05T09:00:00Z",
        "campaigns": [],
        "person": [
            {
                "campaignId": _CAMPAIGN,
                "then": {
                    "campaignVersion": 3,
                    "shown": False,
                    "channel": None,
                    "check": "window",
                    "reason": "not_started",
                },
                "now": {
                    "campaignVersion": 3,
                    "shown": True,
                    "channel": "modal",
                    "check": "channel",
                    "reason": "shown",
                },
                "checks": [{"check": "window", "then": _WINDOW, "now": _OPEN}],
            }
        ],
    },
}


@endpoint(
    bp,
    "GET",
    "experience/decisions/{decisionId}",
    role=Role.ORGANIZER,
    summary="Explain a decision of the last 7 days, and compare it with today.",
    description=(
        "Kept are decisions that showed something, those that were explained and a small share of the rest. The trace is "
        "made again with the campaigns of that moment; `exact` says that it came out the same. `replay=now` adds what would "
        "be otherwise: with today's campaigns, and for the person as they are today. Admins see everything; organizers "
        "their own campaigns, without what was found out about the person."
    ),
    query=DecisionQuery,
    answers={200: KeptDecision},
    errors=[Invalid, NotFound],
    answer_example=_EXAMPLE,
)
async def experience_decision(call: Call[None, DecisionQuery]) -> Answer:
    """The decision."""
    found = await app().history.get(
        call.principal, call.path["decisionId"], with_today=call.query.replay is not None
    )
    return Answer(found)
