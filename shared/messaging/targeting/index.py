"""Which of many conditions hold for one person: bit sets over attribute values (design/performance.md §1).

Thousands of conditions are judged with a few operations on big integers: per attribute one look-up tells all the rows
that its value satisfies, and the rows left after every attribute hold. What cannot be filed (a second list membership of
one attribute, a condition of too many rows) is judged on what is left.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, Final, NamedTuple

from shared.messaging.targeting.conditions import Condition, holds
from shared.messaging.targeting.facts import Facts
from shared.messaging.targeting.filing import file
from shared.messaging.targeting.kinds import Attribute, Kind
from shared.messaging.targeting.normal_form import Literal, rows
from shared.messaging.targeting.slots import Bits, Place, Unless, bits_of, build

_Asked = dict[Place, dict[Any, list[int]]]
_ALL: Final[Bits] = -1
"""Every row there may be: an integer of ones without end."""


class _Reader(NamedTuple):
    """Everything that rows ask of one attribute: what stands while its value is not known, and what once it is."""

    read: Callable[[Facts], Any]
    allowed: tuple[Callable[[Any], Bits], ...]
    known: Bits
    unknown: Bits


class ConditionIndex:
    """An immutable index of conditions, numbered as given."""

    def __init__(self, conditions: Sequence[Condition]) -> None:
        self._owner: list[int] = []
        self._spans: list[tuple[int, int]] = []
        self._rest: dict[int, tuple[Literal | Condition, ...]] = {}
        required: _Asked = defaultdict(lambda: defaultdict(list))
        forbidden: _Asked = defaultdict(lambda: defaultdict(list))
        for number, condition in enumerate(conditions):
            first = len(self._owner)
            self._add(number, condition, required, forbidden)
            self._spans.append((first, len(self._owner)))
        self.everything: Bits = (1 << len(self._owner)) - 1
        self._readers = self._build(required, forbidden)

    def rows_of(self, wanted: Sequence[bool]) -> Bits:
        """The rows of the conditions marked True, as ``matching`` takes them."""
        return bits_of((row for row, owner in enumerate(self._owner) if wanted[owner]), len(self._owner))

    def matching(self, facts: Facts, among: Bits | None = None) -> Bits:
        """The rows that hold, as far as slots can tell; ``among`` narrows the search."""
        left = self.everything if among is None else among
        for read, allowed, known, unknown in self._readers:
            if not left:
                break
            value = read(facts)
            if value is None:
                left &= unknown
                continue
            for rows_for in allowed:
                left &= rows_for(value)
            if known != _ALL:
                left &= known
        return left

    def rows_of_these(self, numbers: Iterable[int]) -> Bits:
        """The rows of some conditions."""
        rows = 0
        for number in numbers:
            first, after = self._spans[number]
            rows |= ((1 << (after - first)) - 1) << first
        return rows

    def after(self, matching: Bits, number: int) -> Bits:
        """``matching`` without the rows of this condition and of those before it."""
        end = self._spans[number][1]
        return matching >> end << end

    def first(self, matching: Bits, facts: Facts) -> int | None:
        """The lowest number of a condition that holds, of the rows in ``matching``."""
        rest = self._rest
        while matching:
            row = (matching & -matching).bit_length() - 1
            if row not in rest or self._rest_holds(row, facts):
                return self._owner[row]
            matching &= matching - 1
        return None

    def numbers(self, matching: Bits, facts: Facts) -> Iterator[int]:
        """The numbers of the conditions that hold, ascending, each once, of the rows in ``matching``."""
        last = -1
        while matching:
            row = (matching & -matching).bit_length() - 1
            matching &= matching - 1
            owner = self._owner[row]
            if owner != last and (row not in self._rest or self._rest_holds(row, facts)):
                last = owner
                yield owner

    def _rest_holds(self, row: int, facts: Facts) -> bool:
        return all(
            rest.holds(facts) if isinstance(rest, Literal) else holds(rest, facts) for rest in self._rest[row]
        )

    def _add(self, number: int, condition: Condition, required: _Asked, forbidden: _Asked) -> None:
        normal = rows(condition)
        if normal is None:
            self._rest[len(self._owner)] = (condition,)
            self._owner.append(number)
            return
        for literals in normal:
            filed = file(literals)
            if not filed.possible:
                continue
            row = len(self._owner)
            self._owner.append(number)
            if filed.rest:
                self._rest[row] = tuple(filed.rest)
            for target, found in ((required, filed.required), (forbidden, filed.forbidden)):
                for place, wanted in found.items():
                    for key in wanted:
                        target[place][key].append(row)

    def _build(self, required: _Asked, forbidden: _Asked) -> tuple[_Reader, ...]:
        attributes = dict.fromkeys(attribute for attribute, _ in (*required, *forbidden))
        return tuple(self._reader(attribute, required, forbidden) for attribute in attributes)

    def _reader(self, attribute: Attribute, required: _Asked, forbidden: _Asked) -> _Reader:
        size = len(self._owner)
        allowed: list[Callable[[Any], Bits]] = []
        known = unknown = _ALL
        for asked, negated in ((required, False), (forbidden, True)):
            for place, found in asked.items():
                if place[0] is not attribute:
                    continue
                busy = bits_of(chain.from_iterable(found.values()), size)
                free = self.everything & ~busy
                slot = Unless(build(place, found, size, 0)) if negated else build(place, found, size, free)
                if place[1] == "exists":
                    known, unknown = known & slot.allowed(True), unknown & slot.allowed(False)  # noqa: FBT003
                else:
                    allowed.append(slot.allowed)
                    unknown &= _ALL if negated else free
        return _Reader(_reading(attribute), tuple(allowed), known, unknown)


def _reading(attribute: Attribute) -> Callable[[Facts], Any]:
    """How to read an attribute with the least ado: only choices must be checked against what is known."""
    return attribute.value if attribute.kind is Kind.CHOICE else attribute.read
