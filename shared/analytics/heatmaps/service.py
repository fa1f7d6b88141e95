"""Heat maps for those who may see them."""

from shared.analytics.access import sees_all
from shared.analytics.eventdays.service import period
from shared.analytics.heatmaps import rules
from shared.analytics.heatmaps.models import COLLECTION, from_document
from shared.analytics.heatmaps.schemas import Heatmap, HeatmapQuery
from shared.clients.analytics.port import Analytics
from shared.kernel.clock import Clock
from shared.kernel.errors import NotFound
from shared.people.access import Principal


class Heatmaps:
    """When people log in."""

    def __init__(self, analytics: Analytics, clock: Clock) -> None:
        self._analytics = analytics
        self._clock = clock

    async def of(self, asked: HeatmapQuery, principal: Principal) -> Heatmap:
        """A scope's heat map (1 find): organizers see the site's, cities' and their own. Raises NotFound for another's, Invalid."""
        kind, _, ident = asked.scope.partition(":")
        if kind == "org" and not (sees_all(principal) or principal.speaks_for(ident)):
            raise NotFound(code="organizer_not_found")
        now = self._clock.now()
        first, last = period(asked.from_, asked.to, now)
        where = {"scope": asked.scope, "day": {"$gte": first.isoformat(), "$lte": last.isoformat()}}
        documents = await self._analytics.find(COLLECTION, where, order=[("scope", 1), ("day", 1)])
        days = [from_document(document) for document in documents]
        latest = max((document["updatedAt"] for document in documents), default=now)
        return Heatmap(
            scope=asked.scope,
            granularity=asked.granularity,
            first_day=first.isoformat(),
            last_day=last.isoformat(),
            cells=rules.cells(days, first, min(last, now.date())),
            series=rules.series(days, asked.granularity),
            as_of=latest,
            lag_seconds=max(0, int((now - latest).total_seconds())),
        )
