"""Filters: the closed grammar that says who is in a segment (messaging-platform.md §4.4; analytics-domain.md §2).

    filter := {"all" | "any" | "not": [filter, …]} | {"attribute": name, "op": operator, "value": value}

Nothing that a client sends becomes a field path or an operator of a store. Pure, without I/O.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, cast

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
    Takes,
    fits,
)
from shared.kernel.comparisons import GroupKind, Limits, Reader
from shared.kernel.errors import Invalid

_LIMITS: Final = Limits("filter", depth=MAX_DEPTH, leaves=MAX_LEAVES, values=MAX_VALUES)


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
    faults = _Reader(ATTRIBUTES, _LIMITS).read(raw, pointer)
    if faults:
        raise Invalid(faults=faults)
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


class _Reader(Reader[Attribute]):
    """Walks a raw filter and collects its faults."""

    def value(self, attribute: Attribute, op: str, value: object, pointer: str) -> None:
        takes = OPERATORS[cast("Op", op)].takes
        if takes == "many":
            self.many(op, value, pointer, lambda each, place: self._one(attribute, takes, each, place))
        else:
            self._one(attribute, takes, value, pointer)

    def _one(self, attribute: Attribute, takes: Takes, value: object, pointer: str) -> bool:
        if not fits(attribute, takes, value):
            expected = "true or false" if takes == "flag" else EXPECTS[attribute.kind]
            self.fault(pointer, "wrong_type", f"Expected {expected}.")
            return False
        if attribute.choices and takes != "flag" and value not in attribute.choices:
            self.fault(pointer, "not_a_choice", f"One of {', '.join(attribute.choices)}.")
            return False
        return True
