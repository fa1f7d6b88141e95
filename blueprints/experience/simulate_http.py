"""Simulations over HTTP (design/wire.md, Experience; docs/explain.md)."""

from typing import Final

import azure.functions as func

from shared.experience.simulate.schemas import SimulateRequest, Simulation
from shared.http.call import Answer, Call
from shared.http.endpoint import endpoint
from shared.kernel.errors import Conflict, Invalid, Malformed, NotFound, TooManyRequests, Unavailable
from shared.people.access import Role
from shared.wiring import app

bp = func.Blueprint()

_ALL: Final = {"value": 1240, "text": "1240"}
_LEFT: Final = {"value": 310, "text": "310"}
_EXAMPLE: Final = {
    "campaignId": "c_01jd3k8m5v7q9x2r4t6w8y0z1b",
    "basedOnVersion": 3,
    "at": "2025-11-03T10:00:00Z",
    "sample": {
        "profiles": _ALL,
        "population": _ALL,
        "exact": True,
        "confidence": 0.95,
        "method": "wilson_score",
    },
    "waterfall": [
        {
            "check": "audience",
            "lost": {"value": 930, "text": "930"},
            "left": _LEFT,
            "reasons": [{"reason": "audience", "lost": {"value": 930, "text": "930"}}],
        }
    ],
    "wouldSee": _LEFT,
    "firstDay": {"value": 41, "text": "41"},
    "examples": ["uid-of-somebody"],
    "cost": {
        "perMessage": {"reads": 2, "writes": 5},
        "firstDay": {"reads": 82, "writes": 205},
        "everybody": {"reads": 620, "writes": 1550},
        "simulation": {"reads": 1243, "writes": 0},
    },
}


@endpoint(
    bp,
    "POST",
    "messages/campaigns/{id}/simulate",
    role=Role.ORGANIZER,
    summary="Try a campaign on the real profiles before anybody sees it.",
    description=(
        "As if it were active: what each check would lose, how many would see it, how many on the first day, and what that "
        "costs. `campaign` tries changes without storing them. Beyond `SIMULATION_PROFILES` profiles a stratified sample "
        "is read, the same for the same campaign, and figures carry their 95 % bounds (Wilson's score interval). Admins get "
        "exact figures and a few keys of signed-in people; organizers get figures rounded to 5, below 20 none. "
        "While the day's budget of store operations is spent: 503 `budget_spent` (docs/operations.md)."
    ),
    body=SimulateRequest,
    answers={200: Simulation},
    errors=[Invalid, Malformed, NotFound, Conflict, TooManyRequests, Unavailable],
    event="campaign_simulation",
    example={"campaign": {"scheduling": {"maxDeliveriesPerUser": 2}}, "page": {"releaseId": "2025.11.0"}},
    answer_example=_EXAMPLE,
)
async def campaigns_simulate(call: Call[SimulateRequest]) -> Answer:
    """The simulation."""
    return Answer(await app().simulations.simulate(call.principal, call.path["id"], call.body))
