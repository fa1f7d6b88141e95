"""Sets of person numbers: Roaring bitmaps behind the few operations that segments use.

Sets are values here: every function gives a new one, and what was given stays as it is.
"""

from collections.abc import Iterable, Iterator
from functools import reduce
from itertools import islice
from operator import and_
from typing import Final, TypeAlias

from pyroaring import BitMap, FrozenBitMap

Bits: TypeAlias = BitMap | FrozenBitMap
"""A set of person numbers, 0 to 2^32 - 1."""
EMPTY: Final = FrozenBitMap()
MAX_NUMBER: Final = 2**32 - 1
"""Greatest number of a person."""


def bits(numbers: Iterable[int]) -> Bits:
    """The set of these numbers."""
    return BitMap(numbers)


def span(start: int, stop: int) -> Bits:
    """Every number from ``start`` until before ``stop``."""
    return BitMap(range(start, stop))


def union(sets: Iterable[Bits]) -> Bits:
    """What is in any of the sets."""
    several = list(sets)
    return several[0] if len(several) == 1 else BitMap.union(*several) if several else EMPTY


def intersection(sets: Iterable[Bits]) -> Bits:
    """What is in each of the sets, the smallest first; there must be one at least."""
    return reduce(and_, sorted(sets, key=len))


def pages(members: Bits, size: int, after: int = -1) -> Iterator[list[int]]:
    """The numbers behind ``after``, ascending, ``size`` at a time."""
    # a loop over the set itself would not begin in its middle
    rest = BitMap(members).iter_equal_or_larger(after + 1)
    while page := list(islice(rest, size)):
        yield page


def to_bytes(members: Bits) -> bytes:
    """The portable Roaring format, as small as it gets: at most 1.25 MB for any set of 10 million people."""
    packed = BitMap(members)
    packed.run_optimize()
    return bytes(packed.serialize())


def from_bytes(data: bytes) -> Bits:
    """A set out of its bytes. Raises ValueError for what is none."""
    return BitMap.deserialize(data)


def landmarks(members: Bits, count: int = 16) -> tuple[int, ...]:
    """The size of a set and ``count`` of its members at even distances: the same for equal sets, however they were made."""
    size = len(members)
    return (size, *(members[index * (size - 1) // (count - 1)] for index in range(count if size else 0)))
