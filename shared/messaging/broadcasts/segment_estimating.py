"""What a broadcast to a segment would come to, as its organizer may know it (docs/broadcasts.md, Segments).

Every number goes through the shield of cohorts (docs/segments.md), and whatever else is told follows from those numbers: neither a
price nor a forecast says more than they do.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from shared.analytics.bitmaps.bits import Bits, bits
from shared.analytics.segments.members import Drift
from shared.kernel.clock import Clock
from shared.kernel.estimates import wilson
from shared.messaging.broadcasts.audience import Audiences
from shared.messaging.broadcasts.estimating import Estimate, Sample, ToldDrift
from shared.messaging.broadcasts.models import Broadcast
from shared.messaging.broadcasts.recipients import Recipients
from shared.messaging.broadcasts.segments import SegmentAudiences


class Told(NamedTuple):
    """A number of people as its hearer may know it (0: too few to be told), and what it can be at the most."""

    number: float
    most: int


@dataclass(frozen=True, slots=True)
class Hearing:
    """Who asks for how many people of a moment there are: an organizer, or the site (None)."""

    segments: SegmentAudiences
    owner: str | None
    as_of: datetime

    async def of(self, members: Bits) -> Told:
        """How many these are. Raises TooManyRequests ``cohort_budget_spent``."""
        size = await self.segments.size(self.owner, members, self.as_of)
        return Told(float(size.count or 0), (size.count or size.under or 0) + size.bound)

    async def drift(self, drift: Drift, now: float) -> ToldDrift:
        """How a segment has changed that has so many people now (3 questions)."""
        then, joined, left = [(await self.of(some)).number for some in (drift.then, drift.joined, drift.left)]
        return ToldDrift(then, now, joined, left, drift.alarming)


class SegmentEstimating:
    """Judges samples of segments.

    Args:
        audiences: finds the people.
        recipients: judges them.
        clock: now.
        most: how many people one estimate looks at (``Settings.simulation_profiles``).
    """

    def __init__(self, audiences: Audiences, recipients: Recipients, clock: Clock, most: int) -> None:
        self._audiences = audiences
        self._recipients = recipients
        self._clock = clock
        self._most = most

    async def of(self, broadcast: Broadcast, owner: str | None, *, drift: bool = False) -> Estimate:
        """The estimate for an organizer, or exact numbers for the site (None).

        It takes 3 operations of MongoDB, 1 for 1,000 of the sample, and 1 read for each of the sample.
        For an organizer each number is a question of the day, 2 operations more: people, each channel, each reason; with ``drift``
        three. Raises Invalid ``segment_unknown``, TooManyRequests ``cohort_budget_spent``, Unavailable.
        """
        segments = self._audiences.segments
        audience = await segments.look(broadcast)
        hearing = Hearing(segments, owner, audience.as_of)
        people = await hearing.of(audience.members)
        numbers = await segments.sample(audience, self._most)
        sample = await self._judged(broadcast, list(numbers))
        # by the told number alone, and by no true one: whether and from how much it is scaled up
        sampled = people.most > self._most
        scale = people.number / self._most if sampled else 1.0

        async def told(keys: Iterable[str]) -> Told:
            heard = await hearing.of(bits(numbers[key] for key in keys))
            if not sampled:
                return heard
            bound = wilson(min(heard.most, self._most), self._most, people.most)
            return Told(heard.number * scale, math.ceil(bound.high))

        reached = {channel: await told(keys) for channel, keys in sample.reached.items()}
        return Estimate(
            exact=owner is None and not sampled,
            population=people.most,
            people=people.number,
            lost={reason: (await told(keys)).number for reason, keys in sample.lost.items()},
            reached={channel: heard.number for channel, heard in reached.items()},
            most={channel: heard.most for channel, heard in reached.items()},
            most_people=people.most,
            drift=await hearing.drift(audience.drift, people.number) if drift else None,
        )

    async def _judged(self, broadcast: Broadcast, keys: list[str]) -> Sample:
        sample = Sample({channel: [] for channel in broadcast.channels})
        batch = await self._audiences.left_over(broadcast, keys, self._clock.now())
        for judged in await self._recipients.judge(broadcast, batch.people, {}):
            sample.add(judged)
        if len(batch.people) < len(keys):
            sample.lost["excluded"] = sorted(set(keys) - set(batch.people))
        return sample
