"""Queries, checked and made explicit once, for Firestore and for its twin alike. Pure.

Rules: firebase.google.com/docs/firestore/query-data/queries («Limitations») and …/order-limit-data.
"""

import math
from dataclasses import dataclass
from typing import Any, Final

from shared.clients.documents.paths import check_collection, name_bytes, segments, simple
from shared.clients.documents.port import MAX_IN, Operator, Order, Query, Where
from shared.clients.documents.values import plain
from shared.clients.errors import Refused

RANGES: Final = ("<", "<=", ">", ">=")
LISTS: Final = ("in", "array_contains_any")
ARRAYS: Final = ("array_contains", "array_contains_any")
EQUALITIES: Final = ("==", "in")


@dataclass(frozen=True, slots=True)
class Plan:
    """A query with nothing left to guess.

    ``orders`` has the implied ones too: a range orders by its field. Ties go by id, downwards when ``descending``.
    ``after`` holds one value an order; ``after_id`` is None when all documents with those values are skipped.
    """

    collection: str
    where: tuple[Where, ...]
    orders: tuple[Order, ...]
    limit: int | None
    after: tuple[Any, ...] | None
    after_id: str | None

    @property
    def descending(self) -> bool:
        """The direction of ids among documents that are equal by every order."""
        return bool(self.orders) and self.orders[-1].descending

    @property
    def group(self) -> str:
        """The collection's own id, by which indexes are defined."""
        return self.collection.rsplit("/", 1)[-1]


def plan(query: Query) -> Plan:
    """Check a query and make it explicit. Raises Refused."""
    check_collection(query.collection)
    where = tuple(_checked(condition) for condition in query.where)
    _check_together(where)
    orders = _orders(where, query.order)
    if query.limit is not None and (isinstance(query.limit, bool) or not 1 <= query.limit < 2**31):
        raise Refused("a limit is a positive number")
    after, after_id = _cursor(query.start_after, len(orders))
    return Plan(query.collection, where, orders, query.limit, after, after_id)


def _checked(condition: Where) -> Where:
    field, op, value = simple(condition.field), condition.op, condition.value
    segments(field)
    if op in LISTS:
        if not isinstance(value, list | tuple) or not 1 <= len(value) <= MAX_IN:
            raise Refused(f"{op} takes a list of 1 to {MAX_IN} values")
        if any(_is_special(item) for item in value):
            raise Refused(f"{op} matches neither null nor NaN")
        return Where(field, op, [_element(item, op) for item in value])
    if op not in ("==", "array_contains", *RANGES):
        raise Refused("an unknown operator")
    if op != "==" and _is_special(value):
        raise Refused(f"{op} takes neither null nor NaN")
    return Where(field, op, _element(value, op))


def _element(value: Any, op: Operator) -> Any:
    if op in ARRAYS and isinstance(value, list | tuple):
        raise Refused("no list holds a list")
    return plain(value)


def _is_special(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _check_together(where: tuple[Where, ...]) -> None:
    if sum(condition.op in ARRAYS for condition in where) > 1:
        raise Refused("one filter on the elements of a list, not more")
    alternatives = math.prod(len(condition.value) for condition in where if condition.op in LISTS)
    if alternatives > MAX_IN:
        raise Refused(f"{alternatives} combinations of listed values; the limit is {MAX_IN}")


def _orders(where: tuple[Where, ...], given: tuple[Order, ...]) -> tuple[Order, ...]:
    """The orders asked for, then the other fields of ranges by name, in the direction of the last order asked for."""
    named = [order.field for order in given]
    for field in named:
        segments(simple(field))
    if len(set(named)) < len(named):
        raise Refused("a field is ordered twice")
    if any(condition.field in named for condition in where if condition.op in EQUALITIES):
        raise Refused("no order by a field that an equality fixes")
    ranges = sorted({condition.field for condition in where if condition.op in RANGES} - set(named))
    descending = bool(given) and given[-1].descending
    return (*given, *(Order(field, descending) for field in ranges))


def _cursor(values: tuple[Any, ...] | None, orders: int) -> tuple[tuple[Any, ...] | None, str | None]:
    if values is None:
        return None, None
    if len(values) not in (orders, orders + 1) or not values:
        raise Refused("start_after takes one value for each order, and perhaps the id")
    after = tuple(plain(value) for value in values[:orders])
    if len(values) == orders:
        return after, None
    ident = values[-1]
    name_bytes(ident)
    if "/" in ident:
        raise Refused("start_after ends with a document's id")
    return after, ident


def reads_of_count(number: int) -> int:
    """What counting costs: a read for each 1,000 index entries looked at (firebase.google.com/docs/firestore/pricing)."""
    return max(1, math.ceil(number / 1000))
