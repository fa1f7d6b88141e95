"""Segments for organizers and operators: every change makes a version, and no version ever changes (analytics-domain.md §6)."""

from dataclasses import replace
from typing import Any

from shared.analytics.access import asking_for, sees, sees_all
from shared.analytics.segments.estimates import Cohorts, shielded
from shared.analytics.segments.filters import parse
from shared.analytics.segments.models import MAX_SEGMENTS, READY_MADE, Segment
from shared.analytics.segments.repository import Pinned, SegmentRepository
from shared.analytics.segments.schemas import (
    AudienceSegment,
    ChangeSegment,
    CreateSegment,
    SegmentList,
    SegmentsQuery,
    Size,
)
from shared.kernel.clock import Clock
from shared.kernel.errors import Conflict, NotFound, PreconditionFailed, PreconditionRequired
from shared.kernel.ids import IdSource, hashed_id
from shared.kernel.pagination import Cursors, Page
from shared.people.access import Principal


class Segments:
    """Definitions of segments, and how many people they had when they were made."""

    def __init__(
        self,
        segments: SegmentRepository,
        cohorts: Cohorts,
        clock: Clock,
        ids: IdSource,
        cursors: Cursors,
    ) -> None:
        self._segments = segments
        self._cohorts = cohorts
        self._clock = clock
        self._ids = ids
        self._cursors = cursors

    async def page(self, principal: Principal, query: SegmentsQuery) -> SegmentList:
        """Segments of the caller's organizations, newest first; an operator's are everybody's. Raises NotFound, Malformed."""
        wanted: set[str] | None = {query.organization_id} if query.organization_id else None
        if query.organization_id is not None and not sees(principal, query.organization_id):
            raise NotFound(code="organizer_not_found")
        if wanted is None and not sees_all(principal):
            wanted = set(principal.organizer_ids)
        text = f"segments|{sorted(wanted) if wanted is not None else '*'}"
        after = self._cursors.decode(query.cursor, query=text)
        found: Page[Segment] = Page([])
        if wanted is None or wanted:
            found = await self._segments.page(limit=query.limit, after=after, organizations=wanted)
        return SegmentList(
            items=[shown(each) for each in found.items],
            ready_made=[shown(each) for each in READY_MADE.values()] if after is None else None,
            next_cursor=self._cursors.encode(found.position, query=text),
        )

    async def create(self, principal: Principal, body: CreateSegment, seed: str | None) -> AudienceSegment:
        """A new segment, counted once. Raises Invalid, NotFound, Conflict ``too_many_segments``, TooManyRequests, Unavailable.

        ``seed``: the caller's Idempotency-Key; the same one makes the same segment.
        """
        parse(body.filters, "/filters")
        owner = asking_for(principal, body.organization_id)
        ident = hashed_id("seg", seed) if seed else self._ids.new("seg")
        before = await self._segments.get(ident) if seed else None
        if before is not None:
            return shown(before)
        if owner is not None and await self._segments.count(owner) >= MAX_SEGMENTS:
            raise Conflict(f"There are {MAX_SEGMENTS} segments already.", code="too_many_segments")
        now = self._clock.now()
        segment = await self._counted(Segment(ident, owner, body.segment_name, body.filters, 1, now, now))
        await self._segments.create(segment)
        return shown(segment)

    async def get(self, principal: Principal, ident: str) -> AudienceSegment:
        """A segment with the people it has now. Raises NotFound, TooManyRequests, Unavailable."""
        segment = await self.own(principal, ident)
        found = await self._cohorts.find(segment.tree())
        owner = None if sees_all(principal) else segment.organization_id or asking_for(principal, None)
        return shown(segment, await self._cohorts.size(owner, found))

    async def change(
        self, principal: Principal, ident: str, body: ChangeSegment, *, if_match: str | None
    ) -> AudienceSegment:
        """The next version; a change that changes nothing makes none.

        Raises NotFound, Invalid, Conflict ``segment_ready_made``, PreconditionRequired, PreconditionFailed, TooManyRequests.
        """
        segment = await self.own(principal, ident)
        if segment.ready:
            raise Conflict(
                "Ready-made segments stay as they are; make one of your own.", code="segment_ready_made"
            )
        if if_match is None:
            raise PreconditionRequired("Name the version you change in If-Match.")
        given: dict[str, Any] = body.model_dump(exclude_unset=True)
        parse(given.get("filters", segment.filters), "/filters")
        name = given.get("segment_name", segment.name)
        changed = replace(segment, name=name, filters=given.get("filters", segment.filters))
        # a change whose answer was lost comes again, and finds itself
        if changed == segment and if_match in (str(segment.version), str(segment.version - 1)):
            return shown(segment)
        if if_match != str(segment.version):
            raise PreconditionFailed("It was changed since; read it again.")
        # a worker that died here before has left the version without its copy
        await self._segments.keep_version(segment)
        after = await self._counted(
            replace(changed, version=segment.version + 1, updated_at=self._clock.now())
        )
        if not await self._segments.replace(after):
            raise PreconditionFailed("It was changed since; read it again.")
        return shown(after)

    async def versions(self, principal: Principal, ident: str, query: SegmentsQuery) -> SegmentList:
        """Versions, newest first. Raises NotFound, Malformed."""
        segment = await self.own(principal, ident)
        if segment.ready:
            return SegmentList(items=[shown(segment)])
        await self._segments.keep_version(segment)
        text = f"segment versions|{ident}"
        after = self._cursors.decode(query.cursor, query=text)
        found = await self._segments.versions(ident, limit=query.limit, after=after)
        return SegmentList(
            items=[shown(each) for each in found.items],
            next_cursor=self._cursors.encode(found.position, query=text),
        )

    async def own(self, principal: Principal, ident: str) -> Segment:
        """A segment that the caller may see. Raises NotFound."""
        if ident in READY_MADE:
            return READY_MADE[ident]
        segment = await self._segments.get(ident)
        if segment is None or not sees(principal, segment.organization_id):
            raise NotFound
        return segment

    async def _counted(self, segment: Segment) -> Segment:
        """The version with its size, its people kept for comparisons."""
        found = await self._cohorts.find(segment.tree())
        size = await self._cohorts.size(segment.organization_id, found)
        made = Pinned(
            made_id(segment.id, segment.version), segment.id, segment.version, found.as_of, found.members
        )
        await self._segments.pin(made)
        return replace(segment, size=size.count, sized_at=found.as_of)


def made_id(ident: str, version: int) -> str:
    """Under which id the people are pinned that a version had when it was made."""
    return f"made/{ident}/{version}"


def shown(segment: Segment, size: Size | None = None) -> AudienceSegment:
    """A segment on the wire, with a size of now or that of when the version was made."""
    if size is None and segment.sized_at is not None:
        size = shielded(segment.size, segment.sized_at)
        if segment.organization_id is None:
            size = Size(count=segment.size, exact=True, bound=0, as_of=segment.sized_at)
    return AudienceSegment(
        id=segment.id,
        organization_id=segment.organization_id,
        segment_name=segment.name,
        filters=dict(segment.filters),
        size_estimate=size and size.count,
        size_under=size and size.under,
        exact=size and size.exact,
        bound=size and size.bound,
        as_of=size and size.as_of,
        version=segment.version,
        ready_made=segment.ready,
        created_at=segment.created_at,
        updated_at=segment.updated_at,
    )
