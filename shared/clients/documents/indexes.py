"""Which queries production answers: those an index serves (firebase.google.com/docs/firestore/query-data/index-overview).

The emulator answers all of them, so both clients ask here first. The file is the Firebase CLI's own
(``firestore.indexes.json``: ``indexes`` and ``fieldOverrides``). Every field has an ascending, a descending and an
array-contains index by itself, unless an override lists others.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import orjson

from shared.clients.documents.queries import ARRAYS, EQUALITIES, Plan
from shared.clients.errors import Refused

INDEXES_FILE: Final = Path(__file__).parents[3] / "infra/firebase/firestore.indexes.json"

_UP, _DOWN, _CONTAINS = "ASCENDING", "DESCENDING", "CONTAINS"
_AUTOMATIC: Final = frozenset((_UP, _DOWN, _CONTAINS))

Shape = tuple[tuple[str, str], ...]
"""An index's fields, each with ASCENDING, DESCENDING or CONTAINS."""


@dataclass(frozen=True)
class Indexes:
    """The indexes of a project: composite ones and exemptions from the automatic ones, by collection id."""

    composite: Mapping[str, tuple[Shape, ...]]
    overrides: Mapping[tuple[str, str], frozenset[str]]

    @classmethod
    def load(cls, path: Path = INDEXES_FILE) -> "Indexes":
        """Read the Firebase CLI's file; an absent one means that there are only automatic indexes."""
        return cls._read(path.read_bytes() if path.exists() else b"{}")

    @classmethod
    @cache
    def _read(cls, content: bytes) -> "Indexes":
        raw = orjson.loads(content)
        composite: dict[str, tuple[Shape, ...]] = {}
        for index in raw.get("indexes", ()):
            if index.get("queryScope", "COLLECTION") == "COLLECTION":
                group = index["collectionGroup"]
                composite[group] = (*composite.get(group, ()), _shape(index["fields"]))
        overrides = {
            (field["collectionGroup"], field["fieldPath"]): frozenset(_modes(field["indexes"]))
            for field in raw.get("fieldOverrides", ())
        }
        return cls(composite, overrides)

    def check(self, plan: Plan) -> None:
        """Raises Refused, naming the index that is missing, when production would not answer a query."""
        asked = Asked.by(plan)
        if not self.serve(asked):
            parts = [f"{field} {mode}" for field, mode in (*sorted(asked.equal), *asked.orders)]
            raise Refused(f"{asked.group} has no index on ({', '.join(parts)}); see firestore.indexes.json")

    def serve(self, asked: "Asked") -> bool:
        """Whether production answers such a query."""
        if not asked.equal and not asked.orders:
            return True
        heads = [
            head
            for shape in self._shapes(asked)
            if (head := _head(shape, asked.orders, asked.equal)) is not None
        ]
        return bool(heads) and not asked.equal - frozenset().union(*heads)

    def _shapes(self, asked: "Asked") -> Iterator[Shape]:
        """The indexes that might serve: automatic ones of the fields named, and the collection's composite ones."""
        yield from self.composite.get(asked.group, ())
        for field in {field for field, _ in (*asked.equal, *asked.orders)}:
            for mode in self._automatic(asked.group, field):
                yield ((field, mode),)

    def _automatic(self, group: str, field: str) -> frozenset[str]:
        """A field's own indexes: an override of it, of a map around it or of the whole collection decides."""
        names = field.split(".")
        around = [".".join(names[:length]) for length in range(len(names), 0, -1)]
        for path in (*around, "*"):
            if (group, path) in self.overrides:
                return self.overrides[group, path]
        return _AUTOMATIC


@dataclass(frozen=True)
class Asked:
    """What a query asks of indexes: its equalities (fields in either direction, named ascending, or elements), its orders."""

    group: str
    equal: frozenset[tuple[str, str]]
    orders: Shape

    @classmethod
    def by(cls, plan: Plan) -> "Asked":
        """What a plan asks; the fields of inequalities stand among its orders."""
        equal = {(condition.field, _UP) for condition in plan.where if condition.op in EQUALITIES}
        elements = {(condition.field, _CONTAINS) for condition in plan.where if condition.op in ARRAYS}
        orders = tuple((order.field, _DOWN if order.descending else _UP) for order in plan.orders)
        return cls(plan.group, frozenset(equal | elements), orders)


def _head(shape: Shape, orders: Shape, needed: frozenset[tuple[str, str]]) -> set[tuple[str, str]] | None:
    """The equalities that an index serves beside exactly these orders, or None when it does not serve at all.

    Several indexes with the same orders at their end are merged, each bringing some equalities.
    """
    cut = len(shape) - len(orders)
    if cut < 0 or shape[cut:] != orders:
        return None
    head = {(field, _CONTAINS if mode == _CONTAINS else _UP) for field, mode in shape[:cut]}
    return head if head <= needed else None


def _shape(fields: Iterable[Mapping[str, Any]]) -> Shape:
    """An index's fields; a last ``__name__`` in the usual direction adds nothing."""
    shape = tuple((field["fieldPath"], *_modes((field,))) for field in fields)
    if len(shape) > 1 and shape[-1] == ("__name__", shape[-2][1] if shape[-2][1] != _CONTAINS else _UP):
        return shape[:-1]
    return shape


def _modes(fields: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Order or array mode of each, of those that serve queries of one collection."""
    for field in fields:
        if field.get("queryScope", "COLLECTION") == "COLLECTION":
            yield field.get("order") or field["arrayConfig"]
