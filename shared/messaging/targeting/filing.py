"""Filing a row of literals: which slot each belongs to, under which keys, and what no slot can hold."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from shared.messaging.targeting.kinds import Attribute, Kind
from shared.messaging.targeting.normal_form import Literal, Row
from shared.messaging.targeting.slots import family, keys


@dataclass(slots=True)
class Filed:
    """A row, filed: keys by (attribute, family), what is left for the literals no slot can hold."""

    required: dict[tuple[str, str], set[Any]] = field(default_factory=dict)
    forbidden: dict[tuple[str, str], set[Any]] = field(default_factory=dict)
    rest: list[Literal] = field(default_factory=list)

    @property
    def possible(self) -> bool:
        """Whether any value at all could satisfy it."""
        return all(self.required.values())


_TIGHTEST: Final[dict[str, Callable[[Iterable[Any]], Any]]] = {"gt": max, "gte": max, "lt": min, "lte": min}


def file(row: Row) -> Filed:
    """File each literal of a row.

    A slot holds one requirement a row: equalities are intersected, of bounds the tightest is kept. A second list
    membership, beginning or language stays for later.
    """
    filed = Filed()
    for literal in row:
        attribute, name = literal.leaf.attribute, family(literal.leaf.op)
        place, asked = (attribute.name, name), set(keys(attribute, literal.leaf.op, literal.leaf.value))
        if not literal.positive:
            filed.forbidden.setdefault(place, set()).update(asked)
        elif place not in filed.required:
            filed.required[place] = asked
        elif not _merge(attribute, name, filed.required[place], asked):
            filed.rest.append(literal)
    return filed


def _merge(attribute: Attribute, name: str, into: set[Any], asked: set[Any]) -> bool:
    """Narrow a requirement by a second one; False when one slot cannot tell both."""
    if name in _TIGHTEST:
        tightest = _TIGHTEST[name](into | asked)
        into.clear()
        into.add(tightest)
        return True
    if name == "exists" or (name == "eq" and attribute.kind is not Kind.LANGUAGE):
        into &= asked
        return True
    return False
