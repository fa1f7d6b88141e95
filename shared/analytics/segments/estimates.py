"""How many people filters find, and who: on the present snapshot, in memory."""

from dataclasses import dataclass, field
from datetime import datetime

from shared.analytics.access import asking_for, sees_all
from shared.analytics.bitmaps.bits import Bits
from shared.analytics.segments.facets import members, needed
from shared.analytics.segments.filters import Filter, parse
from shared.analytics.segments.schemas import Estimate, EstimateCohort, Size
from shared.analytics.segments.shield import BOUND, FLOOR, Shield
from shared.analytics.segments.snapshots import Snapshots
from shared.kernel.errors import Unavailable
from shared.people.access import Principal


@dataclass(frozen=True, slots=True)
class Found:
    """The people that filters found, at ``as_of``."""

    members: Bits = field(repr=False)
    as_of: datetime


class Cohorts:
    """Finds and counts people."""

    def __init__(self, snapshots: Snapshots, shield: Shield) -> None:
        self._snapshots = snapshots
        self._shield = shield

    async def find(self, tree: Filter) -> Found:
        """Who is found now (no operation when the sets are in memory). Raises Unavailable ``not_ready`` before the first snapshot."""
        manifest = await self._snapshots.latest()
        if manifest is None:
            raise Unavailable("Nobody has been counted yet.", code="not_ready", retry_after=60)
        facets = await self._snapshots.facets(manifest, needed(tree))
        return Found(members(tree, facets), facets.as_of)

    async def size(self, owner: str | None, found: Found) -> Size:
        """How many there are, as the owner may hear it: exactly for the site (None), shielded for an organizer.

        Raises TooManyRequests ``cohort_budget_spent``.
        """
        if owner is None:
            return Size(count=len(found.members), exact=True, bound=0, as_of=found.as_of)
        told = await self._shield.tell(owner, found.members)
        return shielded(told.count, found.as_of)

    async def estimate(self, principal: Principal, asked: EstimateCohort) -> Estimate:
        """How many people filters find: signed-in ones for an organizer, exactly for an operator.

        Raises Invalid with pointers into ``/filters``, NotFound, TooManyRequests, Unavailable.
        """
        tree = parse(asked.filters, "/filters")
        owner = None if sees_all(principal) else asking_for(principal, asked.organization_id)
        found = await self.find(tree if owner is None else signed_in(asked.filters))
        size = await self.size(owner, found)
        return Estimate.model_validate(size.model_dump())


def signed_in(filters: dict[str, object]) -> Filter:
    """The same filters, of signed-in people only."""
    return parse({"all": [{"attribute": "person.type", "op": "eq", "value": "user"}, filters]})


def shielded(count: int | None, as_of: datetime) -> Size:
    """A size as an organizer hears it."""
    if count is None:
        return Size(under=FLOOR, exact=False, bound=FLOOR, as_of=as_of)
    return Size(count=count, exact=False, bound=BOUND, as_of=as_of)
