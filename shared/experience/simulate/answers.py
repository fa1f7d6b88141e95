"""A simulation on the wire: pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.experience.simulate.figures import coarse, lost_between, plain
from shared.experience.simulate.rules import EXAMPLES, ROWS, Tally
from shared.experience.simulate.schemas import (
    Cost,
    Figure,
    Loss,
    Operations,
    Sample,
    Simulation,
    WaterfallRow,
)
from shared.kernel.estimates import Interval, wilson
from shared.messaging.campaigns.models import Campaign
from shared.people.profiles.models import PersonType

PER_MESSAGE: Final = Operations(reads=2, writes=5)
"""A message from decision to acknowledgement: delivery, profile and kept decision; then delivery and profile read and
written by its report (design/wire.md, Experience). The read of the decision happens whatever is shown."""
CONFIDENCE: Final = 0.95


@dataclass(frozen=True, slots=True)
class Findings:
    """What was counted, by stratum."""

    campaign: Campaign
    at: datetime
    sizes: Mapping[PersonType, int]
    tallies: Mapping[PersonType, Tally]
    reads: int

    @property
    def population(self) -> int:
        """People there are."""
        return sum(self.sizes.values())

    @property
    def read(self) -> int:
        """Profiles that were read."""
        return sum(tally.read for tally in self.tallies.values())

    def weighted(self, counts: Mapping[PersonType, float]) -> Interval:
        """How many of all people, from how many of each stratum's sample: each stands for its part of the stratum."""
        hits = sum(
            number * self.sizes[kind] / self.tallies[kind].read
            for kind, number in counts.items()
            if self.tallies[kind].read
        )
        population, read = self.population, self.read
        return wilson(hits * read / population if population else 0.0, read, population)


def answer(found: Findings, *, for_admins: bool) -> Simulation:
    """The simulation for its reader."""
    show = plain if for_admins else coarse
    seen = found.weighted({kind: tally.seen for kind, tally in found.tallies.items()})
    first_day = found.weighted({kind: tally.first_day for kind, tally in found.tallies.items()})
    whole = Interval(found.population, found.population, found.population)
    read = Interval(found.read, found.read, found.read)
    examples = [key for tally in found.tallies.values() for key in tally.examples][:EXAMPLES]
    shown_figure, day_figure = show(seen), show(first_day)
    return Simulation(
        campaign_id=found.campaign.id,
        based_on_version=found.campaign.version,
        at=found.at,
        sample=Sample(
            profiles=show(read),
            population=show(whole),
            exact=found.read >= found.population,
            confidence=CONFIDENCE,
            method="wilson_score",
        ),
        waterfall=_waterfall(found, for_admins=for_admins),
        would_see=shown_figure,
        first_day=day_figure,
        examples=examples if for_admins else [],
        cost=Cost(
            per_message=PER_MESSAGE,
            first_day=_operations(day_figure),
            everybody=_operations(shown_figure),
            simulation=Operations(reads=found.reads, writes=0) if for_admins else None,
        ),
    )


def _waterfall(found: Findings, *, for_admins: bool) -> list[WaterfallRow]:
    show = plain if for_admins else coarse
    left = {kind: tally.read for kind, tally in found.tallies.items()}
    before = show(found.weighted(left))
    rows = []
    for check in ROWS:
        lost = {kind: _lost(tally, check) for kind, tally in found.tallies.items()}
        left = {kind: left[kind] - lost[kind].total() for kind in left}
        after = show(found.weighted(left))
        gone = show(found.weighted({kind: counts.total() for kind, counts in lost.items()}))
        rows.append(
            WaterfallRow(
                check=check,
                lost=gone if for_admins else lost_between(before, after),
                left=after,
                reasons=_reasons(found, lost) if for_admins else [],
            )
        )
        before = after
    return rows


def _lost(tally: Tally, check: str) -> Counter[str]:
    return Counter({reason: number for (name, reason), number in tally.lost.items() if name == check})


def _reasons(found: Findings, lost: Mapping[PersonType, Counter[str]]) -> list[Loss]:
    reasons = sorted({reason for counts in lost.values() for reason in counts})
    return [
        Loss(
            reason=reason,
            lost=plain(found.weighted({kind: counts[reason] for kind, counts in lost.items()})),
        )
        for reason in reasons
    ]


def _operations(messages: Figure) -> Operations | None:
    if messages.value is None:
        return None
    return Operations(reads=PER_MESSAGE.reads * messages.value, writes=PER_MESSAGE.writes * messages.value)
