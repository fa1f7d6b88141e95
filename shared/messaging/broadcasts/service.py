"""Use cases of broadcasts after they were accepted: list, read, cancel, pause, resume, report (design/wire.md, Messaging)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from shared.clients.documents.port import MAX_IN, Documents, Query, Where
from shared.clients.errors import Stale
from shared.kernel.clock import Clock
from shared.kernel.errors import Fault, Invalid, NotFound, Unavailable
from shared.kernel.pagination import Cursors
from shared.messaging.broadcasts import rules
from shared.messaging.broadcasts.announcing import Announcements
from shared.messaging.broadcasts.models import Broadcast
from shared.messaging.broadcasts.repository import BroadcastRepository
from shared.messaging.broadcasts.schemas import (
    BroadcastList,
    BroadcastReport,
    BroadcastsQuery,
    BroadcastView,
)
from shared.messaging.broadcasts.views import broadcast_view, counter
from shared.messaging.broadcasts.waking import Waking
from shared.messaging.deliveries.repository import DeliveryRepository
from shared.messaging.threads.models import Host
from shared.messaging.threads.repository import COLLECTION as THREADS
from shared.people.access import Principal
from shared.people.consent.repository import COLLECTION as CONSENTS
from shared.people.contention import ATTEMPTS, pause

UNSUBSCRIBED_WITHIN: Final = timedelta(days=7)
_EVER: Final = datetime.fromisoformat("1970-01-01T00:00:00+00:00")

Change = Callable[[Broadcast, datetime], Broadcast]


class Broadcasts:
    """Broadcasts for their organizers; another organizer's does not exist for the caller."""

    def __init__(
        self,
        *,
        documents: Documents,
        repository: BroadcastRepository,
        deliveries: DeliveryRepository,
        waking: Waking,
        announcements: Announcements,
        clock: Clock,
        cursors: Cursors,
    ) -> None:
        self._documents = documents
        self._repository = repository
        self._deliveries = deliveries
        self._waking = waking
        self._announcements = announcements
        self._clock = clock
        self._cursors = cursors

    async def page(self, principal: Principal, query: BroadcastsQuery) -> BroadcastList:
        """A page, newest first (1 read each, and one more). Raises NotFound, Invalid, Malformed for a bad cursor."""
        organizers = None if principal.is_admin else sorted(principal.organizer_ids)
        if query.organizer_id is not None:
            if not principal.speaks_for(query.organizer_id):
                raise NotFound("No such organizer.", code="organizer_not_found")
            organizers = [query.organizer_id]
        if organizers is not None and len(organizers) > MAX_IN:
            fault = Fault("?organizerId", "required", f"With more than {MAX_IN} organizers, name one.")
            raise Invalid(faults=[fault])
        if organizers == []:
            return BroadcastList(items=[])
        text = f"broadcasts|{query.organizer_id}|{principal.uid}"
        after = self._cursors.decode(query.cursor, query=text)
        page = await self._repository.list_of(organizers, limit=query.limit, after=after)
        told = counter(principal)
        return BroadcastList(
            items=[broadcast_view(each, told) for each in page.items],
            next_cursor=self._cursors.encode(page.position, query=text),
        )

    async def get(self, principal: Principal, ident: str) -> BroadcastView:
        """One broadcast with its progress (1 read). Raises NotFound."""
        return broadcast_view(await self._read(principal, ident), counter(principal))

    async def cancel(self, principal: Principal, ident: str) -> BroadcastView:
        """Stop for good, within one page; what was delivered is settled (1 read, 1 write). Raises NotFound, Conflict."""
        return await self._change(principal, ident, rules.cancelled)

    async def pause(self, principal: Principal, ident: str) -> BroadcastView:
        """Stop for now, within one page (1 read, 1 write). Raises NotFound, Conflict."""
        return await self._change(principal, ident, rules.paused)

    async def resume(self, principal: Principal, ident: str) -> BroadcastView:
        """Go on after a pause (1 read, 1 write). Raises NotFound, Conflict."""
        return await self._change(principal, ident, rules.resumed)

    async def tell_again(self, principal: Principal, ident: str) -> BroadcastView:
        """Send the webhook of an ended broadcast once more (2 reads, 2 writes). Raises NotFound where there is none."""
        for attempt in range(ATTEMPTS):
            broadcast = await self._repository.get(ident)
            if broadcast is None or not broadcast.ended:
                raise NotFound
            await self._announcements.again(ident)
            opened = rules.reopened(broadcast, self._clock.now())
            try:
                await self._repository.store(broadcast, opened)
            except Stale:
                await pause(attempt)
            else:
                await self._waking.wake(ident)
                return broadcast_view(opened, counter(principal))
        raise Unavailable(code="contended")

    async def report(self, principal: Principal, ident: str) -> BroadcastReport:
        """What readers did (1 read for 1,000 of each number). Raises NotFound.

        Counted by query over the deliveries as they stand: there is no counter that many would write; what is archived is added (1 read).
        """
        broadcast, told = await self._read(principal, ident), counter(principal)
        of_it = Where("campaignId", "==", broadcast.id)
        archived = await self._deliveries.archived(broadcast.id)
        began = broadcast.began_at or broadcast.created_at

        async def ever(name: str) -> int:
            where = (of_it, Where(f"timestamps.{name}", ">", _EVER))
            here = await self._documents.count(Query(self._deliveries.collection, where))
            return here + archived.get(name, 0)

        left = (
            Where("organizerId", "==", broadcast.organizer_id),
            Where("act", "==", "withdrawn"),
            Where("at", ">", began),
            Where("at", "<=", began + UNSUBSCRIBED_WITHIN),
        )
        about = (
            Where("host", "==", Host("organizer", broadcast.organizer_id).key),
            Where("eventId", "==", broadcast.id),
        )
        return BroadcastReport(
            broadcast_id=broadcast.id,
            state=broadcast.state,
            delivered=told(sum(broadcast.progress.delivered.values())),
            seen=told(await ever("seenAt")),
            clicked=told(await ever("clickedAt")),
            acknowledged=told(await ever("ackAt")),
            unsubscribed=told(await self._documents.count(Query(CONSENTS, left))),
            replies=told(await self._documents.count(Query(THREADS, about))),
            credits=broadcast.credits or 0,
            as_of=self._clock.now(),
        )

    async def _read(self, principal: Principal, ident: str) -> Broadcast:
        found = await self._repository.get(ident)
        if found is None or not principal.speaks_for(found.organizer_id):
            raise NotFound("No such broadcast.")
        return found

    async def _change(self, principal: Principal, ident: str, rule: Change) -> BroadcastView:
        for attempt in range(ATTEMPTS):
            before = await self._read(principal, ident)
            after = rule(before, self._clock.now())
            try:
                if after is not before:
                    after = await self._repository.store(before, after)
            except Stale:
                await pause(attempt)
                continue
            await self._waking.wake(ident)
            return broadcast_view(after, counter(principal))
        raise Unavailable(code="contended")
