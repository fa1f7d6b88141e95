"""Push notifications of a broadcast, one person at a time: each is read, counted in the pressure budget, and told apart from a repeat.

1 read of the profile (done before), 1 of the delivery, 1 for each device; 4 writes: the delivery and its reservation in the pressure budget in
one commit, then what became of it and the budget again. The vendor may be asked twice when an answer is lost: it shows the second in the
place of the first, because both carry the delivery's id.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from shared.analytics.intake.service import Tracking
from shared.clients.documents.port import Documents, FieldPath, Query, Update, Where
from shared.clients.errors import AlreadyExists
from shared.kernel.clock import Clock
from shared.messaging.broadcasts.models import Broadcast, Tally
from shared.messaging.broadcasts.recipients import Judged, Recipients
from shared.messaging.campaigns.models import Channel
from shared.messaging.deliveries.models import Delivery
from shared.messaging.deliveries.repository import DeliveryRepository, from_data
from shared.messaging.deliveries.rules import delivery_id, payload_hash, report
from shared.people.contention import ATTEMPTS, LOST, pause
from shared.people.devices.service import Devices, Notification, PushReport
from shared.people.preferences.quiet import quiet_until
from shared.people.profiles.caps import Report, Reserved, reserve, settle
from shared.people.profiles.models import Profile
from shared.people.profiles.repository import ProfileRepository
from shared.people.visitors import Person

AT_ONCE: Final = 16
"""People told at a time by one worker."""
KEPT: Final = timedelta(days=180)
HOLD: Final = timedelta(minutes=10)
BODY: Final = 600
"""Characters of a message's body that a notification shows."""
DELIVERED, PENDING, FAILED = "delivered", "pending", "failed"
LONGEST_WAIT: Final = timedelta(hours=1)
"""How long the vendor may ask us to wait."""
ROUND: Final = 500
"""Pending ones that are tried again in one piece of work."""


class Told(NamedTuple):
    """Where a push stands after it was tried; when the vendor may be asked again, or when the person's quiet hours end."""

    state: str
    later_at: datetime | None = None
    quiet_until: datetime | None = None


class Again(NamedTuple):
    """Where the next ones to be tried again begin (None: these were the last).

    ``later_at`` is the latest moment that the vendor asked for, ``quiet_until`` when the first quiet hours end.
    """

    after: str | None
    later_at: datetime | None
    quiet_until: datetime | None


class Pushes:
    """Tells people on their devices.

    Args:
        documents: the store.
        deliveries: what was sent before.
        profiles: carry the pressure budget.
        recipients: who agrees.
        devices: where people are reached.
        tracking: learns who was reached.
        clock: now.
    """

    def __init__(
        self,
        *,
        documents: Documents,
        deliveries: DeliveryRepository,
        profiles: ProfileRepository,
        recipients: Recipients,
        devices: Devices,
        tracking: Tracking,
        clock: Clock,
    ) -> None:
        self._documents = documents
        self._deliveries = deliveries
        self._profiles = profiles
        self._recipients = recipients
        self._devices = devices
        self._tracking = tracking
        self._clock = clock

    async def send(self, broadcast: Broadcast, people: Sequence[Judged]) -> dict[str, str]:
        """Tell those who may be told; gives what became of each by person: ``delivered``, ``pending`` or why it was lost.

        Who was told before counts as then, whatever they have said since.
        """
        slots = asyncio.Semaphore(AT_ONCE)

        async def one(judged: Judged) -> tuple[str, str]:
            async with slots:
                return judged.person_key, await self._one(broadcast, judged)

        states = dict(await asyncio.gather(*(one(judged) for judged in people if judged.person_key)))
        await self._tell(broadcast, states)
        return states

    async def again(self, broadcast: Broadcast, after: str | None, *, last: bool) -> Again:
        """Try up to 500 of those again that the vendor did not take; ``last``: who is not reached now has failed.

        May be done twice: who is pending no longer is left alone.
        """
        query = Query(self._deliveries.collection, _pushed(broadcast, PENDING), limit=ROUND)
        found = await self._documents.query(replace(query, start_after=(after,) if after else None))
        slots = asyncio.Semaphore(AT_ONCE)

        async def one(delivery: Delivery) -> tuple[str, Told]:
            async with slots:
                profile = await self._profiles.read(Person(delivery.recipient_id, "user"))
                return delivery.recipient_id, await self._told(broadcast, delivery, profile, last=last)

        told = dict(await asyncio.gather(*(one(from_data(each)) for each in found)))
        await self._tell(broadcast, {person: each.state for person, each in told.items()})
        later = [each.later_at for each in told.values() if each.later_at]
        quiet = [each.quiet_until for each in told.values() if each.quiet_until]
        after = found[-1].id if len(found) == ROUND else None
        return Again(after, max(later, default=None), min(quiet, default=None))

    async def tally(self, broadcast: Broadcast) -> Tally:
        """How many pushes of the broadcast stand where, counted by query (3 times 1 read for 1,000): ``delivered``, ``pending``."""
        of_all, pending, failed = [
            await self._documents.count(Query(self._deliveries.collection, _pushed(broadcast, *status)))
            for status in ((), (PENDING,), (FAILED,))
        ]
        return {DELIVERED: of_all - pending - failed, PENDING: pending}

    async def _tell(self, broadcast: Broadcast, states: Mapping[str, str]) -> None:
        """Tell figures who was reached: what was told before is told again, and counts once."""
        reached = [person for person, state in states.items() if state == DELIVERED]
        if reached:
            await self._tracking.reached(
                {person: delivery_id(broadcast.id, person, Channel.PUSH) for person in reached},
                campaign_id=broadcast.id,
                organizer_id=broadcast.organizer_id,
                channel="push",
            )

    async def _one(self, broadcast: Broadcast, judged: Judged) -> str:
        ident = delivery_id(broadcast.id, judged.person_key, Channel.PUSH)
        delivery = await self._deliveries.get(ident)
        if delivery is None:
            may = judged.may["push"]
            if may.consent_id is None or judged.profile is None:
                return may.reason
            delivery = await self._begun(broadcast, judged.profile, ident, may.consent_id)
        if delivery is None:
            return "contended"
        profile = judged.profile or await self._profiles.read(Person(judged.person_key, "user"))
        return (await self._told(broadcast, delivery, profile, last=False)).state

    async def _begun(
        self, broadcast: Broadcast, profile: Profile, ident: str, consent_id: str
    ) -> Delivery | None:
        """The delivery, made together with its place in the pressure budget; None after too many lost races."""
        now = self._clock.now()
        delivery = Delivery(
            id=ident,
            campaign_id=broadcast.id,
            campaign_version=1,
            recipient_type="user",
            recipient_id=profile.person_key,
            channel=Channel.PUSH.value,
            status="pending",
            timestamps={"createdAt": now, "expiresAt": now + KEPT},
            payload_hash=payload_hash(broadcast.content),
            organizer_id=broadcast.organizer_id,
            dispatch_context={"reason": "broadcast", "consentId": consent_id},
        )
        reserved = Reserved(ident, broadcast.id, 1, "push", 0, broadcast.organizer_id)
        person = Person(profile.person_key, "user")
        for attempt in range(ATTEMPTS):
            held = reserve(profile, [reserved], decision_id=ident, until=now + HOLD, now=now)
            try:
                writes = [self._deliveries.create(delivery), *self._profiles.writes(profile, held)]
                await self._documents.commit(writes)
            except AlreadyExists:
                return await self._deliveries.get(ident)
            except LOST:
                await pause(attempt)
                profile = await self._profiles.read(person)
            else:
                return await self._deliveries.get(ident)
        return None

    async def _told(self, broadcast: Broadcast, delivery: Delivery, profile: Profile, *, last: bool) -> Told:
        """What became of a delivery after one more try, if it is still pending and still welcome."""
        if delivery.status != PENDING:
            return Told(FAILED if delivery.status == FAILED else DELIVERED)
        agreed = self._recipients.agreed(broadcast, profile, "push")
        if agreed.consent_id is None:
            return Told(await self._noted(delivery, PushReport(0, cause=agreed.reason)))
        now = self._clock.now()
        quiet = quiet_until(profile, now)
        if quiet is not None:
            return Told(PENDING, quiet_until=quiet)
        told = await self._devices.notify(delivery.recipient_id, _notification(broadcast, delivery))
        if not told.accepted and told.retry_after is not None and not last:
            return Told(PENDING, now + min(timedelta(seconds=told.retry_after), LONGEST_WAIT))
        return Told(await self._noted(delivery, told))

    async def _noted(self, delivery: Delivery, told: PushReport) -> str:
        outcome = DELIVERED if told.accepted else FAILED
        for attempt in range(ATTEMPTS):
            reported = report(delivery, outcome, self._clock.now())  # type: ignore[arg-type]
            if reported is None:
                return outcome
            update = self._deliveries.advance(reported)
            fields: dict[FieldPath, Any] = {**update.fields}
            if told.cause and not told.accepted:
                fields["failure"] = told.cause
            writes = [replace(update, fields=fields), *await self._counted(delivery, told)]
            try:
                await self._documents.commit(writes)
            except LOST:
                await pause(attempt)
                found = await self._deliveries.get(delivery.id)
                if found is None:
                    return FAILED
                delivery = found
            else:
                return outcome
        return PENDING

    async def _counted(self, delivery: Delivery, told: PushReport) -> Sequence[Update]:
        """The pressure budget: for good when it was accepted, else given back."""
        profile = await self._profiles.read(Person(delivery.recipient_id, "user"))
        if profile.update_time is None:
            return ()
        if told.accepted:
            seen = Report(
                delivery.id, delivery.campaign_id, 1, "push", first=True, organizer_id=delivery.organizer_id
            )
            after = settle(profile, seen, self._clock.now())
        else:
            kept = {ident: held for ident, held in profile.reservations.items() if ident != delivery.id}
            after = replace(profile, reservations=kept)
        return [write for write in self._profiles.writes(profile, after) if isinstance(write, Update)]


def _pushed(broadcast: Broadcast, *status: str) -> tuple[Where, ...]:
    where = (Where("campaignId", "==", broadcast.id), Where("deliveryChannel", "==", "push"))
    return (*where, *(Where("deliveryStatus", "==", each) for each in status))


def _notification(broadcast: Broadcast, delivery: Delivery) -> Notification:
    content = broadcast.content
    return Notification(delivery.id, content.title, content.body[:BODY], content.link)
