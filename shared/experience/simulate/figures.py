"""Numbers of people for their readers: exact for admins, coarse for organizers (design/decisions.md, Messages). Pure."""

import math
from collections.abc import Callable
from typing import Final

from shared.experience.simulate.schemas import Figure
from shared.kernel.estimates import Interval

HIDDEN_BELOW: Final = 20
STEP: Final = 5
Show = Callable[[Interval], Figure]


def plain(found: Interval) -> Figure:
    """As it is."""
    value = round(found.estimate)
    low, high = math.floor(found.low), math.ceil(found.high)
    if found.low == found.high:
        return Figure(value=value, text=str(value))
    return Figure(value=value, low=low, high=high, text=f"{value} ({low} to {high})")


def coarse(found: Interval) -> Figure:
    """Rounded to 5; below 20 not told."""
    value = _rounded(found.estimate)
    if found.estimate < HIDDEN_BELOW:
        return Figure(value=None, text=f"under {HIDDEN_BELOW}")
    if found.low == found.high:
        return Figure(value=value, text=str(value))
    low, high = math.floor(found.low / STEP) * STEP, math.ceil(found.high / STEP) * STEP
    below = low < HIDDEN_BELOW
    return Figure(
        value=value,
        low=None if below else low,
        high=high,
        text=f"{value} ({f'under {HIDDEN_BELOW}' if below else low} to {high})",
    )


def lost_between(before: Figure, after: Figure) -> Figure:
    """What organizers may know of a loss: no more than the two numbers around it say."""
    if before.value is None or after.value is None:
        return Figure(value=None, text="not told")
    lost = before.value - after.value
    return Figure(value=lost, text=str(lost))


def _rounded(number: float) -> int:
    return STEP * round(number / STEP)
