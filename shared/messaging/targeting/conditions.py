"""Conditions: the closed grammar that says whom a campaign is for (design/wire.md, Experience).

    condition := {"all" | "any" | "not": [condition, …]} | {"attribute": name, "op": operator, "value": value}

``all`` holds when each part does, ``any`` when at least one does, ``not`` when none does. A comparison with a value
that is not known is false, hence its ``not`` is true; ``exists`` asks whether it is known. Pure, without I/O.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias, cast

from shared.kernel.comparisons import GroupKind, Limits, Reader
from shared.kernel.errors import Fault, Invalid
from shared.messaging.targeting.attributes import ATTRIBUTES
from shared.messaging.targeting.facts import Facts
from shared.messaging.targeting.kinds import (
    EXPECTS,
    MAX_DEPTH,
    MAX_LEAVES,
    MAX_VALUES,
    OPERATORS,
    SHAPE_OF,
    Attribute,
    Kind,
    Op,
    fits,
)
from shared.messaging.targeting.shapes import plain

_LIMITS: Final = Limits("condition", depth=MAX_DEPTH, leaves=MAX_LEAVES, values=MAX_VALUES)


@dataclass(frozen=True, slots=True)
class Leaf:
    """One comparison; ``pointer`` says where in the body it stands."""

    attribute: Attribute
    op: Op
    value: Any
    pointer: str


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions joined by ``kind``."""

    kind: GroupKind
    parts: tuple["Condition", ...]


Condition: TypeAlias = Leaf | Group
EVERYONE: Final = Group("all", ())
"""The condition that always holds: what no audience means."""


@dataclass(frozen=True, slots=True)
class Check:
    """How one comparison came out: part of an explanation.

    ``reason`` is ``matched``, ``not_matched`` or ``unknown`` (there was no value to compare).
    """

    pointer: str
    attribute: str
    op: Op
    wanted: Any
    actual: Any
    holds: bool
    reason: Literal["matched", "not_matched", "unknown"]


def holds(condition: Condition, facts: Facts) -> bool:
    """Whether the condition holds for the facts."""
    if isinstance(condition, Leaf):
        attribute = condition.attribute
        return attribute.compare(condition.op, attribute.value(facts), condition.value)
    match condition.kind:
        case "all":
            return all(holds(part, facts) for part in condition.parts)
        case "any":
            return any(holds(part, facts) for part in condition.parts)
        case "not":
            return not any(holds(part, facts) for part in condition.parts)


def trace(condition: Condition, facts: Facts) -> tuple[Check, ...]:
    """Every comparison of the condition in order, with the values compared; nothing is cut short."""
    return tuple(_check(leaf, facts) for leaf in leaves(condition))


def parse(raw: object, pointer: str = "") -> Condition:
    """The typed tree of a condition; None is EVERYONE. Raises Invalid with every fault."""
    faults = validate(raw, pointer)
    if faults:
        raise Invalid(faults=faults)
    return _tree(cast("Mapping[str, Any]", raw), pointer) if raw is not None else EVERYONE


def validate(raw: object, pointer: str = "") -> tuple[Fault, ...]:
    """What is wrong with a condition, each with the JSON pointer below ``pointer``; empty when it is good.

    Takes any JSON value, None included, and never raises; stops after MAX_LEAVES faults.
    """
    if raw is None:
        return ()
    return _Reader(ATTRIBUTES, _LIMITS).read(raw, pointer)


def leaves(condition: Condition) -> Iterator[Leaf]:
    """Every comparison of the condition, in order."""
    for part in (condition,) if isinstance(condition, Leaf) else condition.parts:
        if isinstance(part, Leaf):
            yield part
        else:
            yield from leaves(part)


def _check(leaf: Leaf, facts: Facts) -> Check:
    attribute, op, wanted = leaf.attribute, leaf.op, leaf.value
    actual = attribute.value(facts)
    passed = attribute.compare(op, actual, wanted)
    reason: Literal["matched", "not_matched", "unknown"] = "matched" if passed else "not_matched"
    if not attribute.knows(op, actual, wanted):
        reason = "unknown"
    return Check(leaf.pointer, attribute.name, op, plain(wanted), plain(actual), passed, reason)


def _tree(raw: Mapping[str, Any], pointer: str) -> Condition:
    if "attribute" in raw:
        attribute, op, value = ATTRIBUTES[raw["attribute"]], raw["op"], raw["value"]
        if OPERATORS[cast("Op", op)].takes == "shape":
            value = SHAPE_OF[attribute.kind].read(value)
        return Leaf(attribute, op, tuple(value) if isinstance(value, list) else value, pointer)
    ((kind, parts),) = raw.items()
    below = (_tree(part, f"{pointer}/{kind}/{index}") for index, part in enumerate(parts))
    return Group(cast("GroupKind", kind), tuple(below))


class _Reader(Reader[Attribute]):
    """Walks a raw condition and collects its faults."""

    def value(self, attribute: Attribute, op: str, value: object, pointer: str) -> None:
        takes = OPERATORS[cast("Op", op)].takes
        if takes == "shape":
            for each in SHAPE_OF[attribute.kind].faults(value, pointer):
                self.fault(each.pointer, each.code, each.detail)
        elif takes == "many":
            self.many(op, value, pointer, lambda each, at: self._one(attribute, attribute.kind, each, at))
        else:
            self._one(attribute, Kind.FLAG if op == "exists" else attribute.kind, value, pointer)

    def _one(self, attribute: Attribute, kind: Kind, value: object, pointer: str) -> bool:
        if not fits(kind, value):
            self.fault(pointer, "wrong_type", f"Expected {EXPECTS[kind]}.")
            return False
        if attribute.choices and kind is attribute.kind and value not in attribute.choices:
            self.fault(pointer, "not_a_choice", f"One of {', '.join(attribute.choices)}.")
            return False
        return True
