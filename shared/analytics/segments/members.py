"""Who a segment's message goes to: pinned once, read in pages, for areas above this one (design/decisions.md, Analytics)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from heapq import nsmallest
from typing import Final

from shared.analytics.bitmaps.bits import Bits, pages
from shared.analytics.segments.diffs import alarming
from shared.analytics.segments.estimates import Cohorts, Found
from shared.analytics.segments.filters import parse
from shared.analytics.segments.models import Segment
from shared.analytics.segments.people import PAGE, PeopleReader
from shared.analytics.segments.repository import Pinned, SegmentRepository
from shared.analytics.segments.schemas import Size
from shared.analytics.segments.service import Segments, made_id
from shared.kernel.errors import NotFound
from shared.people.access import Principal

_SIGNED_IN: Final = parse({"attribute": "person.type", "op": "eq", "value": "user"})
_VISITORS: Final = parse({"attribute": "person.type", "op": "eq", "value": "ip"})


@dataclass(frozen=True, slots=True)
class Drift:
    """The people of a segment when its version was made and now: to be shown before a send, by ``SegmentMembers.size``."""

    then: Bits = field(repr=False)
    now: Bits = field(repr=False)

    @property
    def joined(self) -> Bits:
        """Who came since."""
        return self.now - self.then

    @property
    def left(self) -> Bits:
        """Who left since."""
        return self.then - self.now

    @property
    def alarming(self) -> bool:
        """Whether more than a fifth came or went."""
        return alarming(self.then, self.now)


@dataclass(frozen=True, slots=True)
class Audience:
    """The people of one send: the same for whoever asks again with its id, whatever becomes of the segment."""

    id: str
    segment_id: str
    version: int
    count: int
    as_of: datetime
    drift: Drift
    members: Bits = field(repr=False)


class SegmentMembers:
    """Resolves segments to people. Pages hold keys of signed-in people; consent is read when sending."""

    def __init__(
        self,
        segments: Segments,
        repository: SegmentRepository,
        cohorts: Cohorts,
        people: PeopleReader,
    ) -> None:
        self._segments = segments
        self._repository = repository
        self._cohorts = cohorts
        self._people = people

    async def preview(self, principal: Principal, segment_id: str, *, version: int | None = None) -> Audience:
        """Who would be written to now; nothing is kept. Raises NotFound, Unavailable."""
        return await self._audience("", await self._version(principal, segment_id, version))

    async def version(self, principal: Principal, segment_id: str, version: int | None = None) -> int:
        """The version that a send would pin (1 operation, or 2), the latest by default. Raises NotFound."""
        return (await self._version(principal, segment_id, version)).version

    async def sample(self, audience: Audience, most: int) -> dict[str, int]:
        """At most so many people, keys with numbers, spread evenly over all; of the same people the same (1 operation for 1,000)."""
        members = audience.members
        # numbers are given in the order in which people came: the first ones would not stand for all
        chosen = list(members) if len(members) <= most else nsmallest(most, members, key=_scattered)
        found: dict[str, int] = {}
        for start in range(0, len(chosen), PAGE):
            keys = await self._people.keys(chosen[start : start + PAGE])
            found |= {key: number for number, key in keys.items()}
        return found

    async def size(self, owner: str | None, members: Bits, as_of: datetime) -> Size:
        """How many these are, as an organizer may hear it (a question of its day), exactly for the site (None).

        Raises TooManyRequests ``cohort_budget_spent``.
        """
        return await self._cohorts.size(owner, Found(members, as_of))

    async def pin(
        self, principal: Principal, segment_id: str, purpose: str, *, version: int | None = None
    ) -> Audience:
        """Keep the people of a segment for a purpose, such as a broadcast's id; the same purpose gives the same people.

        Args:
            principal: who sends.
            segment_id: whose people.
            purpose: an id that no other send has.
            version: the version that was chosen, the latest by default.

        Raises NotFound for another's segment or a version that never was, Unavailable.
        """
        segment = await self._version(principal, segment_id, version)
        audience = await self._audience(purpose, segment)
        kept = await self._repository.pin(
            Pinned(f"send/{purpose}", segment.id, segment.version, audience.as_of, audience.members)
        )
        return await self._of(purpose, kept)

    async def pinned(self, purpose: str) -> Audience | None:
        """The people that were kept for a purpose; None when there are none."""
        kept = await self._repository.pinned(f"send/{purpose}")
        return None if kept is None else await self._of(purpose, kept)

    async def pages(
        self, purpose: str, *, after: int = -1, size: int = PAGE
    ) -> AsyncIterator[tuple[int, list[str]]]:
        """Keys of the people kept for a purpose, ``size`` (at most 1,000) at a time, each page with the number to go on behind.

        People who are gone since are left out (1 operation a page). Raises NotFound.
        """
        kept = await self._repository.pinned(f"send/{purpose}")
        if kept is None:
            raise NotFound
        for numbers in pages(kept.members, min(size, PAGE), after):
            keys = await self._people.keys(numbers)
            yield numbers[-1], [keys[number] for number in numbers if number in keys]

    async def _version(self, principal: Principal, segment_id: str, version: int | None) -> Segment:
        segment = await self._segments.own(principal, segment_id)
        if version is None or version == segment.version:
            return segment
        chosen = await self._repository.version(segment.id, version)
        if chosen is None:
            raise NotFound
        return chosen

    async def _audience(self, purpose: str, segment: Segment) -> Audience:
        found = await self._cohorts.find(segment.tree())
        members = found.members & (await self._cohorts.find(_SIGNED_IN)).members
        return await self._of(purpose, Pinned(purpose, segment.id, segment.version, found.as_of, members))

    async def _of(self, purpose: str, pinned: Pinned) -> Audience:
        made = await self._repository.pinned(made_id(pinned.segment_id, pinned.version))
        now = pinned.members
        # visitors are nobody's recipients, and have not left for all that
        then = now if made is None else made.members - (await self._cohorts.find(_VISITORS)).members
        return Audience(
            purpose, pinned.segment_id, pinned.version, len(now), pinned.at, Drift(then, now), now
        )


def _scattered(number: int) -> int:
    return number * 2_654_435_761 % 2**32
