"""Which part of which index the twin reads for a filter: pure."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from shared.clients.analytics.grammar import RANGES, equals
from shared.clients.analytics.indexes import Index
from shared.clients.analytics.port import Order, Where
from shared.clients.documents.values import order_key

_MOST_RANGES: Final = 1000
_EVERYTHING: Final = (b"", b"\xff")


@dataclass(frozen=True, slots=True)
class Scan:
    """Ranges of keys to read, of an index or (None) of the ids; ``ordered`` when they come as the query wants them."""

    index: Index | None
    ranges: tuple[tuple[bytes, bytes], ...]
    ordered: bool
    descending: bool


_IDS: Final = Index((("_id", 1),))


def scan(indexes: tuple[Index, ...], where: Where, order: Order) -> Scan:
    """The narrowest reading: the index of which the filter binds most."""
    best = max((_IDS, *indexes), key=lambda index: (_bound(index, where), _serves(index, where, order)))
    ranges = _ranges(best, where)
    ordered = not order or (_serves(best, where, order) and len(ranges) == 1)
    return Scan(
        None if best is _IDS else best,
        ranges,
        ordered,
        descending=ordered and bool(order) and order[0][1] < 0,
    )


def _bound(index: Index, where: Where) -> float:
    """How many of an index's first fields the filter binds; a range is the last, and counts half."""
    number = 0.0
    for field, _ in index.fields:
        condition = where.get(field, {})
        if field not in where:
            break
        if equals(condition) is None:
            return number + (0.5 if RANGES & condition.keys() else 0)
        number += 1
    return number


def _serves(index: Index, where: Where, order: Order) -> bool:
    """Whether the entries, read forwards or backwards, come in the order asked for."""
    if len({direction for _, direction in order}) > 1:
        return False
    fields = [field for field, _ in index.fields]
    fixed = list(itertools.takewhile(lambda field: _single(where, field), fields))
    return any(
        fields[skip : skip + len(order)] == [field for field, _ in order] for skip in range(len(fixed) + 1)
    )


def _single(where: Where, field: str) -> bool:
    values = equals(where[field]) if field in where else None
    return values is not None and len(values) == 1


def _ranges(index: Index, where: Where) -> tuple[tuple[bytes, bytes], ...]:
    prefixes = [b""]
    for field, _ in index.fields:
        if field not in where:
            break
        values = equals(where[field])
        if values is None:
            return tuple(bounds for prefix in prefixes for bounds in _between(prefix, where[field]))
        keys = sorted({order_key(value) for value in values})
        if len(prefixes) * len(keys) > _MOST_RANGES:
            break
        prefixes = [prefix + key for prefix in prefixes for key in keys]
    return tuple((prefix, prefix + b"\xff") for prefix in prefixes)


def _between(prefix: bytes, condition: Mapping[str, Any]) -> Iterator[tuple[bytes, bytes]]:
    """What lies between the bounds of a condition; a bound keeps to its own type."""
    low, high = b"", b"\xff"
    for operator in RANGES & condition.keys():
        key = order_key(condition[operator])
        if operator in ("$gt", "$gte"):
            low = max(low, key)
        else:
            high = min(high, key + b"\xff")
    yield prefix + low, prefix + high
