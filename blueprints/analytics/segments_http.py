"""Cohorts and segments over HTTP: an organizer's own, an operator's all (design/wire.md, Analytics)."""

from typing import Final

import azure.functions as func

from shared.analytics.segments.schemas import (
    AudienceSegment,
    ChangeSegment,
    CreateSegment,
    DiffQuery,
    Estimate,
    EstimateCohort,
    SegmentDiff,
    SegmentList,
    SegmentsQuery,
)
from shared.http.call import Answer, Call
from shared.http.endpoint import endpoint
from shared.kernel.errors import (
    Conflict,
    Invalid,
    Malformed,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
)
from shared.people.access import Role
from shared.wiring import app

bp = func.Blueprint()

_FILTERS: Final = {
    "all": [
        {"attribute": "class.primary_level", "op": "eq", "value": "advanced"},
        {"attribute": "travel.unique_cities", "op": "gte", "value": 3},
        {"not": [{"attribute": "visits.last_at", "op": "before", "value": {"days_ago": 45}}]},
    ]
}
_SIZED: Final = {"exact": False, "bound": 25, "as_of": "2026-11-21T20:00:00Z"}
_SEGMENT: Final = {
    "id": "seg_01jd3k8m5v7q9x2r4t6w8y0z1a",
    "organization_id": "org_1",
    "segment_name": "Advanced travellers",
    "filters": _FILTERS,
    "size_estimate": 135,
    **_SIZED,
    "version": 1,
    "ready_made": False,
    "created_at": "2026-11-21T20:00:00Z",
    "updated_at": "2026-11-21T20:00:00Z",
}
_LIST: Final = {"items": [_SEGMENT], "ready_made": []}
_SHIELD: Final = (
    "An organizer hears sizes that give nobody away: nothing under 20, else rounded to 5; a cohort fewer than 20 people "
    "away from one asked for in the last 7 days has that one's size; and there are so many questions a day. Operators hear exact sizes."
)


@endpoint(
    bp,
    "POST",
    "analytics/cohorts/estimate",
    role=Role.STAFF,
    summary="Count the people that filters find.",
    description=_SHIELD,
    body=EstimateCohort,
    answers={200: Estimate},
    errors=[Invalid, NotFound],
    example={"filters": _FILTERS},
    answer_example={"count": 135, "exact": False, "bound": 25, "asOf": "2026-11-21T20:00:00Z"},
)
async def cohorts_estimate(call: Call[EstimateCohort]) -> Answer:
    """The number, how exact it is, and of when."""
    return Answer(await app().cohorts.estimate(call.principal, call.body))


@endpoint(
    bp,
    "GET",
    "analytics/segments",
    role=Role.STAFF,
    summary="List segments, newest first.",
    description="With the first page come the ready-made ones. Sizes are those of when each version was made.",
    query=SegmentsQuery,
    answers={200: SegmentList},
    errors=[Invalid, Malformed, NotFound],
    answer_example=_LIST,
)
async def segments_list(call: Call[None, SegmentsQuery]) -> Answer:
    """A page of segments."""
    return Answer(await app().segments.page(call.principal, call.query))


@endpoint(
    bp,
    "POST",
    "analytics/segments",
    role=Role.STAFF,
    summary="Create a segment.",
    description=f"Its filters are checked, its people counted and kept for comparisons. {_SHIELD}",
    body=CreateSegment,
    answers={201: AudienceSegment},
    errors=[Invalid, NotFound, Conflict],
    idempotency="optional",
    example={"segment_name": "Advanced travellers", "filters": _FILTERS},
    answer_example=_SEGMENT,
)
async def segments_create(call: Call[CreateSegment]) -> Answer:
    """The new segment, and where it is."""
    segment = await app().segments.create(call.principal, call.body, call.seed)
    location = {"Location": f"/api/analytics/segments/{segment.id}"}
    return Answer(segment, status=201, headers=location, etag=str(segment.version))


@endpoint(
    bp,
    "GET",
    "analytics/segments/{id}",
    role=Role.STAFF,
    summary="Read a segment and count its people now.",
    description=f"An organizer's look is one of the day's questions. {_SHIELD}",
    answers={200: AudienceSegment},
    errors=[NotFound, Invalid],
    answer_example=_SEGMENT,
)
async def segments_get(call: Call) -> Answer:
    """The segment; an earlier version's people do not change with it."""
    return Answer(await app().segments.get(call.principal, call.path["id"]))


@endpoint(
    bp,
    "PATCH",
    "analytics/segments/{id}",
    role=Role.STAFF,
    summary="Make the next version of a segment.",
    description="What is left out stays; earlier versions stay as they were. `If-Match` names the version that it follows.",
    body=ChangeSegment,
    answers={200: AudienceSegment},
    errors=[Invalid, NotFound, Conflict, PreconditionFailed, PreconditionRequired],
    if_match=True,
    example={"segment_name": "Advanced travellers, lately seen"},
    answer_example={**_SEGMENT, "version": 2},
)
async def segments_change(call: Call[ChangeSegment]) -> Answer:
    """The segment as it is now."""
    segment = await app().segments.change(call.principal, call.path["id"], call.body, if_match=call.if_match)
    return Answer(segment, etag=str(segment.version))


@endpoint(
    bp,
    "GET",
    "analytics/segments/{id}/versions",
    role=Role.STAFF,
    summary="List a segment's versions, newest first.",
    query=SegmentsQuery,
    answers={200: SegmentList},
    errors=[Invalid, Malformed, NotFound],
    answer_example=_LIST,
)
async def segments_versions(call: Call[None, SegmentsQuery]) -> Answer:
    """A page of versions."""
    return Answer(await app().segments.versions(call.principal, call.path["id"], call.query))


@endpoint(
    bp,
    "GET",
    "analytics/segments/{id}/diff",
    role=Role.STAFF,
    summary="Compare two versions of a segment: who joined, who left, and why, in numbers.",
    description=(
        "Versions are compared as they were when they were made; without `to`, the latest one's people of now are: the drift "
        f"that a send would meet. For an organizer it is four of the day's questions. {_SHIELD}"
    ),
    query=DiffQuery,
    answers={200: SegmentDiff},
    errors=[Invalid, NotFound],
    answer_example={
        "from": 1,
        "to": 2,
        "before": {"count": 135, **_SIZED},
        "after": {"count": 110, **_SIZED},
        "joined": {"under": 20, **_SIZED},
        "left": {"count": 30, **_SIZED},
        "alarming": True,
        "why": [{"side": "left", "pointer": "/filters/all/1", "attribute": "travel.unique_cities"}],
    },
)
async def segments_diff(call: Call[None, DiffQuery]) -> Answer:
    """The difference."""
    return Answer(await app().segment_diffs.between(call.principal, call.path["id"], call.query))
