"""What a broadcast would come to: a dry run judges the audience, or a sample of it, as if it were written to now (docs/broadcasts.md).

The people are sampled from the beginning: keys and shards are scattered by a hash, so their order says nothing of a person. What a
segment would come to is estimated in ``segment_estimating``.
"""

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from shared.kernel.clock import Clock
from shared.kernel.cohorts import at_most
from shared.kernel.estimates import wilson
from shared.messaging.broadcasts.audience import Audiences
from shared.messaging.broadcasts.models import Broadcast
from shared.messaging.broadcasts.recipients import Judged, Recipients
from shared.premium.tiers import SendChannel


class ToldDrift(NamedTuple):
    """How many people a segment had when its version was made, has now, got and lost since, as its hearer may know it."""

    then: float
    now: float
    joined: float
    left: float
    alarming: bool


@dataclass(frozen=True, slots=True)
class Estimate:
    """Numbers of people: in the audience, lost by reason, reached by channel, and the most that can be reached by channel.

    ``most`` and ``most_people`` are upper bounds with 97.5 % confidence, no finer than what organizers are told; ``population`` are
    those among whom the audience is found.
    """

    exact: bool
    population: int
    people: float
    lost: Mapping[str, float]
    reached: Mapping[SendChannel, float]
    most: Mapping[SendChannel, int]
    most_people: int
    drift: ToldDrift | None = None


@dataclass(slots=True)
class Sample:
    """People who were judged: lost by the reason of the first channel when no channel reaches them, and reached by channel."""

    reached: dict[SendChannel, list[str]]
    lost: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, judged: Judged) -> None:
        """Count a person in."""
        able = [channel for channel in self.reached if judged.may[channel].consent_id is not None]
        for channel in able:
            self.reached[channel].append(judged.person_key)
        if not able:
            self.lost[judged.may[next(iter(self.reached))].reason].append(judged.person_key)


class Estimating:
    """Judges samples of audiences.

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

    async def of(self, broadcast: Broadcast) -> Estimate:
        """The estimate: 1 read for 1,000 of the population, and what judging the sample reads."""
        population = await self._audiences.population(broadcast)
        sample = Sample({channel: [] for channel in broadcast.channels})
        left_out = looked_at = people = 0
        position: str | None = None
        now = self._clock.now()
        while True:
            batch = await self._audiences.batch(broadcast, position, now)
            for judged in await self._recipients.judge(broadcast, batch.people, batch.followers):
                sample.add(judged)
            left_out += batch.lost.total()
            people += len(batch.people) + batch.lost.total()
            looked_at, position = looked_at + batch.scanned, batch.position
            if position is None or looked_at >= self._most:
                break
        exact = position is None
        # people join while we look: what was seen is there
        population = looked_at if exact else max(population, looked_at)
        scale = population / looked_at if looked_at else 0.0
        lost = {reason: len(some) for reason, some in sample.lost.items()} | {"excluded": left_out}

        def most(hits: int) -> int:
            return at_most(hits if exact else math.ceil(wilson(hits, looked_at, population).high))

        return Estimate(
            exact=exact,
            population=population,
            people=people * scale,
            lost={reason: number * scale for reason, number in lost.items() if number},
            reached={channel: len(some) * scale for channel, some in sample.reached.items()},
            most={channel: most(len(some)) for channel, some in sample.reached.items()},
            most_people=most(people),
        )
