"""What a row of the attribute table is made of: kinds of values, operators and what they mean (design/wire.md)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Literal

from shared.messaging.targeting import shapes
from shared.messaging.targeting.facts import Facts
from shared.messaging.targeting.shapes import CIRCLE, SINCE, WINDOW, Shape

MAX_DEPTH: Final = 8
"""Groups inside one another; with it a condition stays within Firestore's 20 levels of nesting."""
MAX_LEAVES: Final = 100
"""Comparisons in one condition."""
MAX_VALUES: Final = 100
"""Values of one list."""
MAX_TEXT: Final = 200
"""Characters of a text value."""
MAX_NUMBER: Final = 2**53
"""Greatest size of a number value: up to here JSON, JavaScript and the store agree."""
_ORDERING: Final = frozenset({"lt", "lte", "gt", "gte"})
_LANGUAGE_RANGE: Final = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


class Kind(StrEnum):
    """What an attribute's value is."""

    TEXT = "text"
    CHOICE = "choice"
    LANGUAGE = "language"
    NUMBER = "number"
    FLAG = "flag"
    TEXTS = "texts"
    MOMENT = "moment"
    POINT = "point"
    CLOCK = "clock"


Op = Literal[
    "eq",
    "in",
    "lt",
    "lte",
    "gt",
    "gte",
    "startsWith",
    "contains",
    "containsAny",
    "before",
    "after",
    "within",
    "during",
    "exists",
]


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator: ``takes`` one value, many (a list), a shape or a flag; ``test(actual, wanted)`` compares known values."""

    takes: Literal["one", "many", "shape", "flag"]
    meaning: str
    test: Callable[[Any, Any], bool]


OPERATORS: Final[Mapping[Op, Operator]] = {
    "eq": Operator("one", "is this value", lambda actual, wanted: bool(actual == wanted)),
    "in": Operator("many", "is one of these values", lambda actual, wanted: actual in wanted),
    "lt": Operator("one", "is less than", lambda actual, wanted: bool(actual < wanted)),
    "lte": Operator("one", "is at most", lambda actual, wanted: bool(actual <= wanted)),
    "gt": Operator("one", "is more than", lambda actual, wanted: bool(actual > wanted)),
    "gte": Operator("one", "is at least", lambda actual, wanted: bool(actual >= wanted)),
    "startsWith": Operator("one", "begins with this text", lambda actual, wanted: actual.startswith(wanted)),
    "contains": Operator("one", "has this value in it", lambda actual, wanted: wanted in actual),
    "containsAny": Operator(
        "many",
        "has at least one of these values in it",
        lambda actual, wanted: any(value in actual for value in wanted),
    ),
    "before": Operator("shape", "is earlier than this moment, or longer ago", shapes.before),
    "after": Operator("shape", "is later than this moment, or less long ago", shapes.after),
    "within": Operator("shape", "is inside this circle", lambda actual, wanted: wanted.holds(actual)),
    "during": Operator("shape", "is inside these hours", lambda actual, wanted: wanted.holds(actual)),
    "exists": Operator(
        "flag",
        "is known (`true`) or unknown (`false`)",
        lambda actual, wanted: (actual is not None) is wanted,
    ),
}
OPS_OF: Final[Mapping[Kind, tuple[Op, ...]]] = {
    Kind.TEXT: ("eq", "in", "startsWith", "exists"),
    Kind.CHOICE: ("eq", "in", "exists"),
    Kind.LANGUAGE: ("eq", "in", "exists"),
    Kind.NUMBER: ("eq", "in", "lt", "lte", "gt", "gte", "exists"),
    Kind.FLAG: ("eq", "exists"),
    Kind.TEXTS: ("contains", "containsAny"),
    Kind.MOMENT: ("before", "after", "exists"),
    Kind.POINT: ("within", "exists"),
    Kind.CLOCK: ("during",),
}
"""Which operators a kind allows; a row of the attribute table may name its own instead."""
SHAPE_OF: Final[Mapping[Kind, Shape]] = {Kind.MOMENT: SINCE, Kind.POINT: CIRCLE, Kind.CLOCK: WINDOW}
"""The form of a wanted value that is more than a text or a number."""
SCHEMA_OF: Final[Mapping[Kind, Mapping[str, Any]]] = {
    Kind.TEXT: {"type": "string", "minLength": 1, "maxLength": MAX_TEXT},
    Kind.CHOICE: {"type": "string"},
    Kind.LANGUAGE: {"type": "string", "pattern": f"^{_LANGUAGE_RANGE.pattern}$", "maxLength": MAX_TEXT},
    Kind.NUMBER: {"type": "number", "minimum": -MAX_NUMBER, "maximum": MAX_NUMBER},
    Kind.FLAG: {"type": "boolean"},
    Kind.TEXTS: {"type": "string", "minLength": 1, "maxLength": MAX_TEXT},
    **{kind: shape.schema for kind, shape in SHAPE_OF.items()},
}
"""JSON Schema of one wanted value."""
EXPECTS: Final[Mapping[Kind, str]] = {
    Kind.TEXT: f"a text of 1 to {MAX_TEXT} printable characters",
    Kind.CHOICE: "one of the named values",
    Kind.LANGUAGE: "a language tag such as es or es-AR",
    Kind.NUMBER: "a number of at most 2^53",
    Kind.FLAG: "true or false",
    Kind.TEXTS: f"a text of 1 to {MAX_TEXT} printable characters",
    **{kind: shape.expects for kind, shape in SHAPE_OF.items()},
}
"""What a wanted value must be, for people."""


def fits(kind: Kind, value: object) -> bool:
    """Whether a JSON value may be compared with an attribute of that kind."""
    match kind:
        case Kind.FLAG:
            return isinstance(value, bool)
        case Kind.NUMBER:
            # NaN fails the comparison; True is an int to Python, but not to people
            return (
                isinstance(value, int | float)
                and not isinstance(value, bool)
                and -MAX_NUMBER <= value <= MAX_NUMBER
            )
        case _:
            if not isinstance(value, str) or not 0 < len(value) <= MAX_TEXT or not value.isprintable():
                return False
            return kind is not Kind.LANGUAGE or _LANGUAGE_RANGE.fullmatch(value) is not None


def covers(language_range: str, tag: str) -> bool:
    """Whether a range covers a language tag: es covers es and es-AR, in any case (RFC 4647 §3.3.1)."""
    return f"{tag}-".lower().startswith(f"{language_range}-".lower())


@dataclass(frozen=True, slots=True, eq=False)
class Attribute:
    """One row: what the attribute is called, what it holds, where that comes from and how to read it.

    ``choices`` are the only values there are, lowest first where they can be ordered. ``example`` is an operator with
    a wanted value, as in a condition. ``display_only`` marks what the page says of its reader, by which no paid
    campaign may go (design/wire.md, Experience).
    """

    name: str
    kind: Kind
    read: Callable[[Facts], Any]
    source: str
    description: str
    example: tuple[Op, Any]
    choices: tuple[str, ...] = ()
    allowed: tuple[Op, ...] = ()
    display_only: bool = False

    @property
    def operators(self) -> tuple[Op, ...]:
        """The operators a condition may use."""
        return self.allowed or OPS_OF[self.kind]

    def value(self, facts: Facts) -> Any:
        """What is known now; None when it is not known, or is not one of the choices."""
        value = self.read(facts)
        return None if self.kind is Kind.CHOICE and value not in self.choices else value

    def knows(self, op: Op, actual: Any, wanted: Any) -> bool:
        """Whether there is anything to compare; hours ask for a zone, theirs or the person's."""
        if self.kind is Kind.CLOCK:
            return (wanted.zone or actual.zone) is not None
        return actual is not None or op == "exists"

    def compare(self, op: Op, actual: Any, wanted: Any) -> bool:
        """Whether the comparison holds; with an unknown value only ``exists: false`` does."""
        if actual is None and op != "exists":
            return False
        if self.kind is Kind.LANGUAGE and op != "exists":
            return any(covers(each, actual) for each in (wanted if op == "in" else (wanted,)))
        if self.choices and op in _ORDERING:
            actual, wanted = self.choices.index(actual), self.choices.index(wanted)
        return OPERATORS[op].test(actual, wanted)
