"""The analytics port: MongoDB's model, narrowed to what Cabeceo uses and every server of it does alike (design/local-stack.md).

Documents are maps with an ``_id``. Values: None, bool, int (64 bit), float, str, bytes, aware datetime (milliseconds), lists and
maps of them. Filters and updates are those of MongoDB, of which ``grammar`` lists the operators. Every call is bounded in time
and tries, and counts one ``mongo`` operation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

Doc = dict[str, Any]
Where = Mapping[str, Any]
"""A filter: every field's value, or ``{operator: value}`` of it; all must hold. ``a.b`` reaches into maps and lists of maps."""
Changes = Mapping[str, Mapping[str, Any]]
"""What to change: ``{operator: {path: value}}``."""
Order = Sequence[tuple[str, Literal[1, -1]]]
"""Fields to sort by, up or down. Documents without the field come first going up."""

MAX_STEPS: Final = 1000
"""Documents or steps of one call."""
MAX_IN: Final = 1000
"""Values of one ``$in``."""


@dataclass(frozen=True, slots=True)
class Change:
    """Change the first document that matches; with ``upsert`` and an ``_id`` in the filter, make it when none does."""

    where: Where
    changes: Changes
    upsert: bool = False


@dataclass(frozen=True, slots=True)
class Replace:
    """Put a document in the place of the first that matches; with ``upsert`` and an ``_id`` in the filter, where there is none too."""

    where: Where
    document: Mapping[str, Any]
    upsert: bool = False


@dataclass(frozen=True, slots=True)
class Remove:
    """Delete the first document that matches."""

    where: Where


Step = Change | Replace | Remove


@dataclass(frozen=True, slots=True)
class Tally:
    """What a bulk did. ``clashed`` counts upserts that a unique key refused: most often the filter asked for another version."""

    matched: int = 0
    upserted: int = 0
    removed: int = 0
    clashed: int = 0


class Analytics(Protocol):
    """A store of collections. All methods raise StoreUnavailable when there is no answer in time, Refused for what no server would do.

    A filter that no declared index serves (``infra/mongo/indexes.json``) is Refused: see ``indexes``.
    """

    async def find(
        self,
        collection: str,
        where: Where,
        *,
        order: Order = (),
        limit: int | None = None,
        fields: Sequence[str] | None = None,
    ) -> list[Doc]:
        """The matching documents; with ``fields`` only those and the ``_id``."""
        ...

    async def count(self, collection: str, where: Where) -> int:
        """How many documents match."""
        ...

    async def find_one_and_update(
        self, collection: str, where: Where, changes: Changes, *, upsert: bool = False
    ) -> Doc | None:
        """Change the first document that matches and give it as it is then; None when none does. Raises AlreadyExists when a
        unique key refuses, Contended when another is in the way.
        """
        ...

    async def insert(self, collection: str, documents: Sequence[Mapping[str, Any]]) -> int:
        """Add 1 to 1,000 documents, each on its own; those whose unique keys exist already are left as they are. Gives how many are new."""
        ...

    async def bulk(self, collection: str, steps: Sequence[Step]) -> Tally:
        """Do 1 to 1,000 steps, each on its own and in any order: one step a document. Raises Contended."""
        ...

    async def delete(self, collection: str, where: Where) -> int:
        """Delete every document that matches; gives how many."""
        ...

    async def collections(self, prefix: str = "") -> list[str]:
        """Names of the collections that begin so, sorted."""
        ...

    async def drop(self, collection: str) -> None:
        """Remove a collection with its documents; an absent one is fine."""
        ...

    async def ping(self) -> None:
        """Reach the store at all."""
        ...

    async def close(self) -> None:
        """Give back connections."""
        ...
