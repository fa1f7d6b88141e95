"""Slots: for one attribute and one family of operators, which rows a value satisfies, as bits of one integer.

Bit i stands for row i. Values that few rows ask for are kept as row numbers, so that memory stays in proportion to the
number of comparisons, not to rows times values.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from operator import or_
from typing import Any, Final, Protocol, get_args

from shared.messaging.targeting.kinds import Attribute, Kind, Op

_BOUNDS: Final = frozenset({"lt", "lte", "gt", "gte"})
_FEW: Final = 4
"""Up to so many rows are kept as numbers."""
Bits = int
"""A set of rows."""


def bits_of(numbers: Iterable[int], size: int) -> Bits:
    """The set of the numbers, all below ``size``."""
    buffer = bytearray(size // 8 + 1)
    for number in numbers:
        buffer[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(buffer, "little")


class Slot(Protocol):
    """Answers which rows hold for a known value, added to those that ask nothing (``free``)."""

    def hits(self, value: Any, free: Bits) -> Bits:
        """``free`` and the rows whose comparison holds for the value, which is not None."""
        ...


class _Table:
    """Rows by the value they ask for."""

    def __init__(self, asked: Mapping[Any, list[int]], size: int) -> None:
        self._rows: dict[Any, Bits | tuple[int, ...]] = {
            value: tuple(found) if len(found) <= _FEW else bits_of(found, size)
            for value, found in asked.items()
        }

    def added(self, key: Any, to: Bits) -> Bits:
        """The set with the rows that ask for the key."""
        found = self._rows.get(key)
        if found is None:
            return to
        if isinstance(found, int):
            return to | found
        for row in found:
            to |= 1 << row
        return to


class Equal:
    """``eq``, ``in`` and ``exists``: the value itself is the key."""

    def __init__(self, asked: Mapping[Any, list[int]], size: int) -> None:
        self._table = _Table(asked, size)

    def hits(self, value: Any, free: Bits) -> Bits:
        """See Slot."""
        return self._table.added(value, free)


class Languages(Equal):
    """``eq`` and ``in`` of a language: es covers es-AR, so a tag is looked up with each of its beginnings."""

    def hits(self, value: Any, free: Bits) -> Bits:
        """See Slot."""
        for tag in _beginnings(value.lower()):
            free = self._table.added(tag, free)
        return free


class Members(Equal):
    """``contains`` and ``containsAny``: each value that the person's list holds is looked up."""

    def hits(self, value: Any, free: Bits) -> Bits:
        """See Slot."""
        for member in value:
            free = self._table.added(member, free)
        return free


class Beginnings(Equal):
    """``startsWith``: the text is looked up cut to each length that some row asks for."""

    def __init__(self, asked: Mapping[Any, list[int]], size: int) -> None:
        super().__init__(asked, size)
        self._lengths = sorted({len(text) for text in asked})

    def hits(self, value: Any, free: Bits) -> Bits:
        """See Slot."""
        for length in self._lengths:
            if length > len(value):
                break
            free = self._table.added(value[:length], free)
        return free


class AtLeast:
    """``gte`` (or with ``strict`` ``gt``): the rows of every bound up to the value, summed beforehand."""

    def __init__(self, asked: Mapping[Any, list[int]], size: int, *, strict: bool) -> None:
        self._bounds = sorted(asked)
        self._sums: list[Bits] = [
            0,
            *accumulate((bits_of(asked[bound], size) for bound in self._bounds), or_),
        ]
        self._place = bisect_left if strict else bisect_right

    def hits(self, value: Any, free: Bits) -> Bits:
        """See Slot."""
        return free | self._sums[self._place(self._bounds, value)]


class AtMost:
    """``lte`` (or with ``strict`` ``lt``): the rows of every bound from the value on, summed beforehand."""

    def __init__(self, asked: Mapping[Any, list[int]], size: int, *, strict: bool) -> None:
        self._bounds = sorted(asked)
        backwards = (bits_of(asked[bound], size) for bound in reversed(self._bounds))
        self._sums: list[Bits] = list(reversed([0, *accumulate(backwards, or_)]))
        self._place = bisect_right if strict else bisect_left

    def hits(self, value: Any, free: Bits) -> Bits:
        """See Slot."""
        return free | self._sums[self._place(self._bounds, value)]


class Placed:
    """Ordered choices: a slot of bounds, asked with the place of the choice."""

    def __init__(self, choices: Sequence[str], bounds: Slot) -> None:
        self._places = {choice: place for place, choice in enumerate(choices)}
        self._bounds = bounds

    def hits(self, value: Any, free: Bits) -> Bits:
        """See Slot."""
        return self._bounds.hits(self._places[value], free)


Place = tuple[Attribute, str]
"""What a slot is for: an attribute and a family of operators."""
Keys = tuple[Any, ...]
"""What a comparison is filed under in its slot."""
_FAMILY: Final[Mapping[Op, str]] = {"in": "eq", "containsAny": "contains"}
_PLACES: Final[Mapping[Op, str]] = {op: _FAMILY.get(op, op) for op in get_args(Op)}


def place_and_keys(attribute: Attribute, op: Op, wanted: Any) -> tuple[Place, Keys]:
    """Where a comparison is filed, and under what.

    The operators that share a slot: ``eq`` with ``in``, ``contains`` with ``containsAny``, each other alone.
    """
    keys: Keys = tuple(dict.fromkeys(wanted)) if op in _FAMILY else (wanted,)
    if attribute.kind is Kind.LANGUAGE and op != "exists":
        keys = tuple({value.lower() for value in keys})
    elif attribute.choices and op in _BOUNDS:
        keys = tuple(attribute.choices.index(value) for value in keys)
    return (attribute, _PLACES[op]), keys


def build(attribute: Attribute, name: str, asked: Mapping[Any, list[int]], size: int) -> Slot:
    """The slot of an attribute for a family of operators, over ``size`` rows."""
    match name:
        case "contains":
            return Members(asked, size)
        case "startsWith":
            return Beginnings(asked, size)
        case "gt" | "gte":
            bounds: Slot = AtLeast(asked, size, strict=name == "gt")
        case "lt" | "lte":
            bounds = AtMost(asked, size, strict=name == "lt")
        case _:
            return (
                Languages(asked, size)
                if name == "eq" and attribute.kind is Kind.LANGUAGE
                else Equal(asked, size)
            )
    return Placed(attribute.choices, bounds) if attribute.choices else bounds


def grouped(pairs: Iterable[tuple[Any, int]]) -> dict[Any, list[int]]:
    """Row numbers by key."""
    found: defaultdict[Any, list[int]] = defaultdict(list)
    for key, row in pairs:
        found[key].append(row)
    return found


def _beginnings(tag: str) -> Iterator[str]:
    while tag:
        yield tag
        tag = tag.rpartition("-")[0]
