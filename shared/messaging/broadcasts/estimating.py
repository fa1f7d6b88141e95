"""What would become of a broadcast now: found by judging its audience, or a sample of it (docs/broadcasts.md, Dry run).

Keys of people and places of followers are random letters, so those first in their order are a simple random sample of all.
"""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from shared.kernel.clock import Clock
from shared.kernel.estimates import wilson
from shared.messaging.broadcasts.audience import Audiences
from shared.messaging.broadcasts.models import Broadcast
from shared.messaging.broadcasts.recipients import Judged, Recipients
from shared.premium.tiers import SendChannel


@dataclass(frozen=True, slots=True)
class Estimate:
    """Numbers of people: in the audience, lost by reason, reached by channel, and the most that can be reached by channel.

    ``most`` is an upper bound with 97.5 % confidence; ``population`` are those among whom the audience is found.
    """

    exact: bool
    population: int
    people: float
    lost: Mapping[str, float]
    reached: Mapping[SendChannel, float]
    most: Mapping[SendChannel, int]
    most_people: int


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
        lost: Counter[str] = Counter()
        reached: Counter[SendChannel] = Counter(dict.fromkeys(broadcast.channels, 0))
        looked_at = people = 0
        position: str | None = None
        now = self._clock.now()
        while True:
            batch = await self._audiences.batch(broadcast, position, now)
            judged = await self._recipients.judge(broadcast, batch.people, batch.followers)
            for each in judged:
                _count(each, broadcast.channels, lost, reached)
            lost.update(batch.lost)
            people += len(batch.people) + batch.lost.total()
            looked_at, position = looked_at + batch.scanned, batch.position
            if position is None or looked_at >= self._most:
                break
        exact = position is None
        # people join while we look: what was seen is there
        population = looked_at if exact else max(population, looked_at)
        scale = population / looked_at if looked_at else 0.0

        def most(hits: int) -> int:
            return hits if exact else math.ceil(wilson(hits, looked_at, population).high)

        return Estimate(
            exact=exact,
            population=population,
            people=people * scale,
            lost={reason: number * scale for reason, number in lost.items() if number},
            reached={channel: number * scale for channel, number in reached.items()},
            most={channel: most(number) for channel, number in reached.items()},
            most_people=most(people),
        )


def _count(
    judged: Judged,
    channels: tuple[SendChannel, ...],
    lost: Counter[str],
    reached: Counter[SendChannel],
) -> None:
    """A person is lost by the reason of the first channel, when no channel reaches them."""
    able = [channel for channel in channels if judged.may[channel].consent_id is not None]
    reached.update(able)
    if not able:
        lost[judged.may[channels[0]].reason] += 1
