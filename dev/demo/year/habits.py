"""Habits of dancers: how often they look, when, how often they go out, and what for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from shared.analytics.behaviour.models import Occasion


@dataclass(frozen=True, slots=True)
class Habit:
    """How somebody lives with tango.

    ``looks`` and ``outings`` are per week in a middling season; ``hours`` weighs local hours of looking; ``tastes`` what they go out
    for; ``trips`` journeys to other cities per year; ``buys`` the share of festivals whose page they open; ``joined`` and ``gone`` are
    ranges of weeks before the end of the year.
    """

    name: str
    share: float
    looks: float
    outings: float
    hours: Mapping[int, float]
    tastes: Mapping[Occasion, float]
    trips: float = 0.0
    buys: float = 0.25
    joined: tuple[int, int] | None = None
    gone: tuple[int, int] | None = None
    cities: tuple[str, ...] = field(default=())


def _hours(**weights: float) -> Mapping[int, float]:
    """Weights by hour, ``h8=1``: each also lends a part to the hours beside it, and every waking hour has a little."""
    given = {int(name[1:]): weight for name, weight in weights.items()}
    waking = [*range(7, 24), 0]
    return {
        hour: given.get(hour, 0.0)
        + 0.3 * (given.get((hour - 1) % 24, 0.0) + given.get((hour + 1) % 24, 0.0))
        + 0.12
        for hour in {*waking, *given}
    }


_EVENING: Final = _hours(h8=0.8, h12=1.6, h17=1.5, h18=3.0, h19=4.0, h20=3.0, h21=2.0)
_NIGHT: Final = _hours(h21=1.0, h22=4.0, h23=6.0, h0=5.0, h1=3.0, h2=0.8)
_LUNCH: Final = _hours(h7=0.8, h8=1.4, h12=3.4, h13=2.4, h18=1.2, h19=2.0)
EAGER: Final = (0.8, 0.85, 0.95, 1.15, 1.35, 1.2, 0.7)
"""How much each weekday makes one look, Monday first; the mean is 1."""
_SOCIAL: Final[Mapping[Occasion, float]] = {"milonga": 6, "practica": 2, "advanced": 1.5, "intermediate": 0.5}
_STUDENT: Final[Mapping[Occasion, float]] = {"beginner": 3, "intermediate": 3, "practica": 2, "milonga": 1}
_FIRST_STEPS: Final[Mapping[Occasion, float]] = {"beginner": 8, "practica": 1, "milonga": 0.6}

HABITS: Final = (
    Habit("regular", 0.23, 1.8, 1.2, _EVENING, _SOCIAL, trips=0.8, buys=0.6),
    Habit("night owl", 0.15, 1.8, 0.9, _NIGHT, {"milonga": 8, "practica": 1}, trips=1.0, buys=0.4),
    Habit(
        "traveller",
        0.13,
        1.6,
        0.6,
        _EVENING,
        {"milonga": 5, "advanced": 4},
        trips=7.0,
        buys=0.8,
        cities=("new_york", "montreal", "buenos_aires", "philadelphia", "berlin", "lisbon"),
    ),
    Habit("student", 0.19, 1.4, 0.9, _LUNCH, _STUDENT, buys=0.2),
    Habit("newcomer", 0.12, 2.0, 0.8, _LUNCH, _FIRST_STEPS, buys=0.15, joined=(1, 11)),
    Habit("dormant", 0.11, 2.8, 1.3, _EVENING, _SOCIAL, trips=0.5, buys=0.5, gone=(7, 20)),
    Habit("occasional", 0.07, 0.4, 0.15, _EVENING, {"milonga": 1, "beginner": 0.3}),
)
"""Shares add up to 1."""
VISITOR: Final = Habit("visitor", 0.0, 0.15, 0.0, _EVENING, {}, buys=0.1)
"""Somebody without an account: looks, and rarely buys."""
