"""Where visits wait to share a queue message (docs/decisions/0007)."""

from collections import deque
from typing import Final

from shared.analytics.intake.handover import Handover
from shared.experience.visits.models import KIND, Visit, pack, to_data
from shared.kernel.buffer import Buffer
from shared.kernel.clock import Clock
from shared.kernel.envelope import envelope
from shared.kernel.ids import IdSource

FULL: Final = 150
"""So many waiting visits fill about one message and are sent without lingering."""


class ActivityBuffer(Buffer[Visit]):
    """Takes visits at once and sends them later, packed; falls back to the staging collection.

    Args:
        handover: takes batches.
        clock: stamps batches.
        ids: names batches.
        linger_ms: how long a visit waits for others (``Settings.activity_linger_ms``).
    """

    name = "activity"
    items = "visits"

    def __init__(self, handover: Handover, clock: Clock, ids: IdSource, *, linger_ms: int) -> None:
        super().__init__(linger_ms=linger_ms, full=FULL)
        self._handover = handover
        self._clock = clock
        self._ids = ids

    def pack(self, waiting: deque[Visit]) -> list[Visit]:
        """What fits one message."""
        return pack(waiting)

    async def deliver(self, batch: list[Visit]) -> bool:
        """Queue a batch, or stage it; False while both are away."""
        message = envelope(KIND, self._ids.new("b"), "", self._clock.now(), to_data(batch))
        return await self._handover.give(message)
