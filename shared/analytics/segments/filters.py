"""Filters: the closed grammar that says who is in a segment (messaging-platform.md §4.4; analytics-domain.md §2).

    filter := {"all" | "any" | "not": [filter, …]} | {"attribute": name, "op": operator, "value": value}

Nothing that a client sends becomes a field path or an operator of a store. Pure, without I/O.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final, Literal, TypeAlias, cast

import orjson

from shared.analytics.segments.attributes import ATTRIBUTES
from shared.analytics.segments.kinds import (
    EXPECTS,
    MAX_DEPTH,
    MAX_LEAVES,
    MAX_VALUES,
    OPERATORS,
    Attribute,
    Op,
    fits,
)
from shared.kernel.errors import Fault, Invalid

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
    """Filters joined by ``kind``."""

    kind: GroupKind
    parts: tuple["Filter", ...]


Filter: TypeAlias = Leaf | Group


def parse(raw: object, pointer: str = "") -> Filter:
    """The typed tree of a filter. Raises Invalid with every fault, each with its JSON pointer below ``pointer``."""
    reader = _Reader()
    reader.node(raw, pointer, 1)
    if reader.faults:
        raise Invalid(faults=reader.faults[:MAX_LEAVES])
    return _tree(cast("Mapping[str, Any]", raw), pointer)


def leaves(tree: Filter) -> Iterator[Leaf]:
    """Every comparison, in order."""
    if isinstance(tree, Leaf):
        yield tree
    else:
        for part in tree.parts:
            yield from leaves(part)


def fingerprint(raw: Mapping[str, Any]) -> str:
    """The same for filters that are written the same, whatever the order of their fields: SHA-256 in hex."""
    return hashlib.sha256(orjson.dumps(raw, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _tree(raw: Mapping[str, Any], pointer: str) -> Filter:
    if "attribute" in raw:
        value = raw["value"]
        return Leaf(
            ATTRIBUTES[raw["attribute"]],
            raw["op"],
            tuple(value) if isinstance(value, list) else value,
            pointer,
        )
    ((kind, parts),) = raw.items()
    below = (_tree(part, f"{pointer}/{kind}/{index}") for index, part in enumerate(parts))
    return Group(cast("GroupKind", kind), tuple(below))


class _Reader:
    """Walks a raw filter and collects its faults."""

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
            self._fault(inside, "not_a_list", "A group holds a list of filters.")
        elif not parts:
            self._fault(inside, "empty_group", "A group holds at least one filter.")
        else:
            for index, part in enumerate(parts):
                if self._leaves > MAX_LEAVES or len(self.faults) >= MAX_LEAVES:
                    return
                self.node(part, f"{inside}/{index}", depth + 1)

    def _leaf(self, raw: object, pointer: str) -> None:
        if not isinstance(raw, dict):
            self._fault(pointer, "not_an_object", "A filter is a group or {attribute, op, value}.")
        elif raw.keys() != _LEAF:
            code = "unknown_field" if raw.keys() - _LEAF else "missing_field"
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
        if OPERATORS[op].takes != "many":
            self._one(attribute, op, value, pointer)
        elif not isinstance(value, list):
            self._fault(pointer, "not_a_list", f"{op} takes a list.")
        elif not 0 < len(value) <= MAX_VALUES:
            code = "too_many_values" if value else "empty_list"
            self._fault(pointer, code, f"{op} takes 1 to {MAX_VALUES} values.")
        else:
            # one fault a list is enough to find the way
            for index, each in enumerate(value):
                if not self._one(attribute, op, each, f"{pointer}/{index}"):
                    return

    def _one(self, attribute: Attribute, op: Op, value: object, pointer: str) -> bool:
        if not fits(attribute, OPERATORS[op].takes, value):
            expected = "true or false" if op == "exists" else EXPECTS[attribute.kind]
            self._fault(pointer, "wrong_type", f"Expected {expected}.")
            return False
        if attribute.choices and op != "exists" and value not in attribute.choices:
            self._fault(pointer, "not_a_choice", f"One of {', '.join(attribute.choices)}.")
            return False
        return True


def _suggestion(name: object) -> str:
    near = get_close_matches(name[:64], ATTRIBUTES, n=1) if isinstance(name, str) else []
    return f"Did you mean {near[0]}?" if near else "No attribute has this name."
