"""Bodies of the funnel routes, in snake_case as the analytics document writes."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from shared.analytics.funnels.models import Funnel, FunnelShape
from shared.kernel.pagination import DEFAULT_LIMIT, MAX_LIMIT
from shared.kernel.texts import readable
from shared.kernel.wire import Moment, Snake

Ident = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
Limit = Annotated[int, Field(ge=1, le=MAX_LIMIT)]
Cursor = Annotated[str, Field(max_length=1000)]


class CreateFunnel(FunnelShape):
    """A new funnel. Organizers name an organization of theirs; an operator may leave it out for one over everything."""

    organization_id: Ident | None = None
    name: Annotated[str, Field(min_length=1, max_length=120), AfterValidator(readable)]


class FunnelList(Snake):
    """A page of funnels, newest first."""

    items: list[Funnel]
    next_cursor: str | None = None


class FunnelsQuery(Snake):
    """Which page."""

    organization_id: Ident | None = Field(default=None, description="Only this organization's.")
    cursor: Cursor | None = None
    limit: Limit = DEFAULT_LIMIT


class ResultsQuery(Snake):
    """Which attempts: those that begin on these days (UTC), the last 7 by default, at most 92."""

    from_: date | None = Field(
        default=None, alias="from", description="The first day (UTC), 6 days before `to` by default."
    )
    to: date | None = Field(default=None, description="The last day (UTC), today by default.")
    event_id: Ident | None = Field(default=None, description="Only what is about this event.")


class PeopleQuery(ResultsQuery):
    """Who: those who reached a step, or who reached the one before and went no further."""

    step: Annotated[int, Field(ge=1, le=8, description="The step, counted from 1.")]
    part: Literal["reached", "dropped"] = Field(
        default="reached", description="`reached` the step, or `dropped` before it."
    )
    cursor: Cursor | None = None
    limit: Limit = DEFAULT_LIMIT


class StepResult(Snake):
    """One step. Rates are shares of step 1 and of the step before; times are medians in milliseconds, from the step before and from step 1."""

    name: str
    event_type: str
    people: int
    conversion_rate: float | None = None
    step_conversion_rate: float | None = None
    median_ms: int | None = None
    median_total_ms: int | None = None


class GroupResult(Snake):
    """The steps of the people whose first step has one value; groups under 20 people are part of `other`."""

    value: str
    steps: list[StepResult]


class FunnelResults(Snake):
    """How far people came. ``excluded`` people are in no step. Made anew from the events for each question, hence exact;
    ``lag_seconds`` is how old the latest of these events is.
    """

    funnel_id: str
    from_: Annotated[Moment, Field(alias="from")]
    to: Moment
    steps: list[StepResult]
    conversion_rate: float | None = None
    excluded: int
    breakdown: list[GroupResult] | None = None
    exact: bool
    bound: int
    as_of: Moment
    lag_seconds: int | None = None


class PersonList(Snake):
    """Keys of people, ascending."""

    items: list[str]
    next_cursor: str | None = None
