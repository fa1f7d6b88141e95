"""What MongoDB means by a filter and an update, on one document: pure."""

import operator as operators
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from shared.clients.analytics.port import Changes, Doc, Order, Where
from shared.clients.documents.values import INT_MAX, INT_MIN
from shared.clients.errors import Refused

_MISSING: Final = object()
_BOUNDS: Final = {"$gt": operators.gt, "$gte": operators.ge, "$lt": operators.lt, "$lte": operators.le}
_RANKS: Final = ((int | float, 10), (str, 15), (Mapping, 20), (list | tuple, 25), (bytes, 30), (datetime, 45))
"""How MongoDB sorts types (its manual, «Comparison/Sort Order»); nothing comes first, and truth between bytes and times."""


def matches(document: Doc, where: Where) -> bool:
    """Whether a document passes a filter of the grammar."""
    return all(_holds(document, path, condition) for path, condition in where.items())


def sort_key(document: Doc, path: str, direction: int) -> Any:
    """What a document is sorted by: of a list its least element going up, its greatest going down."""
    found = [rank(None if value is _MISSING else value) for value in _reach(document, path.split("."))]
    return (min if direction > 0 else max)(found, default=rank(None))


def sorted_by(documents: list[Doc], order: Order) -> list[Doc]:
    """Documents in an order; those that are equal keep theirs."""
    for path, direction in reversed(order):
        documents = sorted(
            documents,
            key=lambda document, path=path, direction=direction: sort_key(document, path, direction),  # type: ignore[misc]
            reverse=direction < 0,
        )
    return documents


def rank(value: Any) -> Any:
    """What compares as MongoDB compares values; equal exactly when MongoDB calls them equal."""
    if value is None:
        return (5,)
    if isinstance(value, bool):
        return (40, value)
    place = next(place for kind, place in _RANKS if isinstance(value, kind))
    if isinstance(value, Mapping):
        return (place, tuple((name, rank(item)) for name, item in value.items()))
    return (place, tuple(map(rank, value)) if isinstance(value, list | tuple) else value)


def values_at(document: Doc, path: str) -> list[Any]:
    """What an index keeps of a document: the elements of a list, else the value; None when there is none."""
    found = [None if value is _MISSING else value for value in _reach(document, path.split("."))]
    flat = [value for value in found if not isinstance(value, list)]
    return flat or [None]


def projected(document: Doc, fields: Sequence[str] | None) -> Doc:
    """A document with some fields only, and its id."""
    if fields is None:
        return document
    shown: Doc = {"_id": document["_id"]}
    for path in fields:
        _project(document, shown, path.split("."))
    return shown


def changed(document: Doc | None, where: Where, changes: Changes) -> Doc:
    """A document after an update; for None the new one that an upsert makes. The document given is changed itself.

    Raises Refused where MongoDB does: no number to add to, no list to add to, a path through a value.
    """
    inserting = document is None
    result: Doc = _born(where) if document is None else document
    for operator, fields in changes.items():
        if operator == "$setOnInsert" and not inserting:
            continue
        for path, operand in fields.items():
            _apply(result, operator, path, operand)
    return result


def _holds(document: Doc, path: str, condition: Any) -> bool:
    found = list(_reach(document, path.split(".")))
    if not isinstance(condition, Mapping):
        return _equal_any(found, condition)
    return all(_test(found, operator, value) for operator, value in condition.items())


def _test(found: list[Any], operator: str, value: Any) -> bool:
    match operator:
        case "$eq":
            return _equal_any(found, value)
        case "$ne":
            return not _equal_any(found, value)
        case "$in":
            return any(_equal_any(found, item) for item in value)
        case "$exists":
            return any(item is not _MISSING for item in found) is value
    bound = rank(value)
    ranks = [rank(item) for item in found if item is not _MISSING]
    return any(_BOUNDS[operator](item, bound) for item in ranks if item[0] == bound[0])


def _equal_any(found: list[Any], wanted: Any) -> bool:
    if wanted is None:
        return any(item is None or item is _MISSING for item in found)
    bound = rank(wanted)
    return any(item is not _MISSING and rank(item) == bound for item in found)


def _reach(value: Any, parts: list[str]) -> Iterator[Any]:
    """Every value that a path comes to; of a list its elements, and the list itself."""
    if not parts:
        if isinstance(value, list):
            yield from value
        yield value
    elif isinstance(value, Mapping):
        yield from _reach(value[parts[0]], parts[1:]) if parts[0] in value else (_MISSING,)
    elif isinstance(value, list):
        if parts[0].isdigit() and int(parts[0]) < len(value):
            yield from _reach(value[int(parts[0])], parts[1:])
        for item in value:
            if isinstance(item, Mapping):
                yield from _reach(item, parts)
    else:
        yield _MISSING


def _project(source: Any, target: Doc, parts: list[str]) -> None:
    if parts[0] not in source:
        return
    value = source[parts[0]]
    if len(parts) == 1:
        target[parts[0]] = value
    elif isinstance(value, Mapping):
        _project(value, target.setdefault(parts[0], {}), parts[1:])
    elif isinstance(value, list):
        kept = target.setdefault(parts[0], [{} for item in value if isinstance(item, Mapping)])
        for item, place in zip((item for item in value if isinstance(item, Mapping)), kept, strict=True):
            _project(item, place, parts[1:])


def _born(where: Where) -> Doc:
    """What a filter already says of the document that it did not find."""
    new: Doc = {}
    for path, condition in where.items():
        value = condition.get("$eq", _MISSING) if isinstance(condition, Mapping) else condition
        if value is not _MISSING:
            _apply(new, "$set", path, value)
    return new


def _apply(document: Doc, operator: str, path: str, operand: Any) -> None:
    place, name = _place(document, path.split("."), make=operator not in ("$unset", "$pull"))
    if place is None:
        return
    present = place[name] if isinstance(place, list) else place.get(name, _MISSING)
    if operator == "$unset":
        if isinstance(place, list):
            raise Refused("no element is unset")
        place.pop(name, None)
    elif operator != "$pull" or present is not _MISSING:
        place[name] = _result(operator, present, operand)


def _place(document: Doc, parts: list[str], *, make: bool) -> tuple[Any, Any]:
    """What holds the last part of a path, and that part; None when there is nothing and nothing is to be made."""
    place: Any = document
    for depth, part in enumerate(parts):
        name: Any = part
        if isinstance(place, list):
            if not part.isdigit() or int(part) >= len(place):
                raise Refused("no such element")
            name = int(part)
        elif not isinstance(place, dict):
            raise Refused("a path through a value")
        if depth == len(parts) - 1:
            return place, name
        if isinstance(place, dict) and name not in place:
            if not make:
                return None, None
            place[name] = {}
        place = place[name]
    raise AssertionError


def _result(operator: str, present: Any, operand: Any) -> Any:  # noqa: PLR0911 - one for each operator
    match operator:
        case "$set" | "$setOnInsert":
            return operand
        case "$inc":
            return operand if present is _MISSING else _sum(present, operand)
        case "$min":
            return operand if present is _MISSING or rank(operand) < rank(present) else present
        case "$max":
            return operand if present is _MISSING or rank(operand) > rank(present) else present
    members = [] if present is _MISSING else present
    if not isinstance(members, list):
        raise Refused("not a list")
    match operator:
        case "$push":
            return _pushed(members, operand)
        case "$addToSet":
            return _united(members, operand)
    return [item for item in members if not _pulled(item, operand)]


def _sum(present: Any, by: float) -> float:
    if isinstance(present, bool) or not isinstance(present, int | float):
        raise Refused("no number to add to")
    total = present + by
    if isinstance(total, int) and not INT_MIN <= total <= INT_MAX:
        raise Refused("a number of more than 64 bits")
    return total


def _pushed(members: list[Any], operand: Mapping[str, Any]) -> list[Any]:
    result = [*members, *operand["$each"]]
    by = operand.get("$sort")
    if isinstance(by, Mapping):
        result = sorted_by(result, tuple(by.items()))
    elif by is not None:
        result = sorted(result, key=rank, reverse=by < 0)
    number = operand.get("$slice")
    if number is None:
        return result
    return result[:number] if number >= 0 else result[number:]


def _united(members: list[Any], operand: Any) -> list[Any]:
    result = list(members)
    known = {rank(item) for item in members}
    for item in operand["$each"] if isinstance(operand, Mapping) and "$each" in operand else [operand]:
        if rank(item) not in known:
            known.add(rank(item))
            result.append(item)
    return result


def _pulled(item: Any, operand: Any) -> bool:
    if not isinstance(operand, Mapping):
        return bool(rank(item) == rank(operand))
    return isinstance(item, dict) and matches(item, operand)
