"""Figures of events for those who may see them: an organizer's own, an operator's all; anybody else's are not there."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

from shared.analytics.access import sees
from shared.analytics.eventdays.models import COLLECTION, EventDay, from_document
from shared.analytics.eventdays.schemas import (
    EventMetric,
    EventMetrics,
    LiveEvent,
    LiveOrganization,
    MetricsQuery,
    Socket,
)
from shared.analytics.ingest.rows import month_of
from shared.analytics.uniques import estimate
from shared.clients.analytics.port import Analytics, Doc
from shared.clients.live.port import Live
from shared.kernel.clock import Clock, to_millis
from shared.kernel.errors import Fault, Invalid, NotFound
from shared.people.access import Principal

SPAN: Final = timedelta(days=30)
LONGEST: Final = timedelta(days=400)
CHECKOUT: Final = timedelta(minutes=30)
"""How long a checkout that has not ended is taken for under way."""
_MOST_CHECKOUTS: Final = 5_000
_MOST_EVENTS: Final = 100


class EventFigures:
    """Metrics by day, and live snapshots; ``live`` is where these come by themselves, None where they do not."""

    def __init__(self, analytics: Analytics, clock: Clock, live: Live | None = None) -> None:
        self._analytics = analytics
        self._clock = clock
        self._sockets = live

    async def metrics(self, event_id: str, asked: MetricsQuery, principal: Principal) -> EventMetrics:
        """Days of an event (1 find). Raises NotFound for no event, and for another's; Invalid for a period that is none."""
        now = self._clock.now()
        first, last = period(asked.from_, asked.to, now)
        where = {"event": event_id, "day": {"$gte": first.isoformat(), "$lte": last.isoformat()}}
        documents = await self._analytics.find(COLLECTION, where, order=[("event", 1), ("day", 1)])
        await self._check(event_id, documents, principal)
        days = [from_document(document) for document in documents]
        latest = self._latest(documents)
        total = together(event_id, days)
        return EventMetrics(
            items=[_metric([day], day, latest) for day in days],
            total=_metric(days, total, latest),
            as_of=latest,
            lag_seconds=self._lag(latest),
        )

    async def live(self, event_id: str, principal: Principal) -> LiveEvent:
        """An event now (3 finds). Raises NotFound for no event, and for another's."""
        today = self._today()
        documents = await self._analytics.find(COLLECTION, {"event": event_id, "day": {"$gte": today}})
        owner = await self._check(event_id, documents, principal)
        found = await self._live(event_id, owner, documents, today)
        return found.model_copy(update={"socket": self._socket(topic_of_event(event_id))})

    async def snapshot(self, event_id: str) -> LiveEvent:
        """An event now, for whoever may see it (3 finds). Raises StoreUnavailable."""
        today = self._today()
        documents = await self._analytics.find(COLLECTION, {"event": event_id, "day": {"$gte": today}})
        owner = next((each["organizer"] for each in documents if each["organizer"]), None)
        return await self._live(event_id, owner, documents, today)

    async def live_organization(self, organization_id: str, principal: Principal) -> LiveOrganization:
        """An organization's events today (1 find, and 2 for each event). Raises NotFound for another's."""
        if not sees(principal, organization_id):
            raise NotFound(code="organizer_not_found")
        today = self._today()
        documents = await self._analytics.find(
            COLLECTION, {"organizer": organization_id, "day": {"$gte": today}}, limit=1000
        )
        days: dict[str, list[Doc]] = {}
        for document in documents:
            days.setdefault(document["event"], []).append(document)
        busiest = sorted(
            days, key=lambda event: (-sum(each["counts"].get("views", 0) for each in days[event]), event)
        )
        latest = self._latest(documents)
        return LiveOrganization(
            organization_id=organization_id,
            events=[
                await self._live(event, organization_id, days[event], today)
                for event in busiest[:_MOST_EVENTS]
            ],
            as_of=latest,
            lag_seconds=self._lag(latest),
            socket=self._socket(topic_of_organization(organization_id)),
        )

    def _socket(self, group: str) -> Socket | None:
        if self._sockets is None:
            return None
        there = self._sockets.access(group)
        return Socket(url=there.url, expires_at=there.expires_at)

    async def _check(self, event_id: str, documents: Sequence[Doc], principal: Principal) -> str | None:
        """Whose event it is. Raises NotFound unless the caller may see it."""
        known = documents or await self._analytics.find(COLLECTION, {"event": event_id}, limit=1)
        owner: str | None = next((each["organizer"] for each in known if each["organizer"]), None)
        if not known or not sees(principal, owner):
            raise NotFound
        return owner

    async def _live(
        self, event_id: str, owner: str | None, documents: Sequence[Doc], today: str
    ) -> LiveEvent:
        day = together(event_id, [from_document(each) for each in documents])
        seats = day.seats
        return LiveEvent(
            event_id=event_id,
            organization_id=owner,
            date=today,
            views=day.counts.get("views", 0),
            add_to_cart=day.counts.get("add_to_cart", 0),
            active_checkouts=await self._active_checkouts(event_id),
            tickets_sold=day.tickets,
            revenue_by_currency=dict(day.revenue),
            seats_taken=seats.taken if seats else None,
            seats=seats.capacity if seats else None,
            occupancy=_occupancy(day),
            as_of=self._clock.now(),
            lag_seconds=self._lag(self._latest(documents)),
        )

    def _latest(self, documents: Sequence[Doc]) -> datetime:
        """When the latest of these changed; now when there is none."""
        return max((each["updatedAt"] for each in documents), default=self._clock.now())

    def _lag(self, latest: datetime) -> int:
        return max(0, int((self._clock.now() - latest).total_seconds()))

    async def _active_checkouts(self, event_id: str) -> int:
        """People who began to pay lately and have not paid since, from the rows themselves."""
        now = self._clock.now()
        since = now - CHECKOUT
        begun: dict[str, datetime] = {}
        paid: dict[str, datetime] = {}
        for collection in sorted({month_of(to_millis(since)), month_of(to_millis(now))}):
            for kind, found in (("checkout_start", begun), ("purchase", paid)):
                rows = await self._analytics.find(
                    collection,
                    {"event": event_id, "type": kind, "at": {"$gte": since}},
                    limit=_MOST_CHECKOUTS,
                    fields=["person", "at", "bot"],
                )
                for row in rows:
                    if "bot" not in row:
                        found[row["person"]] = max(row["at"], found.get(row["person"], row["at"]))
        return sum(person not in paid or paid[person] < at for person, at in begun.items())

    def _today(self) -> str:
        """The earliest social day that is still going on somewhere."""
        return (self._clock.now() - timedelta(hours=18)).date().isoformat()


def topic_of_event(event_id: str) -> str:
    """Who listens to an event (analytics-domain.md §5)."""
    return f"analytics:event:{event_id}"


def topic_of_organization(organization_id: str) -> str:
    """Who listens to all events of an organization (analytics-domain.md §5)."""
    return f"analytics:dashboard:{organization_id}"


def period(first: date | None, last: date | None, now: datetime) -> tuple[date, date]:
    """The days asked for, both included. Raises Invalid for one that ends before it begins, or has more than 400 days."""
    last = last or (now + timedelta(hours=14)).date()
    first = first or last - SPAN
    if not timedelta() <= last - first <= LONGEST:
        raise Invalid(
            faults=[Fault("?from", "bad_period", "A period of at most 400 days, its first day first.")]
        )
    return first, last


def together(event_id: str, days: Sequence[EventDay]) -> EventDay:
    """Several days as one, but for their different people, who are no sum; seats are those of the latest word."""
    counts: Counter[str] = Counter()
    revenue: Counter[str] = Counter()
    bots: Counter[str] = Counter()
    for day in days:
        counts.update(day.counts)
        revenue.update(day.revenue)
        bots.update(day.bots)
    told = [day.seats for day in days if day.seats is not None]
    return EventDay(
        event_id,
        days[0].day if days else "",
        next((day.organizer_id for day in days if day.organizer_id), None),
        counts,
        sum(day.tickets for day in days),
        sum(day.refunds for day in days),
        revenue,
        seats=max(told, key=lambda seats: seats.order, default=None),
        bots=bots,
    )


def _metric(days: Sequence[EventDay], day: EventDay, as_of: datetime) -> EventMetric:
    viewers, buyers = estimate(each.viewers for each in days), estimate(each.buyers for each in days)
    currency = max(day.revenue, key=lambda name: (abs(day.revenue[name]), name), default=None)
    return EventMetric(
        event_id=day.event_id,
        organization_id=day.organizer_id,
        date=day.day,
        views=day.counts.get("views", 0),
        add_to_cart=day.counts.get("add_to_cart", 0),
        checkouts_started=day.counts.get("checkouts_started", 0),
        tickets_sold=day.tickets,
        refunds=day.refunds,
        revenue=day.revenue[currency] if currency else 0,
        currency=currency,
        revenue_by_currency=dict(day.revenue),
        conversion_rate=round(buyers.value / viewers.value, 4) if viewers.value else None,
        checkins=day.counts.get("checkins", 0),
        rsvps=day.counts.get("rsvps", 0),
        occupancy=_occupancy(day),
        unique_viewers=viewers,
        unique_buyers=buyers,
        suspected_bots=dict(day.bots),
        as_of=as_of,
    )


def _occupancy(day: EventDay) -> float | None:
    return round(day.seats.taken / day.seats.capacity, 4) if day.seats and day.seats.capacity else None
