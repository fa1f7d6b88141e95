"""Heat maps for those who may see them."""

from shared.analytics.access import sees_all
from shared.analytics.eventdays.service import period
from shared.analytics.heatmaps import rules
from shared.analytics.heatmaps.models import COLLECTION, from_document
from shared.analytics.heatmaps.schemas import Heatmap, HeatmapQuery
from shared.analytics.heatmaps.sums import HeatSums
from shared.clients.analytics.port import Analytics, Doc
from shared.kernel.clock import Clock
from shared.kernel.errors import NotFound
from shared.people.access import Principal


class Heatmaps:
    """When people log in."""

    def __init__(self, analytics: Analytics, clock: Clock) -> None:
        self._analytics = analytics
        self._clock = clock
        self._sums = HeatSums(analytics, clock)

    async def of(self, asked: HeatmapQuery, principal: Principal) -> Heatmap:
        """A scope's heat map (1 find for each run of days, and 2 for the weeks or months between them): organizers see the site's, cities' and their own. Raises NotFound for another's, Invalid."""
        kind, _, ident = asked.scope.partition(":")
        if kind == "org" and not (sees_all(principal) or principal.speaks_for(ident)):
            raise NotFound(code="organizer_not_found")
        now = self._clock.now()
        first, last = period(asked.from_, asked.to, now)
        sums = await self._sums.within(asked.scope, asked.granularity, first, last)
        documents: list[Doc] = []
        for begin, end in rules.left(first, last, asked.granularity, sums):
            where = {"scope": asked.scope, "day": {"$gte": begin.isoformat(), "$lte": end.isoformat()}}
            documents += await self._analytics.find(COLLECTION, where, order=[("scope", 1), ("day", 1)])
        days = [from_document(document) for document in documents]
        told = [each["updatedAt"] for each in documents]
        told += [each.updated_at for each in sums.values() if each.updated_at]
        latest = max(told, default=now)
        return Heatmap(
            scope=asked.scope,
            granularity=asked.granularity,
            first_day=first.isoformat(),
            last_day=last.isoformat(),
            cells=rules.cells(days, sums.values(), first, min(last, now.date())),
            series=rules.series(days, sums.values(), asked.granularity),
            as_of=latest,
            lag_seconds=max(0, int((now - latest).total_seconds())),
        )
