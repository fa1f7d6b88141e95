"""Funnels over HTTP: an organizer's own, an operator's all (design/wire.md, Analytics)."""

from typing import Final

import azure.functions as func

from shared.analytics.funnels.models import Funnel
from shared.analytics.funnels.schemas import (
    CreateFunnel,
    FunnelList,
    FunnelResults,
    FunnelsQuery,
    PeopleQuery,
    PersonList,
    ResultsQuery,
)
from shared.http.call import Answer, Call
from shared.http.endpoint import endpoint
from shared.kernel.errors import Conflict, Invalid, Malformed, NotFound
from shared.people.access import Role
from shared.wiring import app

bp = func.Blueprint()

_BODY: Final = {
    "name": "From a look to a ticket",
    "steps": [
        {"event_type": "view"},
        {"event_type": "cart_add"},
        {"event_type": "checkout_start"},
        {"event_type": "purchase"},
    ],
}
_SHAPE: Final = {**_BODY, "order": "sequential", "window_seconds": 604800, "exclusions": []}
_FUNNEL: Final = {
    **_SHAPE,
    "steps": [{**step, "where": {}} for step in _BODY["steps"] if isinstance(step, dict)],
    "id": "fun_01jd3k8m5v7q9x2r4t6w8y0z1a",
    "organization_id": "org_1",
    "created_at": "2026-11-21T20:00:00Z",
}


@endpoint(
    bp,
    "GET",
    "analytics/funnels",
    role=Role.STAFF,
    summary="List funnels, newest first.",
    query=FunnelsQuery,
    answers={200: FunnelList},
    errors=[Invalid, Malformed, NotFound],
    answer_example={"items": [_FUNNEL]},
)
async def funnels_list(call: Call[None, FunnelsQuery]) -> Answer:
    """A page of funnels."""
    return Answer(await app().funnels.page(call.principal, call.query))


@endpoint(
    bp,
    "POST",
    "analytics/funnels",
    role=Role.STAFF,
    summary="Create a funnel.",
    description=(
        "Events are taken in the order of their time in milliseconds, their `sequence` and their id; those of the same time follow "
        "each other. An event counts for one step. An organizer's funnel sees events of their own organization. It never changes."
    ),
    body=CreateFunnel,
    answers={201: Funnel},
    errors=[Invalid, NotFound, Conflict],
    idempotency="optional",
    example=_BODY,
    answer_example=_FUNNEL,
)
async def funnels_create(call: Call[CreateFunnel]) -> Answer:
    """The new funnel, and where its results are."""
    funnel = await app().funnels.create(call.principal, call.body, call.seed)
    location = {"Location": f"/api/analytics/funnels/{funnel.id}/results"}
    return Answer(funnel, status=201, headers=location)


@endpoint(
    bp,
    "GET",
    "analytics/funnels/{id}/results",
    role=Role.STAFF,
    summary="How many people reached each step of a funnel, and how long it took them.",
    query=ResultsQuery,
    answers={200: FunnelResults},
    errors=[Invalid, NotFound],
    answer_example={
        "funnel_id": "fun_01jd3k8m5v7q9x2r4t6w8y0z1a",
        "from": "2026-11-15T00:00:00Z",
        "to": "2026-11-22T00:00:00Z",
        "steps": [
            {"name": "view", "event_type": "view", "people": 400, "conversion_rate": 1.0},
            {"name": "purchase", "event_type": "purchase", "people": 60, "conversion_rate": 0.15},
        ],
        "conversion_rate": 0.15,
        "excluded": 0,
        "exact": True,
        "bound": 0,
        "as_of": "2026-11-21T20:00:00Z",
        "lag_seconds": 40,
    },
)
async def funnels_results(call: Call[None, ResultsQuery]) -> Answer:
    """The figures of all steps."""
    return Answer(await app().funnels.results(call.principal, call.path["id"], call.query))


@endpoint(
    bp,
    "GET",
    "analytics/funnels/{id}/people",
    role=Role.OPERATOR,
    summary="The people behind a number of a funnel.",
    query=PeopleQuery,
    answers={200: PersonList},
    errors=[Invalid, Malformed, NotFound],
    answer_example={"items": ["uid-of-somebody"]},
)
async def funnels_people(call: Call[None, PeopleQuery]) -> Answer:
    """A page of keys: as many in all as the step says."""
    return Answer(await app().funnels.people(call.principal, call.path["id"], call.query))
