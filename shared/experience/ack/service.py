"""Reports of readers on what they were shown (messaging-platform.md §6.1, steps 4 and 5).

Store operations: 2 reads and 2 writes in one commit at most, 3 reads for who was a visitor when it was shown; a repeat
costs 1 read and no write.
"""

from collections.abc import Sequence
from typing import Final

from pydantic.alias_generators import to_camel

from shared.analytics.intake.service import Tracking
from shared.clients.documents.port import Documents, Write
from shared.experience.ack.rules import report_of
from shared.experience.ack.schemas import AckAnswer, AckRequest, Timestamps
from shared.experience.readers import Readers
from shared.kernel.clock import Clock
from shared.kernel.errors import Unavailable
from shared.messaging.deliveries.models import Delivery
from shared.messaging.deliveries.repository import DeliveryRepository
from shared.messaging.deliveries.rules import BY_READER, TIME_OF, Action, report
from shared.people.access import Principal
from shared.people.contention import ATTEMPTS, LOST, pause
from shared.people.profiles.caps import settle
from shared.people.profiles.repository import ProfileRepository

_ON_THE_WIRE: Final = frozenset(map(to_camel, Timestamps.model_fields))


class Acknowledgements:
    """Takes reports: once each, whatever the order and however often they come."""

    def __init__(
        self,
        *,
        documents: Documents,
        profiles: ProfileRepository,
        deliveries: DeliveryRepository,
        readers: Readers,
        tracking: Tracking,
        clock: Clock,
    ) -> None:
        self._tracking = tracking
        self._documents = documents
        self._profiles = profiles
        self._deliveries = deliveries
        self._readers = readers
        self._clock = clock

    async def acknowledge(self, request: AckRequest, principal: Principal) -> AckAnswer:
        """Note a report; delivery and profile change together.

        Raises NotFound for a delivery that is absent or another's, or whose token does not hold; Unavailable
        ``contended`` after five lost races.
        """
        for attempt in range(ATTEMPTS):
            delivery = await self._readers.delivery(request.delivery_id, request.ack_token, principal)
            reported = report(delivery, request.action, self._clock.now())
            if reported is None:
                self._track(delivery, request.action)
                return _answer(delivery)
            writes = [
                self._deliveries.advance(reported),
                *await self._settled(delivery, request.action, principal),
            ]
            try:
                await self._documents.commit(writes)
            except LOST:
                await pause(attempt)
            else:
                self._track(reported, request.action)
                return _answer(reported)
        raise Unavailable(code="contended")

    async def _settled(self, delivery: Delivery, action: Action, principal: Principal) -> Sequence[Write]:
        """What the report changes in its reader's profile."""
        settlement = report_of(delivery, action)
        profile = None if settlement is None else await self._readers.profile(delivery, principal)
        if settlement is None or profile is None:
            return ()
        return self._profiles.writes(profile, settle(profile, settlement, self._clock.now()))

    def _track(self, delivery: Delivery, action: Action) -> None:
        """Whatever is reported of a message, it was seen, once; and perhaps clicked.

        As of the moment that the delivery keeps, so that what a repeat tells is what was told, or was lost, before.
        """
        if delivery.recipient_type == "organizer":
            return
        times = {name: delivery.timestamps.get(TIME_OF[name]) for name in BY_READER}
        moments = {"message_seen": min(at for at in times.values() if at is not None)}
        if action == "clicked":
            moments["message_clicked"] = delivery.timestamps[TIME_OF["clicked"]]
        for event_type, at in moments.items():
            self._tracking.note(
                event_type,
                delivery.recipient_id,
                delivery.recipient_type,
                delivery.id,
                at=at,
                campaignId=delivery.campaign_id,
                deliveryId=delivery.id,
                channel=delivery.channel,
                organizerId=delivery.organizer_id,
            )


def _answer(delivery: Delivery) -> AckAnswer:
    times = {name: at for name, at in delivery.timestamps.items() if name in _ON_THE_WIRE}
    return AckAnswer(
        delivery_id=delivery.id,
        delivery_status=delivery.status,
        timestamps=Timestamps.model_validate(times),
    )
