"""The indexes, declared once (``infra/mongo/indexes.json``): the client makes them, the twin has them, and both ask here
whether one serves a filter. A name that ends in ``*`` stands for all collections that begin so, such as one for each month.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from shared.clients.analytics.grammar import RANGES
from shared.clients.analytics.port import Order, Where
from shared.clients.errors import Refused

INDEXES_FILE: Final = Path(__file__).parents[3] / "infra/mongo/indexes.json"


@dataclass(frozen=True, slots=True)
class Index:
    """Fields in order, each up (1) or down (-1); ``ttl`` is after how many seconds past its date a document is tidied away."""

    fields: tuple[tuple[str, int], ...]
    unique: bool = False
    ttl: int | None = None

    @property
    def name(self) -> str:
        """A name that is the same wherever the index is made: ``personKey_1``."""
        return "_".join(f"{field}_{direction}" for field, direction in self.fields)


_OF_IDS: Final = Index((("_id", 1),), unique=True)


@dataclass(frozen=True)
class Indexes:
    """Those of all collections."""

    by_pattern: Mapping[str, tuple[Index, ...]]

    @classmethod
    def load(cls, path: Path = INDEXES_FILE) -> "Indexes":
        """Read the file."""
        by_pattern: dict[str, tuple[Index, ...]] = {}
        for raw in orjson.loads(path.read_bytes())["indexes"]:
            index = Index(
                tuple((field, direction) for field, direction in raw["fields"]),
                raw.get("unique", False),
                raw.get("expireAfterSeconds"),
            )
            by_pattern[raw["collection"]] = (*by_pattern.get(raw["collection"], ()), index)
        return cls(by_pattern)

    def of(self, collection: str) -> tuple[Index, ...]:
        """The indexes of a collection beside that of its ids."""
        return tuple(
            index
            for pattern, indexes in self.by_pattern.items()
            if pattern == collection or (pattern.endswith("*") and collection.startswith(pattern[:-1]))
            for index in indexes
        )

    def check(self, collection: str, where: Where, order: Order = ()) -> None:
        """Raises Refused unless an index begins with a field that the filter binds, or that orders all documents."""
        heads = {index.fields[0][0] for index in (_OF_IDS, *self.of(collection))}
        if heads & {field for field, condition in where.items() if binds(condition)}:
            return
        if not where and (not order or order[0][0] in heads):
            return
        named = ", ".join([*where, *(field for field, _ in order)])
        raise Refused(f"{collection} has no index for ({named}); see infra/mongo/indexes.json")


def binds(condition: Any) -> bool:
    """Whether a condition narrows what an index must be read for."""
    if not isinstance(condition, Mapping):
        return True
    return bool({"$eq", "$in"} & condition.keys() or RANGES & condition.keys())
