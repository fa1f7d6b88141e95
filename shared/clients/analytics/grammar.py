"""Which filters and updates there are: both clients ask here first, so that neither does what the other cannot.

Refused are operators beyond the list, equality with a whole map or list (their order would matter), and text that MongoDB reads
as something else: nothing a client sends may become an operator or a path (design/architecture.md, Rules that keep data safe, 7).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from shared.clients.analytics.port import MAX_IN, MAX_STEPS, Change, Changes, Replace, Step, Where
from shared.clients.errors import Refused

RANGES: Final = frozenset(("$gt", "$gte", "$lt", "$lte"))
CONDITIONS: Final = RANGES | {"$eq", "$ne", "$in", "$exists"}
UPDATES: Final = frozenset(
    ("$inc", "$set", "$setOnInsert", "$unset", "$min", "$max", "$addToSet", "$push", "$pull")
)
_SCALARS: Final = (bool, int, float, str, bytes, datetime)


def check_where(where: Where) -> None:
    """Raises Refused for a filter outside the grammar."""
    for path, condition in where.items():
        _check_path(path)
        if isinstance(condition, Mapping):
            for operator, value in condition.items():
                _check_condition(operator, value)
        else:
            _check_scalar(condition)


def check_changes(changes: Changes) -> None:
    """Raises Refused for an update outside the grammar, and for one with two changes of the same place."""
    paths: list[str] = []
    for operator, fields in changes.items():
        if operator not in UPDATES or not fields:
            raise Refused(f"{operator} is no update")
        for path, value in fields.items():
            _check_path(path)
            if path == "_id":
                raise Refused("an _id never changes")
            _check_operand(operator, value)
            paths.append(path)
    if not paths:
        raise Refused("an update changes something")
    for one, other in zip(sorted(paths), sorted(paths)[1:], strict=False):
        if other == one or other.startswith(f"{one}."):
            raise Refused(f"two changes of {one}")


def check_steps(steps: Sequence[Step]) -> None:
    """Raises Refused for a bulk that is empty or too large, or for a step outside the grammar."""
    check_number(len(steps))
    for step in steps:
        check_where(step.where)
        if isinstance(step, Change):
            check_changes(step.changes)
        if isinstance(step, Change | Replace) and step.upsert:
            check_upsert(step.where)


def check_upsert(where: Where) -> None:
    """Raises Refused unless a filter says which ``_id`` a new document has."""
    if "_id" not in where or isinstance(where["_id"], Mapping):
        raise Refused("an upsert names the _id")


def check_documents(documents: Sequence[Mapping[str, Any]]) -> None:
    """Raises Refused unless there are 1 to 1,000 documents, each with an ``_id``."""
    check_number(len(documents))
    if any(document.get("_id") is None for document in documents):
        raise Refused("a document has an _id")


def check_number(number: int) -> None:
    """Raises Refused unless a call has 1 to 1,000 parts."""
    if not 1 <= number <= MAX_STEPS:
        raise Refused(f"{number} parts; the limit is {MAX_STEPS}")


def equals(condition: Any) -> tuple[Any, ...] | None:
    """The values of which a condition demands one; None when it does not."""
    if not isinstance(condition, Mapping):
        return (condition,)
    if "$eq" in condition:
        return (condition["$eq"],)
    return tuple(condition["$in"]) if "$in" in condition else None


def _check_condition(operator: str, value: Any) -> None:
    if operator not in CONDITIONS:
        raise Refused(f"{operator} is no condition")
    if operator == "$exists":
        if not isinstance(value, bool):
            raise Refused("$exists is true or false")
    elif operator == "$in":
        if not isinstance(value, list | tuple) or not 1 <= len(value) <= MAX_IN:
            raise Refused(f"$in takes 1 to {MAX_IN} values")
        for item in value:
            _check_scalar(item)
    elif operator in RANGES and value is None:
        raise Refused("nothing is no bound")
    else:
        _check_scalar(value)


def _check_operand(operator: str, value: Any) -> None:
    if operator == "$inc" and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise Refused("$inc takes a number")
    if operator == "$push" and not (
        isinstance(value, Mapping) and "$each" in value and set(value) <= {"$each", "$slice", "$sort"}
    ):
        raise Refused("$push takes $each, $slice and $sort")
    if (
        operator == "$addToSet"
        and isinstance(value, Mapping)
        and any(name.startswith("$") for name in value)
        and set(value) != {"$each"}
    ):
        raise Refused("$addToSet takes a value, or $each")
    if operator == "$pull":
        if isinstance(value, Mapping):
            check_where(value)
        else:
            _check_scalar(value)


def _check_scalar(value: Any) -> None:
    if value is not None and not isinstance(value, _SCALARS):
        raise Refused(f"a {type(value).__name__} is nothing to compare with")


@lru_cache(maxsize=1024)
def _check_path(path: str) -> None:
    if not path or any(not part or part.startswith("$") for part in path.split(".")):
        raise Refused("not a path")
