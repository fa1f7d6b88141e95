"""Conditions: the closed grammar that says whom a campaign is for (design/wire.md, Experience).

    condition := {"all" | "any" | "not": [condition, …]} | {"attribute": name, "op": operator, "value": value}

``all`` holds when each part does, ``any`` when at least one does, ``not`` when none does. A comparison with a value
that is not known is false, hence its ``not`` is true; ``exists`` asks whether it is known. Pure, without I/O.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final, Literal, TypeAlias, cast

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

GroupKind = Literal["all", "any", "not"]
_GROUPS: Final = ("all", "any", "not")
_LEAF: Final = {"attribute", "op", "value"}


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
    reader = _Reader()
    reader.node(raw, pointer, 1)
    return tuple(reader.faults[:MAX_LEAVES])


def leaves(condition: Condition) -> Iterator[Leaf]:
    """Every comparison of the condition, in order."""
    if isinstance(condition, Leaf):
        yield condition
    else:
        for part in condition.parts:
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


class _Reader:
    """Walks a raw condition and collects its faults."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self._leaves = 0

    def node(self, raw: object, pointer: str, depth: int) -> None:
        kind = next((word for word in _GROUPS if isinstance(raw, dict) and word in raw), None)
        if kind is not None:
            self._group(cast("Mapping[str, Any]", raw), kind, pointer, depth)
            return
        self._leaves += 1
        if self._leaves == MAX_LEAVES + 1:
            self._fault(pointer, "too_many_leaves", f"More than {MAX_LEAVES} comparisons.")
        elif self._leaves <= MAX_LEAVES:
            self._leaf(raw, pointer)

    def _fault(self, pointer: str, code: str, detail: str) -> None:
        self.faults.append(Fault(pointer, code, detail))

    def _group(self, raw: Mapping[str, Any], kind: str, pointer: str, depth: int) -> None:
        parts, inside = raw[kind], f"{pointer}/{kind}"
        if len(raw) > 1:
            self._fault(pointer, "unknown_field", "A group has one field: all, any or not.")
        elif depth > MAX_DEPTH:
            self._fault(pointer, "too_deep", f"Groups nest at most {MAX_DEPTH} deep.")
        elif not isinstance(parts, list):
            self._fault(inside, "not_a_list", "A group holds a list of conditions.")
        elif not parts:
            self._fault(inside, "empty_group", "A group holds at least one condition.")
        else:
            for index, part in enumerate(parts):
                if self._leaves > MAX_LEAVES or len(self.faults) >= MAX_LEAVES:
                    return
                self.node(part, f"{inside}/{index}", depth + 1)

    def _leaf(self, raw: object, pointer: str) -> None:
        if not isinstance(raw, dict):
            self._fault(pointer, "not_an_object", "A condition is a group or {attribute, op, value}.")
        elif raw.keys() != _LEAF:
            unknown = raw.keys() - _LEAF
            code = "unknown_field" if unknown else "missing_field"
            self._fault(pointer, code, "A comparison has the fields attribute, op and value.")
        else:
            self._comparison(raw["attribute"], raw["op"], raw["value"], pointer)

    def _comparison(self, name: object, op: object, value: object, pointer: str) -> None:
        attribute = ATTRIBUTES.get(name) if isinstance(name, str) else None
        if attribute is None:
            self._fault(f"{pointer}/attribute", "unknown_attribute", _suggestion(name))
        elif op not in attribute.operators:
            allowed = ", ".join(attribute.operators)
            self._fault(f"{pointer}/op", "operator_not_allowed", f"{attribute.name} takes {allowed}.")
        else:
            self._value(attribute, op, value, f"{pointer}/value")

    def _value(self, attribute: Attribute, op: Op, value: object, pointer: str) -> None:
        if OPERATORS[op].takes == "shape":
            self.faults += SHAPE_OF[attribute.kind].faults(value, pointer)
        elif OPERATORS[op].takes != "many":
            self._one(attribute, Kind.FLAG if op == "exists" else attribute.kind, value, pointer)
        elif not isinstance(value, list):
            self._fault(pointer, "not_a_list", f"{op} takes a list.")
        elif not 0 < len(value) <= MAX_VALUES:
            code = "too_many_values" if value else "empty_list"
            self._fault(pointer, code, f"{op} takes 1 to {MAX_VALUES} values.")
        else:
            # one fault a list is enough to find the way
            for index, each in enumerate(value):
                if not self._one(attribute, attribute.kind, each, f"{pointer}/{index}"):
                    return

    def _one(self, attribute: Attribute, kind: Kind, value: object, pointer: str) -> bool:
        if not fits(kind, value):
            self._fault(pointer, "wrong_type", f"Expected {EXPECTS[kind]}.")
            return False
        if attribute.choices and kind is attribute.kind and value not in attribute.choices:
            self._fault(pointer, "not_a_choice", f"One of {', '.join(attribute.choices)}.")
            return False
        return True


def _suggestion(name: object) -> str:
    near: Sequence[str] = get_close_matches(name[:64], ATTRIBUTES, n=1) if isinstance(name, str) else ()
    return f"Did you mean {near[0]}?" if near else "No attribute has this name."
