"""Figures of events and logins over HTTP (design/wire.md, Analytics; analytics-domain.md)."""

import hashlib
from typing import Final

import azure.functions as func
from pydantic import BaseModel

from shared.analytics.eventdays.schemas import EventMetrics, LiveEvent, LiveOrganization, MetricsQuery
from shared.analytics.heatmaps.schemas import Heatmap, HeatmapQuery
from shared.analytics.reactivation.schemas import Reactivation, ReactivationQuery
from shared.http.call import Answer, Call
from shared.http.endpoint import endpoint
from shared.kernel.errors import Invalid, NotFound, TooManyRequests, Unavailable
from shared.people.access import Role
from shared.wiring import app

bp = func.Blueprint()

_AS_OF: Final = "2026-11-21T20:00:00Z"
_METRIC: Final = {
    "event_id": "ev_1",
    "organization_id": "org_1",
    "date": "2026-11-21",
    "views": 420,
    "add_to_cart": 60,
    "checkouts_started": 41,
    "tickets_sold": 35,
    "refunds": 1,
    "revenue": 52500,
    "currency": "EUR",
    "revenue_by_currency": {"EUR": 52500},
    "conversion_rate": 0.1,
    "checkins": 0,
    "rsvps": 12,
    "occupancy": 0.35,
    "unique_viewers": {"value": 310, "exact": False, "low": 303, "high": 318},
    "unique_buyers": {"value": 31, "exact": True, "low": 31, "high": 31},
    "suspected_bots": {"user_agent": 14},
    "as_of": _AS_OF,
}
_METRICS: Final = {"items": [_METRIC], "total": _METRIC, "as_of": _AS_OF, "lag_seconds": 42}
_LIVE: Final = {
    "event_id": "ev_1",
    "organization_id": "org_1",
    "date": "2026-11-21",
    "views": 420,
    "add_to_cart": 60,
    "active_checkouts": 3,
    "tickets_sold": 35,
    "revenue_by_currency": {"EUR": 52500},
    "seats_taken": 35,
    "seats": 100,
    "occupancy": 0.35,
    "exact": True,
    "as_of": _AS_OF,
    "lag_seconds": 3,
}
_ALL_LIVE: Final = {
    "organization_id": "org_1",
    "events": [_LIVE],
    "exact": True,
    "as_of": _AS_OF,
    "lag_seconds": 3,
}
_HEATMAP: Final = {
    "scope": "all",
    "granularity": "weekly",
    "firstDay": "2026-10-22",
    "lastDay": "2026-11-21",
    "cells": [{"weekday": 5, "hour": 22, "logins": 130, "occurrences": 5, "mean": 26.0}],
    "series": [{"start": "2026-11-16", "logins": 940}],
    "exact": True,
    "asOf": _AS_OF,
    "lagSeconds": 42,
}
_BACK: Final = {
    "organizationId": "org_1",
    "firstDay": "2026-10-08",
    "lastDay": "2026-11-06",
    "withinDays": 14,
    "dormantDays": 30,
    "reached": {
        "dormant": {"value": 240, "text": "240"},
        "returned": {"value": 60, "text": "60"},
        "rate": {"value": 0.25, "low": 0.1994, "high": 0.3085},
    },
    "comparison": {
        "dormant": {"value": 800, "text": "800"},
        "returned": {"value": 80, "text": "80"},
        "rate": {"value": 0.1, "low": 0.0811, "high": 0.1227},
    },
    "difference": {"value": 0.15, "low": 0.0946, "high": 0.2115},
    "complete": True,
    "exact": False,
    "bound": 25,
    "asOf": _AS_OF,
    "lagSeconds": 42,
}
_OWN: Final = "An organizer's own events, an operator's all. "
_POLL: Final = (
    "Ask again with `If-None-Match`: 304 while nothing has changed. Where the installation has Azure Web PubSub, `socket` is where the "
    "same snapshots come by themselves."
)


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
    answer_example=_METRICS,
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
    answer_example=_LIVE,
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
    answer_example=_ALL_LIVE,
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
    answer_example=_HEATMAP,
)
async def analytics_heatmaps(call: Call[None, HeatmapQuery]) -> Answer:
    """The cells."""
    return Answer(await app().heatmaps.of(call.query, call.principal))


@endpoint(
    bp,
    "GET",
    "analytics/reactivation",
    role=Role.STAFF,
    summary="Who came back after a message, of those who had stayed away.",
    description=(
        "People who had been away for 30 days when a message reached their inbox or device, and those whom none reached, each with as many days "
        "to come back in; shares with the interval they lie in but for chance. Nobody was left out by lot: the difference is a hint, no proof. "
        "An organizer's own messages, with sizes that give nobody away; an operator's all."
    ),
    query=ReactivationQuery,
    answers={200: Reactivation},
    errors=[NotFound, Invalid, TooManyRequests, Unavailable],
    answer_example=_BACK,
)
async def analytics_reactivation(call: Call[None, ReactivationQuery]) -> Answer:
    """Both groups, and how they differ."""
    return Answer(await app().reactivations.of(call.query, call.principal))


def _versioned(body: BaseModel) -> Answer:
    """The answer with its content's version."""
    aging = {"as_of", "lag_seconds", "socket"}
    shown = body.model_dump_json(exclude={**dict.fromkeys(aging, True), "events": {"__all__": aging}})
    return Answer(body, etag=hashlib.sha256(shown.encode()).hexdigest()[:16])
