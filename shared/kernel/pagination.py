"""Lists: ``{items, nextCursor}``; cursors are opaque, signed and bound to their query (architecture.md, HTTP conventions)."""

import base64
import hashlib
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

import orjson

from shared.kernel.errors import Malformed
from shared.kernel.signing import Seal

DEFAULT_LIMIT: Final = 20
MAX_LIMIT: Final = 100

ItemT = TypeVar("ItemT")


@dataclass(frozen=True, slots=True)
class Page(Generic[ItemT]):
    """One page; ``position`` is where the next one starts (the last item's order values), None at the end."""

    items: list[ItemT]
    position: list[Any] | None = None


class Cursors:
    """Turns positions into cursors and back."""

    def __init__(self, secrets: list[str]) -> None:
        self._seal = Seal(secrets, "cursor")

    def encode(self, position: list[Any] | None, *, query: str) -> str | None:
        """A cursor for the position, valid only for the same query text (route, filters and caller)."""
        if position is None:
            return None
        body = orjson.dumps([_digest(query), position])
        return self._seal.sign(base64.urlsafe_b64encode(body).decode().rstrip("="))

    def decode(self, cursor: str | None, *, query: str) -> list[Any] | None:
        """The position in a cursor. Raises Malformed when it was altered or belongs to another query."""
        if cursor is None:
            return None
        value = self._seal.verify(cursor)
        if value is not None:
            digest, position = orjson.loads(base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)))
            if digest == _digest(query) and isinstance(position, list):
                return position
        raise Malformed("The cursor does not belong to this list.", code="bad_cursor")


def _digest(query: str) -> str:
    return hashlib.sha256(query.encode()).hexdigest()[:16]
