"""Names as Cloud Firestore takes them (firebase.google.com/docs/firestore/quotas, «Collections, documents, and fields»)."""

import re
from functools import lru_cache
from typing import Final

from shared.clients.documents.port import FieldPath
from shared.clients.errors import Refused

MAX_NAME_BYTES: Final = 1500
"""Greatest length of a collection id, a document id and a field name, in UTF-8."""
MAX_PATH_BYTES: Final = 6 * 1024
"""Greatest length of a whole document path, in UTF-8."""

_SIMPLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RESERVED: Final = re.compile(r"__.*__", re.DOTALL)

Segments = tuple[str, ...]
"""A field path, one name a segment."""


@lru_cache(maxsize=4096)
def name_bytes(name: object) -> int:
    """A name's length in UTF-8. Raises Refused for what cannot be a collection, a document or a field."""
    if not isinstance(name, str) or not name:
        raise Refused("a name must be text and not empty")
    try:
        length = len(name.encode())
    except UnicodeEncodeError:
        raise Refused("a name must be valid Unicode") from None
    if length > MAX_NAME_BYTES:
        raise Refused(f"a name of {length} bytes; the limit is {MAX_NAME_BYTES}")
    if _RESERVED.fullmatch(name):
        raise Refused("names like __this__ are reserved")
    return length


@lru_cache(maxsize=4096)
def split(path: str) -> tuple[str, str]:
    """A document's collection path and id. Raises Refused unless it is ``collection/id[/sub/id…]``."""
    ids = _ids(path)
    if len(ids) % 2:
        raise Refused("a document path has an even number of segments")
    return path[: -len(ids[-1]) - 1], ids[-1]


@lru_cache(maxsize=4096)
def check_collection(path: str) -> None:
    """Raises Refused unless it is ``collection[/id/sub…]``."""
    if len(_ids(path)) % 2 == 0:
        raise Refused("a collection path has an odd number of segments")


def path_size(path: str) -> int:
    """What a document's name counts towards its size: each id and one byte, and 16 (docs/firestore/storage-size)."""
    return sum(len(ident.encode()) + 1 for ident in path.split("/")) + 16


def segments(field: FieldPath) -> Segments:
    """A field path's names. Raises Refused; text must be simple names joined by full stops."""
    if isinstance(field, tuple):
        if not field:
            raise Refused("an empty field path")
        for name in field:
            name_bytes(name)
        return field
    names = tuple(simple(field).split("."))
    for name in names:
        name_bytes(name)
    return names


def simple(field: object) -> str:
    """The same text when it is simple names joined by full stops. Raises Refused."""
    if not isinstance(field, str) or not all(_SIMPLE.fullmatch(name) for name in field.split(".")):
        raise Refused("a field path in text is simple names joined by full stops; pass others as a tuple")
    return field


def on_the_wire(path: Segments) -> str:
    """A field path as Firestore's API writes it: names that are not simple stand in backticks."""
    return ".".join(
        name if _SIMPLE.fullmatch(name) else "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"
        for name in path
    )


def _ids(path: object) -> list[str]:
    if not isinstance(path, str):
        raise Refused("a path must be text")
    ids = path.split("/")
    length = sum(name_bytes(ident) + 1 for ident in ids)
    if length > MAX_PATH_BYTES:
        raise Refused(f"a path of {length} bytes; the limit is {MAX_PATH_BYTES}")
    if "." in ids or ".." in ids:
        raise Refused("no id may be . or ..")
    return ids
