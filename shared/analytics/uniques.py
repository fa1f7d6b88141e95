"""How many different people: exact for those we number, within a published bound for the others.

People with a behaviour document have a dense number and stand in a bitmap. Anonymous ones (sessions) go into a HyperLogLog sketch of
2^12 registers (DataSketches); several sketches are united, for which its bound is given. Both are sets: repeats change nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, ConfigDict

REGISTERS: Final = 12
"""Base-2 logarithm: about 2 KB a sketch; the union's standard error is 1.04 / 64 of it."""
DEVIATIONS: Final = 2
"""The bound holds in 95 of 100 cases."""


class Count(BaseModel):
    """A number of people: ``exact``, or between ``low`` and ``high`` in 95 of 100 cases."""

    model_config = ConfigDict(frozen=True)

    value: int
    exact: bool
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Uniques:
    """A set of people: numbers as a serialised bitmap, others as a serialised sketch; empty bytes for none."""

    known: bytes = b""
    anonymous: bytes = b""

    def with_people(self, numbers: Iterable[int], others: Iterable[str] = ()) -> "Uniques":
        """The set with more people: their numbers, and what the anonymous ones are called."""
        numbers, others = set(numbers), sorted(set(others))
        return Uniques(
            _joined(self.known, numbers) if numbers else self.known,
            _sketched(self.anonymous, others) if others else self.anonymous,
        )

    @property
    def people(self) -> set[int]:
        """The numbers of those who have one."""
        from pyroaring import BitMap  # noqa: PLC0415 - cold start

        return set(BitMap.deserialize(self.known)) if self.known else set()


def estimate(sets: Iterable[Uniques]) -> Count:
    """How many different people are in any of the sets."""
    from datasketches import hll_sketch, hll_union  # noqa: PLC0415 - cold start
    from pyroaring import BitMap  # noqa: PLC0415 - cold start

    known, union, any_sketch = BitMap(), hll_union(REGISTERS), False
    for each in sets:
        if each.known:
            known |= BitMap.deserialize(each.known)
        if each.anonymous:
            union.update(hll_sketch.deserialize(each.anonymous))
            any_sketch = True
    exact = len(known)
    if not any_sketch:
        return Count(value=exact, exact=True, low=exact, high=exact)
    low, value, high = (
        union.get_lower_bound(DEVIATIONS),
        union.get_estimate(),
        union.get_upper_bound(DEVIATIONS),
    )
    return Count(
        value=exact + round(value), exact=False, low=exact + int(low), high=exact + int(-(-high // 1))
    )


def _joined(known: bytes, numbers: set[int]) -> bytes:
    from pyroaring import BitMap  # noqa: PLC0415 - cold start

    return bytes((BitMap.deserialize(known) | BitMap(numbers) if known else BitMap(numbers)).serialize())


def _sketched(present: bytes, names: Iterable[str]) -> bytes:
    from datasketches import hll_sketch, hll_union, tgt_hll_type  # noqa: PLC0415 - cold start

    more = hll_sketch(REGISTERS, tgt_hll_type.HLL_8)
    for name in names:
        more.update(name)
    union = hll_union(REGISTERS)
    if present:
        union.update(hll_sketch.deserialize(present))
    union.update(more)
    return bytes(union.get_result(tgt_hll_type.HLL_4).serialize_compact())
