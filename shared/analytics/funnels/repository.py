"""Funnels in MongoDB (``funnels``), and the rows they are worked out of (``activity_YYYY_MM``)."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from shared.analytics.funnels.models import Detail, Funnel, Row
from shared.clients.analytics.port import Analytics
from shared.kernel.clock import to_millis
from shared.kernel.errors import Invalid
from shared.kernel.ids import is_plain
from shared.kernel.pagination import Page

COLLECTION: Final = "funnels"
ROWS: Final = "activity_"
MAX_ROWS: Final = 100_000
"""Rows that one answer is worked out of."""
_FIELDS: Final = ("person", "type", "at", "bot", "event", "organizer", "city", "meta", "source")
_PLACES: Final[Mapping[Detail, str]] = {
    "event_id": "event",
    "organizer_id": "organizer",
    "city_id": "city",
    "source": "source",
}
_TOLD: Final[Mapping[Detail, str]] = {
    "venue_id": "venueId",
    "class_level": "eventType",
    "campaign_id": "campaignId",
}
_A_DAY: Final = timedelta(days=1)


class FunnelRepository:
    """Reads and writes funnels; reads rows."""

    def __init__(self, analytics: Analytics) -> None:
        self._analytics = analytics

    async def get(self, ident: str) -> Funnel | None:
        """A funnel (1 operation); an id that cannot be one costs nothing."""
        found = await self._analytics.find(COLLECTION, {"_id": ident}) if is_plain(ident) else []
        return Funnel.model_validate(found[0]["funnel"]) if found else None

    async def create(self, funnel: Funnel) -> None:
        """Store a new funnel (1 operation); the same one again changes nothing."""
        document = {
            "_id": funnel.id,
            "organizationId": funnel.organization_id,
            "funnel": funnel.model_dump(mode="python", by_alias=True),
        }
        await self._analytics.insert(COLLECTION, [document])

    async def count(self, organization: str) -> int:
        """How many funnels an organizer has."""
        return await self._analytics.count(COLLECTION, {"organizationId": organization})

    async def page(
        self, *, limit: int, after: list[Any] | None, organizations: Collection[str] | None
    ) -> Page[Funnel]:
        """One page, newest first; ``organizations`` None for all."""
        where: dict[str, Any] = {"_id": {"$lt": after[0]}} if after else {}
        if organizations is not None:
            where["organizationId"] = {"$in": sorted(organizations)}
        found = await self._analytics.find(COLLECTION, where, order=[("_id", -1)], limit=limit + 1)
        more = len(found) > limit
        items = [Funnel.model_validate(each["funnel"]) for each in found[:limit]]
        return Page(items, [found[limit - 1]["_id"]] if more else None)

    async def rows(
        self, funnel: Funnel, start: datetime, end: datetime, *, event_id: str | None
    ) -> dict[str, list[Row]]:
        """The rows that matter, by person, from ``start`` until a window behind ``end``; those of machines are left out.

        Costs 1 operation a month. An organizer's funnel reads rows of their own organization alone. Raises Invalid ``span_too_wide``.
        """
        last = end + timedelta(seconds=funnel.window_seconds)
        where: dict[str, Any] = {"at": {"$gte": start, "$lte": last}}
        if event_id is not None:
            where["event"] = event_id
        else:  # days are those of the people, a day ahead or behind of UTC's
            where["day"] = {"$gte": f"{start - _A_DAY:%Y-%m-%d}", "$lte": f"{last + _A_DAY:%Y-%m-%d}"}
        if funnel.organization_id is not None:
            where["organizer"] = funnel.organization_id
        if funnel.order != "strict":  # nothing may come between strict steps, of whatever type
            where["type"] = {"$in": sorted(_types(funnel))}
        found: dict[str, list[Row]] = defaultdict(list)
        left = MAX_ROWS
        for month in _months(start, last):
            documents = await self._analytics.find(ROWS + month, where, limit=left + 1, fields=_FIELDS)
            left -= len(documents)
            if left < 0:
                raise Invalid("Choose a shorter span of time, or one event.", code="span_too_wide")
            for each in documents:
                if not each.get("bot"):
                    found[each["person"]].append(_row(each))
        return found


def _types(funnel: Funnel) -> set[str]:
    return {step.event_type for step in funnel.steps} | {each.event_type for each in funnel.exclusions}


def _months(start: datetime, end: datetime) -> Iterator[str]:
    month = start.replace(day=1)
    while month <= end:
        yield f"{month:%Y_%m}"
        month = (month + timedelta(days=32)).replace(day=1)


def _row(document: Mapping[str, Any]) -> Row:
    told = document.get("meta") or {}
    details = {name: document.get(field) for name, field in _PLACES.items()}
    details |= {name: told.get(field) for name, field in _TOLD.items()}
    return Row(
        at=to_millis(document["at"]),
        sequence=int(told.get("sequence", 0)),
        id=document["_id"].hex(),
        type=document["type"],
        details={name: value for name, value in details.items() if value is not None},
    )
