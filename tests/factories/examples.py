"""How many examples a property is tried on: few and new ones in each ``make test``, many in ``make soak``."""

import os
from collections.abc import Iterable
from typing import Final, TypeVar

ItemT = TypeVar("ItemT")

SOAK: Final = os.environ.get("SOAK") == "1"


def examples(number: int) -> int:
    """A quarter of the number, yet ten if there are as many; ten times the number when soaking."""
    return number * 10 if SOAK else min(number, max(10, number // 4))


def share(items: Iterable[ItemT], number: int, of: int = 4) -> list[ItemT]:
    """Every so-and-so-many-th item from the number on, so that neighbours together try all; all of them when soaking."""
    return list(items)[0 if SOAK else number % of :: 1 if SOAK else of]
