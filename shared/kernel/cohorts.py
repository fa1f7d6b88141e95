"""Numbers of people as those may know them who must not learn who they are (design/decisions.md, Messages). Pure."""

from typing import Final

from shared.kernel.wire import Wire

HIDDEN_BELOW: Final = 20
STEP: Final = 5


class Count(Wire):
    """A number of people: ``value`` None and ``text`` «under 20» where it is too small to be told."""

    value: int | None
    text: str


def exact(number: float) -> Count:
    """As it is."""
    return Count(value=round(number), text=str(round(number)))


def coarse(number: float) -> Count:
    """Rounded to 5; below 20 not told."""
    if number < HIDDEN_BELOW:
        return Count(value=None, text=f"under {HIDDEN_BELOW}")
    return exact(STEP * round(number / STEP))


def at_most(number: float) -> int:
    """The greatest number that ``coarse`` tells in the same words: what is priced by it gives nothing away."""
    if number < HIDDEN_BELOW:
        return HIDDEN_BELOW - 1
    return STEP * round(number / STEP) + STEP // 2
