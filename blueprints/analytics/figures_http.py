"""Figures of events and logins over HTTP (design/wire.md, Analytics; analytics-domain.md)."""

import hashlib
from typing import Final

import azure.functions as func
from pydantic import BaseModel

from shared.analytics.eventdays.schemas import EventMetrics, LiveEvent, LiveOrganization, MetricsQuery
from shared.analytics.heatmaps.schemas import Heatmap, HeatmapQuery
from shared.http.call import Answer, Call
from shared.http.endpoint import endpoint
from shared.kernel.errors import Invalid, NotFound, Unavailable
from shared.people.access import Role
from shared.wiring import app

bp = func.Blueprint()

_OWN: Final = "An organizer's own events, an operator's all. "
_POLL: Final = "Ask again with `If-None-Match`: 304 while nothing has changed."


@endpoint(
    bp,
    "GET",
    "analytics/events/{eventId}/metrics",
    role=Role.STAFF,
    summary="An event's figures by day.",
    description=_OWN
    + "Days end at 06:00 where the visitor is. Uniques are exact for signed-in people and estimated, with "
    "their bound, for visitors; those of the whole period are no sum of days.",
    query=MetricsQuery,
    answers={200: EventMetrics},
    errors=[NotFound, Invalid, Unavailable],
)
async def analytics_event_metrics(call: Call[None, MetricsQuery]) -> Answer:
    """Days, and all of them together."""
    asked = call.query
    return Answer(await app().event_figures.metrics(call.path["eventId"], asked, call.principal))


@endpoint(
    bp,
    "GET",
    "analytics/events/{eventId}/live",
    role=Role.STAFF,
    summary="An event now.",
    description=_OWN + _POLL,
    answers={200: LiveEvent},
    errors=[NotFound, Unavailable],
)
async def analytics_event_live(call: Call) -> Answer:
    """A snapshot."""
    return _versioned(await app().event_figures.live(call.path["eventId"], call.principal))


@endpoint(
    bp,
    "GET",
    "analytics/organizations/{id}/live",
    role=Role.STAFF,
    summary="An organization's events now.",
    description="An organizer's own, an operator's all; those with most views first. " + _POLL,
    answers={200: LiveOrganization},
    errors=[NotFound, Unavailable],
)
async def analytics_organization_live(call: Call) -> Answer:
    """Snapshots."""
    found = await app().event_figures.live_organization(call.path["id"], call.principal)
    return _versioned(found)


@endpoint(
    bp,
    "GET",
    "analytics/heatmaps",
    role=Role.STAFF,
    summary="When people log in.",
    description=(
        "168 cells of weekday and hour, each with how often it occurred in the period and the mean; and logins over time. "
        "`scope`: `all`, `city:<id>`, or `org:<id>` of one's own."
    ),
    query=HeatmapQuery,
    answers={200: Heatmap},
    errors=[NotFound, Invalid, Unavailable],
)
async def analytics_heatmaps(call: Call[None, HeatmapQuery]) -> Answer:
    """The cells."""
    return Answer(await app().heatmaps.of(call.query, call.principal))


def _versioned(body: BaseModel) -> Answer:
    """The answer with its content's version."""
    shown = body.model_dump_json(exclude={"as_of": True, "events": {"__all__": {"as_of"}}})
    return Answer(body, etag=hashlib.sha256(shown.encode()).hexdigest()[:16])
