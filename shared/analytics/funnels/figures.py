"""The figures of a funnel out of everybody's outcomes: pure. Whoever is counted can be listed, by the same tests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final, Literal

from shared.analytics.funnels.models import FunnelShape
from shared.analytics.funnels.rules import Outcome

Part = Literal["reached", "dropped"]
MAX_GROUPS: Final = 20
"""Groups of a breakdown, the largest first; the rest is one more."""
MIN_GROUP: Final = 20
"""People that a group of a breakdown has at least; smaller ones are part of the rest."""
OTHER: Final = "other"


@dataclass(frozen=True, slots=True)
class StepFigures:
    """One step: people who reached it, their share of those of step 1 and of the step before, median times in ms."""

    people: int
    overall: float | None
    relative: float | None
    median_ms: int | None
    median_total_ms: int | None


@dataclass(frozen=True, slots=True)
class Figures:
    """All steps of one group of people; ``excluded`` people are in none of them."""

    steps: tuple[StepFigures, ...]
    excluded: int


def figures(funnel: FunnelShape, outcomes: Sequence[Outcome]) -> Figures:
    """What the chart shows."""
    counted = [each for each in outcomes if not each.excluded]
    numbers = [sum(len(each.reached) > step for each in counted) for step in range(len(funnel.steps))]
    steps = []
    for step, people in enumerate(numbers):
        there = [each.reached for each in counted if len(each.reached) > step]
        steps.append(
            StepFigures(
                people=people,
                overall=_share(people, numbers[0]),
                relative=_share(people, numbers[step - 1]) if step else _share(people, people),
                median_ms=_median([rows[step].at - rows[step - 1].at for rows in there]) if step else None,
                median_total_ms=_median([rows[step].at - rows[0].at for rows in there]) if step else None,
            )
        )
    return Figures(tuple(steps), len(outcomes) - len(counted))


def broken_down(funnel: FunnelShape, outcomes: Sequence[Outcome]) -> dict[str, Figures]:
    """The figures by the detail of the first step, largest group first; what is small or unknown is ``other``."""
    if funnel.breakdown is None:
        return {}
    groups: dict[str, list[Outcome]] = {}
    for each in outcomes:
        groups.setdefault(each.reached[0].details.get(funnel.breakdown, OTHER), []).append(each)
    rest = groups.pop(OTHER, [])
    ranked = sorted(groups, key=lambda name: (-len(groups[name]), name))
    kept = [name for name in ranked[:MAX_GROUPS] if len(groups[name]) >= MIN_GROUP]
    rest += [each for name in ranked if name not in kept for each in groups[name]]
    named = {name: figures(funnel, groups[name]) for name in kept}
    return named | ({OTHER: figures(funnel, rest)} if rest else {})


def people(outcomes: Mapping[str, Outcome], step: int, part: Part) -> list[str]:
    """The keys of who reached the step (counted from 1), or reached the one before and went no further; ascending."""
    return sorted(
        key
        for key, each in outcomes.items()
        if not each.excluded
        and (len(each.reached) >= step if part == "reached" else len(each.reached) == step - 1)
    )


def _share(people_: int, of: int) -> float | None:
    return round(people_ / of, 4) if of else None


def _median(times: Sequence[int]) -> int | None:
    return round(median(times)) if times else None
