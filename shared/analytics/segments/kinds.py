"""What a row of the behaviour table is made of: kinds of values, operators, and what a wanted value may be."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Literal

from shared.analytics.segments.traits import Traits

MAX_DEPTH: Final = 8
"""Groups inside one another."""
MAX_LEAVES: Final = 60
"""Comparisons in one filter."""
MAX_VALUES: Final = 100
"""Values of one list."""
MAX_TEXT: Final = 200
"""Characters of a text value."""
MAX_DAYS: Final = 3_650
"""How far back a relative date may reach: ten years."""
HOURS: Final = 24
_MOMENT: Final = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE
)


class Kind(StrEnum):
    """What an attribute's value is."""

    TEXT = "text"
    CHOICE = "choice"
    NUMBER = "number"
    TEXTS = "texts"
    MOMENT = "moment"
    HOUR = "hour"


Op = Literal[
    "eq",
    "in",
    "lt",
    "lte",
    "gt",
    "gte",
    "contains",
    "contains_any",
    "before",
    "after",
    "during",
    "exists",
]
Takes = Literal["one", "many", "shape", "flag"]


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator: ``takes`` one value, many (a list), a shape or a flag."""

    takes: Takes
    meaning: str


OPERATORS: Final[Mapping[Op, Operator]] = {
    "eq": Operator("one", "is this value"),
    "in": Operator("many", "is one of these values"),
    "lt": Operator("one", "is less than"),
    "lte": Operator("one", "is at most"),
    "gt": Operator("one", "is more than"),
    "gte": Operator("one", "is at least"),
    "contains": Operator("one", "has this value in it"),
    "contains_any": Operator("many", "has at least one of these values in it"),
    "before": Operator("shape", "lies in an earlier hour (UTC) than this moment"),
    "after": Operator("shape", "lies in the same hour (UTC) as this moment, or in a later one"),
    "during": Operator(
        "shape", "is one of these hours: `from` included, `to` not, past midnight when `to` is not later"
    ),
    "exists": Operator("flag", "is known (`true`) or unknown (`false`)"),
}
OPS_OF: Final[Mapping[Kind, tuple[Op, ...]]] = {
    Kind.TEXT: ("eq", "in", "exists"),
    Kind.CHOICE: ("eq", "in", "exists"),
    Kind.NUMBER: ("eq", "lt", "lte", "gt", "gte", "exists"),
    Kind.TEXTS: ("contains", "contains_any", "exists"),
    Kind.MOMENT: ("before", "after", "exists"),
    Kind.HOUR: ("eq", "in", "during", "exists"),
}
_HOUR: Final = {"type": "integer", "minimum": 0, "maximum": HOURS - 1}
_TEXT: Final = {"type": "string", "minLength": 1, "maxLength": MAX_TEXT}
_DAYS_AGO: Final = {"type": "integer", "minimum": 0, "maximum": MAX_DAYS}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    required = list(properties)
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


SHAPES: Final[Mapping[Kind, dict[str, Any]]] = {
    Kind.MOMENT: {"anyOf": [_object({"days_ago": _DAYS_AGO}), {"type": "string", "format": "date-time"}]},
    Kind.HOUR: _object({"from": _HOUR, "to": _HOUR}),
}
"""JSON Schema of a wanted value that is more than a text or a number."""
VALUES: Final[Mapping[Kind, dict[str, Any]]] = {
    Kind.TEXT: _TEXT,
    Kind.CHOICE: {"type": "string"},
    Kind.NUMBER: {"type": "number", "minimum": 0, "maximum": 2**32},
    Kind.TEXTS: _TEXT,
    Kind.HOUR: _HOUR,
}
"""JSON Schema of one wanted value."""
EXPECTS: Final[Mapping[Kind, str]] = {
    Kind.TEXT: f"a text of 1 to {MAX_TEXT} printable characters",
    Kind.CHOICE: "one of the named values",
    Kind.NUMBER: "a number of 0 to 2^32",
    Kind.TEXTS: f"a text of 1 to {MAX_TEXT} printable characters",
    Kind.MOMENT: "`{days_ago}` (whole days of 24 hours, counted back from the answer's `as_of`) or a moment (RFC 3339)",
    Kind.HOUR: "an hour of 0 to 23, or `{from, to}` for `during`",
}
"""What a wanted value must be, for people."""


@dataclass(frozen=True, slots=True, eq=False)
class Attribute:
    """One row: what it is called, what it holds, and how it is read off a person.

    ``choices`` are the only values there are. ``width`` is in binary digits for numbers and moments; greater values count
    as the greatest. A number is kept ``scale`` times its size, rounded down.
    """

    name: str
    kind: Kind
    read: Callable[[Traits], Any]
    source: str
    description: str
    example: tuple[Op, Any]
    choices: tuple[str, ...] = ()
    width: int = 0
    scale: int = 1

    @property
    def operators(self) -> tuple[Op, ...]:
        """The operators a filter may use."""
        return OPS_OF[self.kind]


def fits(attribute: Attribute, takes: Takes, value: object) -> bool:
    """Whether a JSON value may be compared with the attribute."""
    if takes == "flag":
        return isinstance(value, bool)
    if takes == "shape":
        return _shaped(attribute.kind, value)
    match attribute.kind:
        case Kind.NUMBER:
            return _between(value, 0, 2**32)
        case Kind.HOUR:
            return isinstance(value, int) and _between(value, 0, HOURS - 1)
        case _:
            return isinstance(value, str) and 0 < len(value) <= MAX_TEXT and value.isprintable()


def moment_of(text: str) -> datetime | None:
    """A moment of RFC 3339, or None."""
    try:
        return datetime.fromisoformat(text.upper()) if _MOMENT.fullmatch(text) else None
    except ValueError:
        return None


def _shaped(kind: Kind, value: object) -> bool:
    if kind is Kind.MOMENT and isinstance(value, str):
        return moment_of(value) is not None
    if not isinstance(value, dict):
        return False
    if kind is Kind.MOMENT:
        days = value.get("days_ago")
        return value.keys() == {"days_ago"} and isinstance(days, int) and _between(days, 0, MAX_DAYS)
    return value.keys() == {"from", "to"} and all(
        isinstance(hour, int) and _between(hour, 0, HOURS - 1) for hour in value.values()
    )


def _between(value: object, least: float, most: float) -> bool:
    # NaN fails the comparison; True is an int to Python, but not to people
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most
