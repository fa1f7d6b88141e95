"""Facets: which sets of people answer which comparison. From a person to facets, and from a filter to people. Pure.

A facet is one set of person numbers under a key: ``class.primary_level=advanced`` has everybody with that value,
``visits.total#3`` everybody whose number of visits has the fourth binary digit, ``visits.total?`` everybody of whom it is
known, ``*`` everybody.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, floor
from typing import Any, Final

from shared.analytics.bitmaps.bits import EMPTY, Bits, bits, intersection, union
from shared.analytics.bitmaps.slices import Comparison, Slices, digits_of
from shared.analytics.segments.attributes import ATTRIBUTES
from shared.analytics.segments.filters import Filter, Leaf, leaves
from shared.analytics.segments.kinds import HOURS, Attribute, Kind, moment_of
from shared.analytics.segments.traits import Traits
from shared.kernel.clock import to_millis

EVERYONE: Final = "*"
_HOUR_MS: Final = 3_600_000
_SLICED: Final = frozenset({Kind.NUMBER, Kind.MOMENT})


@dataclass(frozen=True, slots=True)
class Facets:
    """Sets by their keys, all of one moment."""

    sets: Mapping[str, Bits]
    as_of: datetime

    def get(self, key: str) -> Bits:
        """The set under the key, empty when there is none."""
        return self.sets.get(key, EMPTY)


def keys_of(traits: Traits) -> Iterator[str]:
    """Every facet that a person is in."""
    yield EVERYONE
    for attribute in ATTRIBUTES.values():
        value = attribute.read(traits)
        if value is None or value == ():
            continue
        if attribute.choices and attribute.kind is Kind.CHOICE and value not in attribute.choices:
            continue
        yield f"{attribute.name}?"
        if attribute.kind in _SLICED:
            stored = min(max(_stored(attribute, value), 0), 2**attribute.width - 1)
            yield from (f"{attribute.name}#{place}" for place in digits_of(stored))
        elif attribute.kind is Kind.TEXTS:
            yield from (f"{attribute.name}={each}" for each in dict.fromkeys(value))
        else:
            yield f"{attribute.name}={value}"


def facets_of(people: Mapping[int, Traits]) -> dict[str, Bits]:
    """The facets of these people, by their numbers."""
    held: dict[str, list[int]] = defaultdict(list)
    for number, traits in people.items():
        for key in keys_of(traits):
            held[key].append(number)
    return {key: bits(numbers) for key, numbers in held.items()}


def needed(tree: Filter) -> set[str]:
    """The keys that ``members`` will ask for."""
    found = {EVERYONE, "person.type=user"}
    for leaf in leaves(tree):
        found.update(_keys(leaf))
    return found


def members(tree: Filter, facets: Facets) -> Bits:
    """Who is in: exactly those of whom the filter holds at ``facets.as_of``."""
    if isinstance(tree, Leaf):
        return _leaf(tree, facets)
    if tree.kind == "any":
        return union(members(part, facets) for part in tree.parts)
    if tree.kind == "not":
        return facets.get(EVERYONE) - union(members(part, facets) for part in tree.parts)
    refused = [part for part in tree.parts if not isinstance(part, Leaf) and part.kind == "not"]
    compared = [part for part in tree.parts if isinstance(part, Leaf) and _is_sliced(part)]
    wanted = [members(part, facets) for part in tree.parts if part not in refused and part not in compared]
    found = intersection(wanted) if wanted else facets.get(EVERYONE)
    for leaf in compared:  # last, because they cost less among fewer people
        found = _compared(leaf, facets, found & facets.get(f"{leaf.attribute.name}?"))
    for part in refused:
        for each in part.parts:
            found = found - members(each, facets)
    return found


def _keys(leaf: Leaf) -> Iterable[str]:
    attribute = leaf.attribute
    if leaf.op == "exists" or attribute.kind in _SLICED:
        digits = () if leaf.op == "exists" else range(attribute.width)
        return [f"{attribute.name}?", *(f"{attribute.name}#{place}" for place in digits)]
    return [f"{attribute.name}={value}" for value in _values(leaf)]


def _leaf(leaf: Leaf, facets: Facets) -> Bits:
    attribute, op = leaf.attribute, leaf.op
    known = facets.get(f"{attribute.name}?")
    if op == "exists":
        return known if leaf.value else facets.get(EVERYONE) - known
    if attribute.kind in _SLICED:
        return _compared(leaf, facets, known)
    return union(facets.get(f"{attribute.name}={value}") for value in _values(leaf))


def _is_sliced(leaf: Leaf) -> bool:
    return leaf.attribute.kind in _SLICED and leaf.op != "exists"


def _compared(leaf: Leaf, facets: Facets, among: Bits) -> Bits:
    """Of whom the comparison of a number or a moment holds, among people of whom it is known."""
    name, width = leaf.attribute.name, leaf.attribute.width
    digits = [facets.get(f"{name}#{place}") for place in range(width)]
    return Slices(among, digits).compare(*_comparison(leaf, facets.as_of))


def _values(leaf: Leaf) -> list[str]:
    """The single values that make up what is wanted."""
    wanted = leaf.value
    if leaf.op == "during":
        start, end = wanted["from"], wanted["to"]
        wanted = tuple((start + step) % HOURS for step in range((end - start) % HOURS or HOURS))
    return [str(each) for each in (wanted if isinstance(wanted, tuple) else (wanted,))]


def _comparison(leaf: Leaf, now: datetime) -> tuple[Comparison, int]:
    """The comparison of stored integers that says the same."""
    if leaf.attribute.kind is Kind.MOMENT:
        hour = to_millis(_since(leaf.value, now)) // _HOUR_MS
        return ("lt" if leaf.op == "before" else "gte"), hour
    exact = _scaled(leaf.attribute, leaf.value)
    match leaf.op:
        case "gte" | "lt":
            return leaf.op, ceil(exact)
        case "gt" | "lte":
            return leaf.op, floor(exact)
    # no stored value equals what lies between two of them
    return "eq", floor(exact) if floor(exact) == exact else -1


def _since(wanted: Any, now: datetime) -> datetime:
    if isinstance(wanted, dict):
        return now - timedelta(days=wanted["days_ago"])
    moment = moment_of(wanted)
    assert moment is not None  # noqa: S101 - the grammar has refused everything else
    return moment


def _stored(attribute: Attribute, value: Any) -> int:
    if attribute.kind is Kind.MOMENT:
        return to_millis(value) // _HOUR_MS
    return floor(_scaled(attribute, value))


def _scaled(attribute: Attribute, value: float) -> float:
    # 2.3 is 229.99999999999997 hundredths to a computer
    return round(value * attribute.scale, 6)
