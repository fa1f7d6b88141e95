"""What changed between two versions of a segment, and why (design/decisions.md, Analytics)."""

from typing import Final, Literal

from shared.analytics.access import asking_for, sees_all
from shared.analytics.bitmaps.bits import Bits
from shared.analytics.segments.estimates import Cohorts, Found
from shared.analytics.segments.filters import leaves, parse
from shared.analytics.segments.models import Segment
from shared.analytics.segments.repository import SegmentRepository
from shared.analytics.segments.schemas import DiffQuery, Reason, SegmentDiff
from shared.analytics.segments.service import Segments, made_id
from shared.analytics.segments.shield import FLOOR
from shared.kernel.errors import NotFound
from shared.people.access import Principal

ALARM: Final = 0.2
"""Part of the people that may come and go before a diff is alarming."""


class Diffs:
    """Compares the people that versions had when they were made, and the present ones."""

    def __init__(self, segments: Segments, repository: SegmentRepository, cohorts: Cohorts) -> None:
        self._segments = segments
        self._repository = repository
        self._cohorts = cohorts

    async def between(self, principal: Principal, ident: str, query: DiffQuery) -> SegmentDiff:
        """Who joined and left, in numbers; an organizer's are shielded like every number of theirs (4 questions of the day).

        Raises NotFound, TooManyRequests, Unavailable.
        """
        segment = await self._segments.own(principal, ident)
        owner = None if sees_all(principal) else segment.organization_id or asking_for(principal, None)
        old = await self._version(segment, query.from_)
        new = segment if query.to is None else await self._version(segment, query.to)
        before = await self._made(old)
        after = await self._cohorts.find(new.tree()) if query.to is None else await self._made(new)
        joined, left = after.members - before.members, before.members - after.members
        sizes = [
            await self._cohorts.size(owner, Found(members, after.as_of))
            for members in (before.members, after.members, joined, left)
        ]
        why = [
            *await self._why("joined", joined, old, show=owner is None),
            *await self._why("left", left, new, show=owner is None),
        ]
        return SegmentDiff(
            from_=old.version,
            to=new.version,
            before=sizes[0],
            after=sizes[1],
            joined=sizes[2],
            left=sizes[3],
            alarming=alarming(before.members, after.members),
            why=why,
        )

    async def _version(self, segment: Segment, number: int) -> Segment:
        if number == segment.version:
            return segment
        found = None if segment.ready else await self._repository.version(segment.id, number)
        if found is None:
            raise NotFound
        return found

    async def _made(self, segment: Segment) -> Found:
        """The people of a version when it was made; of a ready-made one the present ones."""
        pinned = await self._repository.pinned(made_id(segment.id, segment.version))
        if pinned is None:
            return await self._cohorts.find(segment.tree())
        return Found(pinned.members, pinned.at)

    async def _why(
        self, side: Literal["joined", "left"], who: Bits, segment: Segment, *, show: bool
    ) -> list[Reason]:
        """What keeps these people out of the other version, most people first: each comparison that now fails for them."""
        holding = (await self._cohorts.find(segment.tree())).members
        parts: list[tuple[str, str | None, Bits]] = [("/", None, who & holding)]
        for leaf in leaves(parse(segment.filters, "/filters")):
            met = (await self._cohorts.find(leaf)).members
            parts.append((leaf.pointer, leaf.attribute.name, (who - holding) - met))
        least = 1 if show else FLOOR
        told = sorted((part for part in parts if len(part[2]) >= least), key=lambda part: -len(part[2]))
        return [
            Reason(side=side, pointer=pointer, attribute=attribute, people=len(found) if show else None)
            for pointer, attribute, found in told
        ]


def alarming(before: Bits, after: Bits) -> bool:
    """Whether more than a fifth of the people came or went."""
    return before.symmetric_difference_cardinality(after) > ALARM * max(1, len(before))
