"""Trees of comparisons as clients send them: what is wrong with one, with a JSON pointer to each fault. Pure.

    tree := {"all" | "any" | "not": [tree, …]} | {"attribute": name, "op": operator, "value": value}

Each grammar names its attributes and limits, and says what a wanted value may be.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final, Generic, Literal, Protocol, TypeVar, cast

from shared.kernel.errors import Fault

GroupKind = Literal["all", "any", "not"]
GROUPS: Final[tuple[GroupKind, ...]] = ("all", "any", "not")
_LEAF: Final = {"attribute", "op", "value"}


class Asked(Protocol):
    """An attribute: its name, and the operators it takes."""

    @property
    def name(self) -> str:
        """As conditions write it."""

    @property
    def operators(self) -> Sequence[str]:
        """The words that may stand in ``op``."""


AttributeT = TypeVar("AttributeT", bound=Asked)


@dataclass(frozen=True, slots=True)
class Limits:
    """Groups inside one another, comparisons of one tree, values of one list; ``noun`` is what a tree is called."""

    noun: str
    depth: int
    leaves: int
    values: int


class Reader(ABC, Generic[AttributeT]):
    """Walks one raw tree and collects its faults; stops after as many as comparisons are allowed."""

    def __init__(self, attributes: Mapping[str, AttributeT], limits: Limits) -> None:
        self._attributes = attributes
        self._limits = limits
        self._faults: list[Fault] = []
        self._leaves = 0

    def read(self, raw: object, pointer: str) -> tuple[Fault, ...]:
        """What is wrong with any JSON value as a tree, pointers below ``pointer``; empty when it is good."""
        self._node(raw, pointer, 1)
        return tuple(self._faults[: self._limits.leaves])

    @abstractmethod
    def value(self, attribute: AttributeT, op: str, value: object, pointer: str) -> None:
        """Report what is wrong with the value wanted of an attribute by one of its operators."""

    def fault(self, pointer: str, code: str, detail: str) -> None:
        """Report something wrong."""
        self._faults.append(Fault(pointer, code, detail))

    def many(self, op: str, value: object, pointer: str, fits: Callable[[object, str], bool]) -> None:
        """Report what is wrong with a list of values; ``fits`` reports of one and tells whether it is good."""
        if not isinstance(value, list):
            self.fault(pointer, "not_a_list", f"{op} takes a list.")
        elif not 0 < len(value) <= self._limits.values:
            code = "too_many_values" if value else "empty_list"
            self.fault(pointer, code, f"{op} takes 1 to {self._limits.values} values.")
        else:
            # one fault a list is enough to find the way
            all(fits(each, f"{pointer}/{index}") for index, each in enumerate(value))

    def _node(self, raw: object, pointer: str, depth: int) -> None:
        kind = next((word for word in GROUPS if isinstance(raw, dict) and word in raw), None)
        if kind is not None:
            self._group(cast("Mapping[str, Any]", raw), kind, pointer, depth)
            return
        self._leaves += 1
        if self._leaves == self._limits.leaves + 1:
            self.fault(pointer, "too_many_leaves", f"More than {self._limits.leaves} comparisons.")
        elif self._leaves <= self._limits.leaves:
            self._leaf(raw, pointer)

    def _group(self, raw: Mapping[str, Any], kind: GroupKind, pointer: str, depth: int) -> None:
        parts, inside, limits = raw[kind], f"{pointer}/{kind}", self._limits
        if len(raw) > 1:
            self.fault(pointer, "unknown_field", "A group has one field: all, any or not.")
        elif depth > limits.depth:
            self.fault(pointer, "too_deep", f"Groups nest at most {limits.depth} deep.")
        elif not isinstance(parts, list):
            self.fault(inside, "not_a_list", f"A group holds a list of {limits.noun}s.")
        elif not parts:
            self.fault(inside, "empty_group", f"A group holds at least one {limits.noun}.")
        else:
            for index, part in enumerate(parts):
                if self._leaves > limits.leaves or len(self._faults) >= limits.leaves:
                    return
                self._node(part, f"{inside}/{index}", depth + 1)

    def _leaf(self, raw: object, pointer: str) -> None:
        if not isinstance(raw, dict):
            self.fault(
                pointer, "not_an_object", f"A {self._limits.noun} is a group or {{attribute, op, value}}."
            )
        elif raw.keys() != _LEAF:
            code = "unknown_field" if raw.keys() - _LEAF else "missing_field"
            self.fault(pointer, code, "A comparison has the fields attribute, op and value.")
        else:
            self._comparison(raw["attribute"], raw["op"], raw["value"], pointer)

    def _comparison(self, name: object, op: object, value: object, pointer: str) -> None:
        attribute = self._attributes.get(name) if isinstance(name, str) else None
        if attribute is None:
            self.fault(f"{pointer}/attribute", "unknown_attribute", self._suggestion(name))
        elif op not in attribute.operators:
            allowed = ", ".join(attribute.operators)
            self.fault(f"{pointer}/op", "operator_not_allowed", f"{attribute.name} takes {allowed}.")
        else:
            self.value(attribute, cast("str", op), value, f"{pointer}/value")

    def _suggestion(self, name: object) -> str:
        near = get_close_matches(name[:64], self._attributes, n=1) if isinstance(name, str) else []
        return f"Did you mean {near[0]}?" if near else "No attribute has this name."
