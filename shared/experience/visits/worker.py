"""The one consumer of the queue ``activity``: visits into profiles, and everything into rows and figures."""

from typing import Final

from shared.analytics.eventdays.telling import LiveFigures
from shared.analytics.ingest.epochs import Epochs
from shared.analytics.ingest.service import Ingest
from shared.analytics.intake.handover import Handover
from shared.analytics.intake.models import KIND as EVENTS
from shared.analytics.intake.models import Event, from_envelope, texts
from shared.analytics.intake.rules import event_key
from shared.clients.errors import Contended, StoreUnavailable
from shared.experience.visits.models import KIND as VISITS
from shared.experience.visits.models import Visit
from shared.experience.visits.models import from_envelope as visits_of
from shared.experience.visits.service import Visits
from shared.kernel import telemetry
from shared.kernel.envelope import Envelope, envelope

AGAIN_SECONDS: Final = 60
"""After how long a batch comes again that MongoDB could not take."""


class ActivityWorker:
    """Works off batches, from the queue or from the staging collection.

    A visit goes to its profile first. While MongoDB is away a batch goes back to the queue as plain events, under the same id and
    with a pause, so that it neither counts as a failure nor touches the profiles again; nobody else waits for it.
    """

    def __init__(
        self,
        visits: Visits,
        epochs: Epochs,
        ingest: Ingest,
        handover: Handover,
        live: LiveFigures | None = None,
    ) -> None:
        self._visits = visits
        self._epochs = epochs
        self._ingest = ingest
        self._handover = handover
        self._live = live

    async def apply(self, message: Envelope) -> int:
        """Apply a batch; gives how many of its events were new, of visits how many people there were. Raises BadEnvelope, and
        StoreUnavailable when neither MongoDB nor the queue nor Firestore would have it.
        """
        if message.kind == VISITS:
            people = await self._visits.apply(message)
            await self._follow(message)
            await self._count(message, [each for visit in visits_of(message) for each in events_of(visit)])
            return people
        return await self._count(message, from_envelope(message))

    async def _follow(self, message: Envelope) -> None:
        """What visitors did in the last epoch becomes theirs in this one; where it cannot, the next visit asks again."""
        people = [visit.person for visit in visits_of(message)]
        try:
            await self._epochs.follow({each.key: each.previous_key for each in people if each.previous_key})
        except (StoreUnavailable, Contended) as error:
            telemetry.log().info("behaviour_left_behind", batch=message.id, exc_info=error)

    async def _count(self, message: Envelope, events: list[Event]) -> int:
        try:
            new = await self._ingest.apply(message.id, events)
        except (StoreUnavailable, Contended) as error:
            telemetry.log().warning("figures_away", batch=message.id, exc_info=error)
            [text] = texts(events)  # what came in one message fits one again
            later = envelope(EVENTS, message.id, "", message.at, {"z": text})
            if not await self._handover.give(later, delay_seconds=AGAIN_SECONDS):
                raise
            return 0
        if new and self._live is not None:
            self._live.heard(events)
        return new


def events_of(visit: Visit) -> list[Event]:
    """What a visit is to the figures: somebody was there; and they signed in, at the moment that their token tells."""
    person, zone = visit.person, {"timezone": visit.timezone} if visit.timezone else {}
    seen = Event(
        event_key("visit", f"{person.key}\x1f{visit.seen.at}"),
        "visit",
        visit.seen.at,
        person.key,
        person.type,
        "server",
        {**zone, "releaseId": visit.seen.release_id},
    )
    if visit.signed_in_at is None:
        return [seen]
    login = Event(
        event_key("login", f"{person.key}\x1f{visit.signed_in_at}"),
        "login",
        visit.signed_in_at,
        person.key,
        person.type,
        "server",
        zone,
    )
    return [seen, login]
