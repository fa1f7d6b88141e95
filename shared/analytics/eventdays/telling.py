"""Live snapshots to those who listen (analytics-domain.md §5): when figures change, once every few seconds at most."""

from collections import deque
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from shared.analytics.eventdays.service import EventFigures, topic_of_event, topic_of_organization
from shared.analytics.ingest.figures import ABOUT_EVENTS
from shared.analytics.intake.models import Event
from shared.clients.errors import StoreError
from shared.clients.live.port import Live
from shared.kernel import telemetry
from shared.kernel.buffer import Buffer
from shared.kernel.clock import Clock, to_millis

MOST: Final = 500
"""Events that wait to be told of; who looks at others asks."""
TODAY: Final = timedelta(hours=32)
"""Longer than a social day goes on anywhere; what is older changes no snapshot."""


class LiveFigures(Buffer[str]):
    """Tells of events. Nothing waits for it, what it cannot tell is forgotten, and nobody is harmed: whoever listens may ask.

    Args:
        figures: makes snapshots.
        live: tells listeners.
        clock: the time.
        every_ms: how long an event waits after it has changed, in milliseconds: so it is told of once in that time, by each instance.
    """

    name = "live_figures"
    items = "events"

    def __init__(self, figures: EventFigures, live: Live, clock: Clock, *, every_ms: int) -> None:
        super().__init__(linger_ms=every_ms, full=MOST + 1)
        self._figures = figures
        self._live = live
        self._clock = clock
        self._known: set[str] = set()

    def heard(self, events: Iterable[Event]) -> None:
        """Figures have these events now. Never waits and never raises."""
        since = to_millis(self._clock.now() - TODAY)
        for event in events:
            about = event.metadata.get("eventId")
            if (
                isinstance(about, str)
                and event.type in ABOUT_EVENTS
                and event.at > since
                and about not in self._known
                and len(self._known) < MOST
            ):
                self._known.add(about)
                self.add(about)

    def pack(self, waiting: deque[str]) -> list[str]:
        """All that wait."""
        batch = list(dict.fromkeys(waiting))
        waiting.clear()
        # what changes from here on is told of the next time
        self._known.clear()
        return batch

    async def deliver(self, batch: list[str]) -> bool:
        """Tell of them, each to the listeners of the event and to those of its organization. Always as good as taken."""
        for event_id in batch:
            try:
                snapshot = await self._figures.snapshot(event_id)
            except StoreError as error:
                telemetry.log().info("live_figures_left_out", exc_info=error)
                return True
            body = snapshot.model_dump(mode="json", exclude_none=True)
            groups = [topic_of_event(event_id)]
            if snapshot.organization_id is not None:
                groups.append(topic_of_organization(snapshot.organization_id))
            for group in groups:
                if not await self._live.publish(group, body):
                    return True
        return True
