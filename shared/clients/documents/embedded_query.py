"""A plan as one SQL statement over the twin's index entries (see ``embedded_store``)."""

from collections.abc import Iterator
from typing import Any, Final

from shared.clients.documents.port import Where
from shared.clients.documents.queries import ARRAYS, LISTS, RANGES, Plan
from shared.clients.documents.values import NUMBER, order_key

ELEMENTS: Final = "[]"
"""Marks, behind a field's name, the entries of a list's elements."""
_NOT_A_NUMBER: Final = order_key(float("nan"))


def fields(plan: Plan) -> set[str]:
    """The fields, or their elements, whose entries a plan needs."""
    filtered = {condition.field + (ELEMENTS if condition.op in ARRAYS else "") for condition in plan.where}
    return filtered | {order.field for order in plan.orders}


def statement(plan: Plan, columns: str) -> tuple[str, list[Any]]:
    """SQL that selects columns of ``documents d`` for the matching documents in order, and its values."""
    sql = f"SELECT {columns} FROM documents d"  # noqa: S608 - no text from outside
    conditions: list[tuple[str, list[Any]]] = [("d.collection = ?", [plan.collection])]
    for position, order in enumerate(plan.orders):
        entry = f"o{position}"
        sql += f" JOIN entries {entry} ON {entry}.doc = d.key"
        conditions.append((f"{entry}.collection = ? AND {entry}.field = ?", [plan.collection, order.field]))
        conditions += [_within(entry, part) for part in plan.where if _is_range_of(part, order.field)]
    conditions += [_member(plan.collection, part) for part in plan.where if part.op not in RANGES]
    if plan.after is not None:
        conditions += _beyond(plan)
    sql += f" WHERE {' AND '.join(text for text, _ in conditions)} ORDER BY {_order_by(plan)}"
    if plan.limit is not None:
        sql += f" LIMIT {plan.limit}"
    return sql, [value for _, values in conditions for value in values]


def _order_by(plan: Plan) -> str:
    keys = [(f"o{position}.value", order.descending) for position, order in enumerate(plan.orders)]
    # entries carry the id too: with one order their primary key is already the order asked for
    keys.append(("o0.id" if len(plan.orders) == 1 else "d.id", plan.descending))
    return ", ".join(f"{key} {'DESC' if descending else 'ASC'}" for key, descending in keys)


def _is_range_of(part: Where, field: str) -> bool:
    return part.op in RANGES and part.field == field


def _within(entry: str, part: Where) -> tuple[str, list[Any]]:
    """A range: it never leaves the value's own type, and NaN is in none."""
    key = order_key(part.value)
    first = _NOT_A_NUMBER + b"\0" if key[:1] == NUMBER else key[:1]
    bounds = f"{entry}.value {part.op} ? AND {entry}.value >= ? AND {entry}.value < ?"
    return bounds, [key, first, bytes((key[0] + 1,))]


def _member(collection: str, part: Where) -> tuple[str, list[Any]]:
    """An equality: with one value, one of several, or with an element of a list."""
    wanted = part.value if part.op in LISTS else [part.value]
    field = part.field + (ELEMENTS if part.op in ARRAYS else "")
    marks = ", ".join("?" * len(wanted))
    sql = f"d.key IN (SELECT doc FROM entries WHERE collection = ? AND field = ? AND value IN ({marks}))"  # noqa: S608
    return sql, [collection, field, *map(order_key, wanted)]


def _beyond(plan: Plan) -> Iterator[tuple[str, list[Any]]]:
    """«After the cursor»: beyond it by the first order, or equal there and beyond it by the next, down to the id."""
    steps = [
        (f"o{position}.value", "<" if order.descending else ">", order_key(value))
        for position, (order, value) in enumerate(zip(plan.orders, plan.after or (), strict=True))
    ]
    if steps:  # says less than what follows, but lets SQLite start in the right place
        key, beyond, value = steps[0]
        yield f"{key} {beyond}= ?", [value]
    ident = [] if plan.after_id is None else [("d.id", "<" if plan.descending else ">", plan.after_id)]
    condition, values = "", list[Any]()
    for key, beyond, at in reversed([*steps, *ident]):
        condition = f"({key} {beyond} ? OR ({key} = ? AND {condition}))" if condition else f"{key} {beyond} ?"
        values = [at, at, *values] if values else [at]
    yield condition, values
