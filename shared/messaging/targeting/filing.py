"""Filing a row of literals: which slot each belongs to, under which keys, and what no slot can hold."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from shared.messaging.targeting.kinds import OPERATORS, Attribute, Kind
from shared.messaging.targeting.normal_form import Literal, Row
from shared.messaging.targeting.slots import Keys, Place, place_and_keys

_SHAPED: Final = frozenset(op for op, operator in OPERATORS.items() if operator.takes == "shape")
_TIGHTEST: Final[dict[str, Callable[[Iterable[Any]], Any]]] = {"gt": max, "gte": max, "lt": min, "lte": min}


class Filed:
    """A row, filed: keys by place for what it requires and forbids, and the literals no slot can hold."""

    __slots__ = ("forbidden", "required", "rest")

    def __init__(self) -> None:
        self.required: dict[Place, Keys] = {}
        self.forbidden: dict[Place, Keys] = {}
        self.rest: list[Literal] = []

    @property
    def possible(self) -> bool:
        """Whether any value at all could satisfy it."""
        return all(self.required.values())


def file(row: Row) -> Filed:
    """File each literal of a row.

    A slot holds one requirement a row: equalities are intersected, of bounds the tightest is kept. A second list
    membership, beginning or language stays for later, and so does whatever is more than a look-up.
    """
    filed = Filed()
    required = filed.required
    for literal in row:
        leaf, positive = literal
        if leaf.op in _SHAPED:
            filed.rest.append(literal)
            continue
        place, asked = place_and_keys(leaf.attribute, leaf.op, leaf.value)
        if not positive:
            filed.forbidden[place] = filed.forbidden.get(place, ()) + asked
        elif place not in required:
            required[place] = asked
        else:
            merged = _merged(leaf.attribute, place[1], required[place], asked)
            if merged is None:
                filed.rest.append(literal)
            else:
                required[place] = merged
    return filed


def _merged(attribute: Attribute, name: str, one: Keys, other: Keys) -> Keys | None:
    """Two requirements of one slot as one; None when it cannot tell both."""
    if name in _TIGHTEST:
        return (_TIGHTEST[name](one + other),)
    if name == "exists" or (name == "eq" and attribute.kind is not Kind.LANGUAGE):
        return tuple(key for key in one if key in other)
    return None
