"""Reports of readers on what they were shown (messaging-platform.md §6.1, steps 4 and 5).

Store operations: 2 reads and 2 writes in one commit at most, 3 reads for who was a visitor when it was shown; a repeat
costs 1 read and no write.
"""

from collections.abc import Sequence
from typing import Final

from pydantic.alias_generators import to_camel

from shared.clients.documents.port import Documents, Write
from shared.experience.ack.rules import report_of
from shared.experience.ack.schemas import AckAnswer, AckRequest, Timestamps
from shared.kernel.clock import Clock
from shared.kernel.errors import NotFound, Unavailable
from shared.messaging.deliveries.models import Delivery
from shared.messaging.deliveries.repository import DeliveryRepository
from shared.messaging.deliveries.rules import Action, report
from shared.messaging.deliveries.tokens import AckTokens
from shared.people.access import Principal
from shared.people.contention import ATTEMPTS, LOST, pause
from shared.people.profiles.caps import settle
from shared.people.profiles.repository import ProfileRepository
from shared.people.visitors import Person

_ON_THE_WIRE: Final = frozenset(map(to_camel, Timestamps.model_fields))


class Acknowledgements:
    """Takes reports: once each, whatever the order and however often they come."""

    def __init__(
        self,
        *,
        documents: Documents,
        profiles: ProfileRepository,
        deliveries: DeliveryRepository,
        tokens: AckTokens,
        clock: Clock,
    ) -> None:
        self._documents = documents
        self._profiles = profiles
        self._deliveries = deliveries
        self._tokens = tokens
        self._clock = clock

    async def acknowledge(self, request: AckRequest, principal: Principal) -> AckAnswer:
        """Note a report; delivery and profile change together.

        Raises NotFound for a delivery that is absent or another's, or whose token does not hold; Unavailable
        ``contended`` after five lost races.
        """
        trusted = self._tokens.holds(request.ack_token, request.delivery_id, self._clock.now())
        if not trusted and principal.uid is None:
            raise NotFound
        for attempt in range(ATTEMPTS):
            delivery = await self._deliveries.get(request.delivery_id)
            if delivery is None or not (trusted or _owns(principal, delivery)):
                raise NotFound
            now = self._clock.now()
            reported = report(delivery, request.action, now)
            if reported is None:
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
                return _answer(reported)
        raise Unavailable(code="contended")

    async def _settled(self, delivery: Delivery, action: Action, principal: Principal) -> Sequence[Write]:
        """What the report changes in its reader's profile; nothing when that has moved on to another epoch's key.

        A visitor who has signed in since is settled as the person who reports: their profile went into that one.
        """
        settlement = report_of(delivery, action)
        if settlement is None or delivery.recipient_type == "organizer":
            return ()
        profile = await self._profiles.read(Person(delivery.recipient_id, delivery.recipient_type))
        if profile.update_time is None and profile.type == "ip" and principal.uid is not None:
            profile = await self._profiles.read(Person(principal.uid, "user"))
        if profile.update_time is None:
            return ()
        return self._profiles.writes(profile, settle(profile, settlement, self._clock.now()))


def _owns(principal: Principal, delivery: Delivery) -> bool:
    return delivery.recipient_type == "user" and delivery.recipient_id == principal.uid


def _answer(delivery: Delivery) -> AckAnswer:
    times = {name: at for name, at in delivery.timestamps.items() if name in _ON_THE_WIRE}
    return AckAnswer(
        delivery_id=delivery.id,
        delivery_status=delivery.status,
        timestamps=Timestamps.model_validate(times),
    )
