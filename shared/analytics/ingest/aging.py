"""What changes with time alone: cities that become a year old (design/decisions.md, Analytics: multiCityScore)."""

from dataclasses import replace
from typing import Final

from shared.analytics.behaviour.models import COLLECTION
from shared.analytics.ingest.figures import BEHAVIOURS
from shared.analytics.ingest.folding import Folding
from shared.clients.analytics.port import Analytics
from shared.kernel import telemetry
from shared.kernel.clock import Clock

PAGE: Final = 500
"""People aged at a time."""


class Aging:
    """Makes ``travelPattern`` anew of those who do nothing: an event makes it anew by itself."""

    def __init__(self, analytics: Analytics, clock: Clock) -> None:
        self._analytics = analytics
        self._clock = clock
        self._folding = Folding(analytics, clock)

    async def page(self) -> int:
        """Write those whose ``decaysAt`` has come, the longest ago first, at most PAGE (1 find, 1 write); gives how many were looked at.

        What is written has a later ``decaysAt`` or none, which is how far it got: a run may stop anywhere, and two may run at
        once. Who is changed meanwhile by others is written by them, or by the next run.
        """
        due = {"travelPattern.decaysAt": {"$lte": self._clock.now()}}
        found = await self._analytics.find(COLLECTION, due, order=[("travelPattern.decaysAt", 1)], limit=PAGE)
        states = [BEHAVIOURS.read(document) for document in found]
        aged = {each.person_key: replace(each, revision=each.revision + 1) for each in states}
        await self._folding.write(BEHAVIOURS, aged)
        if found:
            telemetry.log().info("behaviour_aged", people=len(found))
        return len(found)
