"""Whose delivery a report is about: shared by everything that readers say of what they were shown."""

from shared.kernel.clock import Clock
from shared.kernel.errors import NotFound
from shared.messaging.deliveries.models import Delivery
from shared.messaging.deliveries.repository import DeliveryRepository
from shared.messaging.deliveries.tokens import AckTokens
from shared.people.access import Principal
from shared.people.profiles.models import Profile
from shared.people.profiles.repository import ProfileRepository
from shared.people.visitors import Person


class Readers:
    """Finds the delivery that a caller may speak of, and the profile of its reader."""

    def __init__(
        self, profiles: ProfileRepository, deliveries: DeliveryRepository, tokens: AckTokens, clock: Clock
    ) -> None:
        self._profiles = profiles
        self._deliveries = deliveries
        self._tokens = tokens
        self._clock = clock

    async def delivery(self, ident: str, token: str | None, principal: Principal) -> Delivery:
        """The delivery (1 read): for who holds its token, and for its signed-in owner. Raises NotFound for anybody else."""
        trusted = self._tokens.holds(token, ident, self._clock.now())
        if not trusted and principal.uid is None:
            raise NotFound
        delivery = await self._deliveries.get(ident)
        if delivery is None or not (trusted or _owns(principal, delivery)):
            raise NotFound
        return delivery

    async def profile(self, delivery: Delivery, principal: Principal) -> Profile | None:
        """The reader's profile (1 read); None when it has moved on to another epoch's key, or is an organizer's.

        A visitor who has signed in since is found as the person who reports: their profile went into that one (2 reads).
        """
        if delivery.recipient_type == "organizer":
            return None
        profile = await self._profiles.read(Person(delivery.recipient_id, delivery.recipient_type))
        if profile.update_time is None and profile.type == "ip" and principal.uid is not None:
            profile = await self._profiles.read(Person(principal.uid, "user"))
        return None if profile.update_time is None else profile


def _owns(principal: Principal, delivery: Delivery) -> bool:
    return delivery.recipient_type == "user" and delivery.recipient_id == principal.uid
