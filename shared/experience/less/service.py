"""«Less of this»: a reader lowers an organizer's share of their pressure budget (design/anchors-messaging.md §4, 23).

Store operations: 2 reads (3 for who was a visitor when it was shown) and 2 writes in one commit; a repeat 2 reads.
"""

from dataclasses import replace
from typing import Final

from shared.clients.documents.port import Documents
from shared.experience.less.schemas import LessAnswer, LessRequest
from shared.experience.readers import Readers
from shared.kernel.clock import Clock
from shared.kernel.errors import Conflict, NotFound, Unavailable
from shared.kernel.settings import Settings
from shared.messaging.deliveries.repository import DeliveryRepository
from shared.people.access import Principal
from shared.people.contention import ATTEMPTS, LOST, pause
from shared.people.profiles.models import Profile
from shared.people.profiles.pressure import less_of, part, want_less
from shared.people.profiles.repository import ProfileRepository

AT: Final = "lessAt"
"""Under which name in the delivery's ``timestamps`` the wish is kept: of one delivery it counts once."""


class LessOfThis:
    """Takes the wish."""

    def __init__(
        self,
        *,
        documents: Documents,
        profiles: ProfileRepository,
        deliveries: DeliveryRepository,
        readers: Readers,
        settings: Settings,
        clock: Clock,
    ) -> None:
        self._documents = documents
        self._profiles = profiles
        self._deliveries = deliveries
        self._readers = readers
        self._settings = settings
        self._clock = clock

    async def ask(self, request: LessRequest, principal: Principal) -> LessAnswer:
        """Halve the organizer's share; once for each delivery, however often it is asked.

        Raises NotFound for a delivery that is absent or another's, or whose reader is not found any more; Conflict
        ``not_of_an_organizer``; Unavailable ``contended`` after five lost races.
        """
        for attempt in range(ATTEMPTS):
            delivery = await self._readers.delivery(request.delivery_id, request.ack_token, principal)
            organizer = delivery.organizer_id
            if organizer is None:
                raise Conflict("The message is the site's own.", code="not_of_an_organizer")
            profile = await self._readers.profile(delivery, principal)
            if profile is None:
                raise NotFound
            if AT in delivery.timestamps:
                return self._answer(profile, organizer)
            noted = replace(delivery, timestamps=delivery.timestamps | {AT: self._clock.now()})
            changed = want_less(profile, organizer)
            try:
                await self._documents.commit(
                    [self._deliveries.advance(noted), *self._profiles.writes(profile, changed)]
                )
            except LOST:
                await pause(attempt)
            else:
                return self._answer(changed, organizer)
        raise Unavailable(code="contended")

    def _answer(self, profile: Profile, organizer_id: str) -> LessAnswer:
        weight = less_of(profile).get(organizer_id, 1.0)
        return LessAnswer(
            organizer_id=organizer_id,
            weight=weight,
            interruptions_per_week=part(weight, self._settings.interruptions_per_week),
            modals_per_day=part(weight, self._settings.modals_per_day),
        )
