"""Bodies of the segment routes: ``AudienceSegment`` in snake_case (analytics-domain.md §2), the estimate in camelCase (design/wire.md)."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from shared.analytics.segments.schema import Filters
from shared.kernel.pagination import DEFAULT_LIMIT, MAX_LIMIT
from shared.kernel.texts import readable
from shared.kernel.wire import Moment, Snake, Wire

SegmentName = Annotated[str, Field(min_length=1, max_length=120), AfterValidator(readable)]
OrganizationId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
Limit = Annotated[int, Field(ge=1, le=MAX_LIMIT)]


class EstimateCohort(Wire):
    """Who to count. ``organizationId``: for whom an organizer asks, needed when they speak for several."""

    filters: Filters
    organization_id: OrganizationId | None = None


class Estimate(Wire):
    """How many people there are: ``count``, or ``under`` when it is fewer and may not be told; off by ``bound`` at most."""

    count: int | None = None
    under: int | None = None
    exact: bool
    bound: int
    as_of: Moment


class Size(Snake):
    """How many people there were at ``as_of``: ``count``, or ``under`` when it is fewer and may not be told."""

    count: int | None = None
    under: int | None = None
    exact: bool
    bound: int
    as_of: Moment


class CreateSegment(Snake):
    """A new segment. Organizers name an organization of theirs; an operator may leave it out for one of the site's own."""

    organization_id: OrganizationId | None = None
    segment_name: SegmentName
    filters: Filters


def _absent() -> Any:
    """Stands where a body has no such field; a factory, so that an explicit null is still refused."""
    return None


class ChangeSegment(Snake):
    """What the next version has; what is left out stays."""

    segment_name: SegmentName = Field(default_factory=_absent)
    filters: Filters = Field(default_factory=_absent)


class AudienceSegment(Snake):
    """One version of a segment.

    ``size_estimate`` is how many people it had at ``as_of``; left out when there were fewer than ``size_under``, or when nobody counted.
    """

    id: str
    organization_id: str | None = None
    segment_name: str
    filters: Filters
    size_estimate: int | None = None
    size_under: int | None = None
    exact: bool | None = None
    bound: int | None = None
    as_of: Moment | None = None
    version: int
    ready_made: bool
    created_at: Moment
    updated_at: Moment


class SegmentList(Snake):
    """A page of segments, newest first; the ready-made ones are on the first page, beside."""

    items: list[AudienceSegment]
    ready_made: list[AudienceSegment] | None = None
    next_cursor: str | None = None


class SegmentsQuery(Snake):
    """Which page."""

    organization_id: OrganizationId | None = Field(default=None, description="Only this organization's.")
    cursor: Annotated[str, Field(max_length=1000)] | None = None
    limit: Limit = DEFAULT_LIMIT


class DiffQuery(Snake):
    """Two versions; without ``to`` the present people of the latest version, as a send would find them."""

    from_: Annotated[int, Field(alias="from", ge=1, le=1_000_000, description="The earlier version.")]
    to: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(
        default=None, description="The later version; left out: the people of now."
    )


class Reason(Snake):
    """A comparison that people who joined did not meet before, or who left do not meet now.

    ``pointer`` says where in the filters it stands: of the earlier version for ``joined``, of the later one for ``left``. ``/``:
    the people changed, and the filters would hold of them either way. ``people`` is for operators.
    """

    side: Literal["joined", "left"]
    pointer: str
    attribute: str | None = None
    people: int | None = None


class SegmentDiff(Snake):
    """What changed between two versions. ``alarming``: more than a fifth of the people came or went."""

    from_: Annotated[int, Field(alias="from")]
    to: int
    before: Size
    after: Size
    joined: Size
    left: Size
    alarming: bool
    why: list[Reason]
