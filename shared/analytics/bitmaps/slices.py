"""Integers of people as bitmaps: one set for each binary digit, one for those whose value is known.

A comparison costs one or two operations on sets for each digit, whatever the wanted value is (O'Neil and Quass,
«Improved query performance with variant indexes», 1997).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from shared.analytics.bitmaps.bits import EMPTY, Bits, bits

Comparison = Literal["lt", "lte", "gt", "gte", "eq"]


@dataclass(frozen=True, slots=True, eq=False)
class Slices:
    """``known`` has the people with a value, ``digits`` for each binary digit those whose value has it, lowest first."""

    known: Bits
    digits: Sequence[Bits]

    def compare(self, op: Comparison, wanted: int) -> Bits:
        """Who has a value that is less than, at most, more than, at least, or exactly ``wanted``."""
        if op == "gte":
            return self.compare("gt", wanted - 1)
        if op == "lte":
            return self.compare("lt", wanted + 1)
        least, most = 0, 2 ** len(self.digits) - 1
        if not least <= wanted <= most:
            holds = (op == "gt" and wanted < least) or (op == "lt" and wanted > most)
            return self.known if holds else EMPTY
        return self._split(op, wanted)

    def _split(self, op: Comparison, wanted: int) -> Bits:
        """From the highest digit down: ``same`` agree with it so far, ``found`` have already been decided on."""
        same, found = self.known, EMPTY
        for place in reversed(range(len(self.digits))):
            digit = self.digits[place]
            if wanted >> place & 1:
                if op == "lt":
                    found = found | (same - digit)
                same = same & digit
            else:
                if op == "gt":
                    found = found | (same & digit)
                same = same - digit
            if not same:
                break
        return same if op == "eq" else found


def sliced(values: Mapping[int, int], width: int) -> tuple[Bits, list[Bits]]:
    """The known people and the digits of their values; a value too large for ``width`` digits is the greatest that fits."""
    top = 2**width - 1
    held: list[list[int]] = [[] for _ in range(width)]
    for number, value in values.items():
        for place in digits_of(min(max(value, 0), top)):
            held[place].append(number)
    return bits(values), [bits(each) for each in held]


def digits_of(value: int) -> Iterable[int]:
    """The places of a number's binary ones, lowest first."""
    return (place for place in range(value.bit_length()) if value >> place & 1)
