"""Conditions as rows of literals: the form that ``targeting.index`` turns into bit sets. Pure.

A row holds when each of its literals does; a condition holds when one of its rows does. A literal is a comparison, or
its negation (which is true of unknown values, unlike the opposite operator).
"""

from itertools import product
from typing import Final, NamedTuple

from shared.messaging.targeting.conditions import Condition, Leaf
from shared.messaging.targeting.facts import Facts

MAX_ROWS: Final = 16
"""Rows of one condition; a condition that needs more is judged whole."""


class Literal(NamedTuple):
    """A comparison, or with ``positive`` False its negation."""

    leaf: Leaf
    positive: bool

    def holds(self, facts: Facts) -> bool:
        """Whether it is true of the facts."""
        attribute = self.leaf.attribute
        return attribute.compare(self.leaf.op, attribute.value(facts), self.leaf.value) is self.positive


Row = tuple[Literal, ...]


def rows(condition: Condition) -> tuple[Row, ...] | None:
    """The rows of a condition; none at all when nothing can satisfy it, None when there would be over MAX_ROWS."""
    return _rows(condition, positive=True)


def _rows(condition: Condition, *, positive: bool) -> tuple[Row, ...] | None:
    if isinstance(condition, Leaf):
        return ((Literal(condition, positive),),)
    # not […] is true when none of its parts is: a negated any
    inner = positive if condition.kind != "not" else not positive
    conjunction = (condition.kind == "all") is inner
    known: list[tuple[Row, ...]] = []
    for part in condition.parts:
        # comparisons are by far the most, and thousands of conditions are taken apart at once
        made = ((Literal(part, inner),),) if isinstance(part, Leaf) else _rows(part, positive=inner)
        if made is None:
            return None
        known.append(made)
    return _joined(known) if conjunction else _gathered(known)


def _gathered(parts: list[tuple[Row, ...]]) -> tuple[Row, ...] | None:
    gathered = tuple(row for part in parts for row in part)
    return gathered if len(gathered) <= MAX_ROWS else None


def _joined(parts: list[tuple[Row, ...]]) -> tuple[Row, ...] | None:
    size = 1
    for part in parts:
        size *= len(part)
        if size > MAX_ROWS:
            return None
    if size == 1:
        return (tuple([literal for (row,) in parts for literal in row]),)
    return tuple(tuple(literal for row in choice for literal in row) for choice in product(*parts))
