"""Slots: for one attribute and one family of operators, which rows a value leaves standing, as bits of one integer.

Bit i stands for row i. What each value allows is worked out when the slot is made, so that asking is one look-up.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from operator import or_
from typing import Any, Final, Protocol, get_args

from shared.messaging.targeting.kinds import Attribute, Kind, Op

Bits = int
"""A set of rows."""
Asked = Mapping[Any, list[int]]
"""Rows by the key they ask for."""
Place = tuple[Attribute, str]
"""What a slot is for: an attribute and a family of operators."""
Keys = tuple[Any, ...]
"""What a comparison is filed under in its slot."""
_FAMILY: Final[Mapping[Op, str]] = {"in": "eq", "containsAny": "contains"}
_PLACES: Final[Mapping[Op, str]] = {op: _FAMILY.get(op, op) for op in get_args(Op)}
_BOUNDS: Final = frozenset({"lt", "lte", "gt", "gte"})
_DENSE_BYTES: Final = 16 * 2**20
"""So much memory one slot's ready-made masks may take."""


def bits_of(numbers: Iterable[int], size: int) -> Bits:
    """The set of the numbers, all below ``size``."""
    buffer = bytearray(size // 8 + 1)
    for number in numbers:
        buffer[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(buffer, "little")


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


class Slot(Protocol):
    """Answers which rows a known value leaves standing: those that ask for it, and those that ask nothing."""

    def allowed(self, value: Any) -> Bits:
        """The rows that stand; the value is not None."""
        ...


class _Sparse:
    """Masks made when asked for: where ready-made ones would take too much memory."""

    def __init__(self, asked: Asked, free: Bits) -> None:
        self._asked, self._free = asked, free

    def get(self, key: Any, default: Bits) -> Bits:
        """As of a dict of masks."""
        found = self._free
        for row in self._asked.get(key, ()):
            found |= 1 << row
        return found if key in self._asked else default


def _masks(asked: Asked, size: int, free: Bits) -> "Mapping[Any, Bits] | _Sparse":
    if len(asked) * size > _DENSE_BYTES * 8:
        return _Sparse(asked, free)
    return {key: free | bits_of(rows, size) for key, rows in asked.items()}


class Equal:
    """``eq``, ``in`` and ``exists``: the value itself is the key."""

    def __init__(self, asked: Asked, size: int, free: Bits) -> None:
        self._get = _masks(asked, size, free).get
        self._free = free

    def allowed(self, value: Any) -> Bits:
        """See Slot."""
        return self._get(value, self._free)


class Members(Equal):
    """``contains`` and ``containsAny``: each value that the person's list holds is looked up."""

    def allowed(self, value: Any) -> Bits:
        """See Slot."""
        get = self._get
        free = left = self._free
        for member in value:
            left |= get(member, free)
        return left


class Languages(Equal):
    """``eq`` and ``in`` of a language: es covers es-AR, so a tag is looked up with each of its beginnings."""

    def allowed(self, value: Any) -> Bits:
        """See Slot."""
        free = left = self._free
        for tag in _beginnings(value.lower()):
            left |= self._get(tag, free)
        return left


class Beginnings(Equal):
    """``startsWith``: the text is looked up cut to each length that some row asks for."""

    def __init__(self, asked: Asked, size: int, free: Bits) -> None:
        super().__init__(asked, size, free)
        self._lengths = sorted({len(text) for text in asked})

    def allowed(self, value: Any) -> Bits:
        """See Slot."""
        free = left = self._free
        for length in self._lengths:
            if length > len(value):
                break
            left |= self._get(value[:length], free)
        return left


class AtLeast:
    """``gte`` (or with ``strict`` ``gt``): the rows of every bound up to the value, summed beforehand."""

    def __init__(self, asked: Asked, size: int, free: Bits, *, strict: bool) -> None:
        self._bounds = sorted(asked)
        each = (bits_of(asked[bound], size) for bound in self._bounds)
        self._sums: list[Bits] = list(accumulate(each, or_, initial=free))
        self._place = bisect_left if strict else bisect_right

    def allowed(self, value: Any) -> Bits:
        """See Slot."""
        return self._sums[self._place(self._bounds, value)]


class AtMost:
    """``lte`` (or with ``strict`` ``lt``): the rows of every bound from the value on, summed beforehand."""

    def __init__(self, asked: Asked, size: int, free: Bits, *, strict: bool) -> None:
        self._bounds = sorted(asked)
        backwards = (bits_of(asked[bound], size) for bound in reversed(self._bounds))
        self._sums: list[Bits] = list(reversed([*accumulate(backwards, or_, initial=free)]))
        self._place = bisect_right if strict else bisect_left

    def allowed(self, value: Any) -> Bits:
        """See Slot."""
        return self._sums[self._place(self._bounds, value)]


class Placed:
    """Ordered choices: a slot of bounds, asked with the place of the choice."""

    def __init__(self, choices: Sequence[str], bounds: Slot) -> None:
        self._allowed = {choice: bounds.allowed(place) for place, choice in enumerate(choices)}

    def allowed(self, value: Any) -> Bits:
        """See Slot."""
        return self._allowed[value]


class Unless:
    """Negations: what a slot without free rows allows is just what falls."""

    def __init__(self, slot: Slot) -> None:
        self._slot = slot

    def allowed(self, value: Any) -> Bits:
        """See Slot."""
        return ~self._slot.allowed(value)


def build(place: Place, asked: Asked, size: int, free: Bits) -> Slot:
    """The slot of an attribute for a family of operators, over ``size`` rows, of which ``free`` ask nothing."""
    attribute, family = place
    match family:
        case "contains":
            return Members(asked, size, free)
        case "startsWith":
            return Beginnings(asked, size, free)
        case "gt" | "gte":
            bounds: Slot = AtLeast(asked, size, free, strict=family == "gt")
        case "lt" | "lte":
            bounds = AtMost(asked, size, free, strict=family == "lt")
        case _:
            by_language = family == "eq" and attribute.kind is Kind.LANGUAGE
            return Languages(asked, size, free) if by_language else Equal(asked, size, free)
    return Placed(attribute.choices, bounds) if attribute.choices else bounds


def _beginnings(tag: str) -> Iterator[str]:
    while tag:
        yield tag
        tag = tag.rpartition("-")[0]
