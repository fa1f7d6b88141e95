"""What segments do when a person is merged or erased, and when time has passed.

Sets hold numbers alone; which number was whose is told by ``userBehaviorAnalytics``, and goes with it. A number is never given again.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from shared.analytics.segments.people import PeopleReader
from shared.analytics.segments.shield import Shield
from shared.analytics.segments.snapshots import COLLECTION, Snapshots
from shared.clients.analytics.port import Analytics
from shared.people.hooks import PersonHooks, Subject

PINS: Final = timedelta(days=548)
"""How long the people of a send are kept: 18 months, as the threads about it."""
PARTS: Final = timedelta(days=2)


class SegmentHooks(PersonHooks):
    """Comes before the part that removes behaviour, which still knows the numbers."""

    name = "segments"

    def __init__(
        self, analytics: Analytics, people: PeopleReader, snapshots: Snapshots, shield: Shield
    ) -> None:
        self._analytics = analytics
        self._people = people
        self._snapshots = snapshots
        self._shield = shield

    async def merge(self, person_key: str, visitor_keys: Sequence[str]) -> None:
        """The visitors' numbers leave every facet with the next refresh; what they did counts for the person from then on."""
        await self._gone(visitor_keys)

    async def erase(self, subject: Subject, at: datetime) -> int:
        """The same for the person's own number. Gives how many numbers go."""
        return await self._gone([subject.key, *subject.visitor_keys])

    async def retain(self, now: datetime) -> int:
        """Remove snapshots, answers, parts and pins that are past their time."""
        gone = await self._snapshots.sweep(now) + await self._shield.retain(now)
        for kind, kept in (("pin", PINS), ("part", PARTS)):
            gone += await self._analytics.delete(COLLECTION, {"kind": kind, "at": {"$lt": now - kept}})
        return gone

    async def _gone(self, keys: Sequence[str]) -> int:
        numbers = await self._people.numbers(keys) if keys else []
        marks = [{"_id": f"gone/{number}", "kind": "gone", "n": number} for number in numbers]
        if marks:
            await self._analytics.insert(COLLECTION, marks)
        return len(marks)
