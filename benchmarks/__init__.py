"""What performance claims are made of: the same work done in several ways, side by side, in one run.

A benchmark is a module of this package with ``cases()``, which yields ``Case`` objects; ``python -m benchmarks`` finds it
by its name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

full = False
"""Whether ``--full`` asks for every size; else those that are soon done."""


@dataclass(frozen=True, slots=True)
class Case:
    """One piece of work and the ways to do it.

    ``ways`` maps a way's name to a function that does the whole work and returns its answers; the first is ours, the
    ratios compare the others with it; a peer's name carries its version. ``units`` is how many decisions, documents or hashes one call stands for.
    ``answers`` turns a way's result into what must be equal among all. ``measure`` takes one repetition of a way itself, where
    calling it often and taking the mean will not do: seconds by the clock and of the processor, for one unit.
    """

    title: str
    unit: str
    units: int
    ways: Mapping[str, Callable[[], Any]]
    answers: Callable[[Any], Any] = lambda result: result
    measure: Callable[[Any], tuple[float, float]] | None = None
