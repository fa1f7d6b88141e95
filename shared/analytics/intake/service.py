"""Taking events in: judged one by one, handed over together."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from shared.analytics.intake.buffer import EventBuffer, Gathering
from shared.analytics.intake.metadata import REACHED
from shared.analytics.intake.models import Event
from shared.analytics.intake.rules import Refusal, Reporter, bot_of, event_key, judged, reached_key
from shared.analytics.intake.schemas import TrackAnswer, TrackItem, TrackRequest
from shared.kernel import telemetry
from shared.kernel.clock import Clock, to_millis
from shared.kernel.errors import Forbidden, Unavailable
from shared.kernel.ids import IdSource
from shared.people.access import Principal
from shared.people.profiles.models import PersonType
from shared.people.visitors import Visitors

SCOPE: Final = "track"


class Tracking:
    """Events from browsers, from servers, and our own.

    Args:
        gathering: takes on what others report.
        buffer: takes on our own.
        visitors: keys of callers.
        clock: the time.
        ids: names events that bring no id.
    """

    def __init__(
        self, gathering: Gathering, buffer: EventBuffer, visitors: Visitors, clock: Clock, ids: IdSource
    ) -> None:
        self._gathering = gathering
        self._buffer = buffer
        self._visitors = visitors
        self._clock = clock
        self._ids = ids

    async def track(
        self, request: TrackRequest, principal: Principal, *, address: str, user_agent: str | None
    ) -> TrackAnswer:
        """Take what can be taken; the answer comes when the queue, or Firestore in its place, holds it (0 reads, at most 1
        write). Raises Forbidden for a server without the scope ``track``, Unavailable when nobody took the events.
        """
        now = self._clock.now()
        reporter = self._reporter(request, principal, address, user_agent)
        taken: list[Event] = []
        items: list[TrackItem] = []
        for index, given in enumerate(request.events):
            ident = given.event_id or self._ids.new("e")
            try:
                taken.append(judged(given, reporter, ident, now))
            except Refusal as refusal:
                items.append(TrackItem(index=index, event_id=ident, status="refused", code=refusal.code))
            else:
                items.append(TrackItem(index=index, event_id=ident, status="accepted"))
        if taken:
            await self._gathering.take(taken)
        return TrackAnswer(accepted=len(taken), items=items)

    def note(
        self,
        event_type: str,
        person_key: str,
        person_type: PersonType,
        ident: str,
        *,
        at: datetime | None = None,
        **metadata: object,
    ) -> None:
        """Take an event of our own, off every answer's path; ``ident`` and ``at`` (else now) are the same for the same happening."""
        event = Event(
            event_key(event_type, ident),
            event_type,
            to_millis(at or self._clock.now()),
            person_key,
            person_type,
            "server",
            {name: value for name, value in metadata.items() if value is not None},
        )
        self._buffer.add(event)

    async def reached(
        self, people: Mapping[str, str], *, campaign_id: str, organizer_id: str | None, channel: str
    ) -> None:
        """A message reached signed-in people, given with their deliveries' ids (hundreds a queue message, no document).

        Comes back when the queue holds it. Where nobody does, it is logged, and the message itself goes its way.
        """
        told = {"campaignId": campaign_id, "channel": channel}
        told |= {"organizerId": organizer_id} if organizer_id else {}
        now = to_millis(self._clock.now())
        events = [
            Event(reached_key(person, REACHED, ident), REACHED, now, person, "user", "server", told)
            for person, ident in people.items()
        ]
        try:
            await self._gathering.take(events)
        except Unavailable as error:
            telemetry.log().warning("reached_untold", events=len(events), exc_info=error)

    def favorite(self, uid: str, organizer_id: str, *, on: bool) -> None:
        """An organizer became a favourite, or ceased to be one."""
        self.note("favorite", uid, "user", self._ids.new("e"), organizerId=organizer_id, on=on)

    def _reporter(
        self, request: TrackRequest, principal: Principal, address: str, user_agent: str | None
    ) -> Reporter:
        if principal.server is not None:
            if SCOPE not in principal.scopes:
                raise Forbidden
            return Reporter(f"server:{principal.server}", None, "user", "server")
        person = self._visitors.identify(
            principal.uid, visitor_id=request.visitor_id, address=address, now=self._clock.now()
        )
        reporter = Reporter(person.key, person.key, person.type, "browser")
        return replace(reporter, bot=bot_of(user_agent))
