"""The document port: Cloud Firestore's model, narrowed to what Cabeceo uses (design/architecture.md, Ports and twins).

Paths are ``collection/id`` or ``collection/id/sub/id``. Values: None, bool, int (64 bit), float, str, bytes, aware
datetime (microseconds), lists without lists in them, and dicts with str keys. Every call is bounded in time and tries
and counts its operations (``shared.kernel.telemetry.count``): a get one read, a query one read a document and at least
one, a write one write, a delete one delete.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol, TypeVar

Data = dict[str, Any]
FieldPath = str | tuple[str, ...]
"""A field: ``"a"``, ``"a.b"`` (simple names only), or a tuple of segments of any text, such as ``("caps", campaign_id)``."""

MAX_WRITES: Final = 500
"""Writes in one commit."""
MAX_IN: Final = 30
"""Values of one ``in`` or ``array_contains_any`` filter."""


@dataclass(frozen=True, slots=True)
class Increment:
    """Add to a number; an absent field counts as 0. Repeats add again: guard it with a created document."""

    by: int | float


@dataclass(frozen=True, slots=True)
class ArrayUnion:
    """Append the values that the list does not hold yet."""

    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class ArrayRemove:
    """Remove every occurrence of the values."""

    values: tuple[Any, ...]


class _Marker:
    """A value with a meaning of its own; see SERVER_TIME and DELETE_FIELD."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name


SERVER_TIME: Final = _Marker("SERVER_TIME")
"""The moment of the commit by the store's clock."""
DELETE_FIELD: Final = _Marker("DELETE_FIELD")
"""Removes a field; only in Update."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A document as read. ``update_time`` (nanoseconds since 1970, the store's clock) serves as a precondition."""

    path: str
    data: Data
    create_time: int
    update_time: int

    @property
    def id(self) -> str:
        """The last segment of the path."""
        return self.path.rsplit("/", 1)[1]


@dataclass(frozen=True, slots=True)
class Create:
    """Write a document that must not exist: else AlreadyExists."""

    path: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Set:
    """Write a whole document, whether it exists or not; with ``if_updated_at`` only over that very version, else Stale."""

    path: str
    data: Mapping[str, Any]
    if_updated_at: int | None = None


@dataclass(frozen=True, slots=True)
class Update:
    """Change some fields of a document that must exist (else Missing); with ``if_updated_at``: that very version, else Stale.

    Keys are field paths; a dict value replaces the whole field. Values may be Increment, ArrayUnion, ArrayRemove,
    SERVER_TIME and DELETE_FIELD.
    """

    path: str
    fields: Mapping[FieldPath, Any]
    if_updated_at: int | None = None


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove a document; an absent one is fine, unless ``if_updated_at`` is given (Stale)."""

    path: str
    if_updated_at: int | None = None


Write = Create | Set | Update | Delete


@dataclass(frozen=True, slots=True)
class Blank:
    """Stands in the data of ``Alike`` for a text that differs: the row's text of that number."""

    text: int


@dataclass(frozen=True, slots=True)
class Alike:
    """New documents of one collection that differ in a few texts alone, such as a message to many people.

    ``data`` is what each holds, with ``Blank(n)`` as the value where the n-th text of its row stands. The first text of a row
    (number 0) is the document's id. The same as a Create for each row, at a fortieth of the cost (docs/decisions/0013).
    """

    collection: str
    data: Mapping[str, Any]
    rows: Sequence[tuple[str, ...]]


Operator = Literal["==", "<", "<=", ">", ">=", "in", "array_contains", "array_contains_any"]


@dataclass(frozen=True, slots=True)
class Where:
    """One filter of a query; documents without the field never match."""

    field: str
    op: Operator
    value: Any


@dataclass(frozen=True, slots=True)
class Order:
    """One order of a query; documents without the field are left out."""

    field: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """Documents of one collection; ties are always broken by the document's id, in the last order's direction.

    ``start_after`` holds one value for each order, and the document's id as a last one to be exact.
    A query that needs a composite index that ``infra/firebase/firestore.indexes.json`` lacks is Refused.
    """

    collection: str
    where: tuple[Where, ...] = ()
    order: tuple[Order, ...] = ()
    limit: int | None = None
    start_after: tuple[Any, ...] | None = None


class Transaction(Protocol):
    """Reads that still hold when the writes are committed."""

    async def get(self, path: str) -> Snapshot | None:
        """One document; all reads come before the first write."""
        ...

    def write(self, *writes: Write) -> None:
        """Add writes to what is committed at the end."""
        ...


ResultT = TypeVar("ResultT")


class Documents(Protocol):
    """A document store. All methods raise StoreUnavailable when there is no answer in time."""

    async def get(self, path: str) -> Snapshot | None:
        """One document, or None."""
        ...

    async def get_many(self, paths: Sequence[str]) -> list[Snapshot | None]:
        """Documents in the order asked for, in one call; None for absent ones."""
        ...

    async def commit(self, writes: Sequence[Write]) -> int:
        """All of 1 to 500 writes or none; gives the commit's time in nanoseconds since 1970, which is then the
        documents' ``update_time`` (one that a write did not change keeps its own). Raises AlreadyExists,
        Missing, Stale, Contended, Refused.
        """
        ...

    async def create_alike(self, batch: Alike, also: Sequence[Write] = ()) -> int:
        """All rows of a batch and the other writes, 500 together at most, or none; as ``commit`` of them would do.

        Raises what ``commit`` does. It is tried again after a lost answer, but not while others are in the way: who writes in
        bulk slows down instead.
        """
        ...

    async def query(self, query: Query) -> list[Snapshot]:
        """The matching documents. Raises Refused for a query that production would refuse."""
        ...

    async def count(self, query: Query) -> int:
        """How many documents match, without reading them."""
        ...

    async def transaction(
        self, body: Callable[[Transaction], Awaitable[ResultT]], *, attempts: int = 5
    ) -> ResultT:
        """Run reads and writes as one; the body may run up to ``attempts`` times. Raises Contended after them."""
        ...

    async def ping(self) -> None:
        """Reach the store at all."""
        ...

    async def close(self) -> None:
        """Give back connections."""
        ...
