"""Values as Cloud Firestore knows them: what may be stored, how large it is, how it is ordered.

Sources: firebase.google.com/docs/firestore/storage-size, …/quotas, …/manage-data/data-types («Value type ordering»).
"""

import math
import struct
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from shared.clients.documents.paths import name_bytes
from shared.clients.errors import Refused

MAX_DEPTH: Final = 20
"""Maps and lists inside each other."""
MAX_VALUE_BYTES: Final = 1_048_487
"""Size of one field: 1 MiB less 89 bytes."""
MAX_DOCUMENT_BYTES: Final = 1_048_576
"""Size of one document with its name."""
OVERHEAD_BYTES: Final = 32
"""What a document counts beside its name and fields."""

INT_MIN: Final = -(2**63)
INT_MAX: Final = 2**63 - 1
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

NULL, BOOL, NUMBER, TIMESTAMP, STRING, BYTES, ARRAY, MAP = (bytes((tag << 4,)) for tag in range(1, 9))
"""First byte of an order key: the type, in the order in which Firestore sorts types."""


def microseconds(moment: datetime) -> int:
    """Whole microseconds since 1970 (UTC), exactly."""
    return (moment - _EPOCH) // _MICROSECOND


def moment_of(micros: int) -> datetime:
    """The moment that many microseconds after 1970 (UTC), exactly."""
    return _EPOCH + micros * _MICROSECOND


def plain(value: Any, depth: int = 1) -> Any:
    """A copy of a value in the port's types alone: datetimes in UTC, lists for tuples.

    Raises Refused for what Firestore cannot hold: another type, an integer over 64 bits, a time without zone, invalid
    Unicode, a list in a list, too deep nesting, a bad field name.
    """
    match value:  # what is most frequent stands first
        case str():
            return value if value.isascii() else _text(value)
        case None | bool() | float() | bytes():
            return value
        case int():
            return _integer(value)
        case dict():
            _check_depth(depth)
            for name in value:
                name_bytes(name)
            return {name: plain(item, depth + 1) for name, item in value.items()}
        case datetime():
            if value.utcoffset() is None:
                raise Refused("a time needs a zone")
            return value.astimezone(UTC)
        case list() | tuple():
            _check_depth(depth)
            return [_element(item, depth) for item in value]
    raise Refused(f"{type(value).__name__} is no type of the store")


def _check_depth(depth: int) -> None:
    if depth > MAX_DEPTH:
        raise Refused(f"nested deeper than {MAX_DEPTH}")


def _element(item: Any, depth: int) -> Any:
    if isinstance(item, list | tuple):
        raise Refused("a list in a list")
    return plain(item, depth + 1)


def _text(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Refused("text must be valid Unicode") from None
    return value


def _integer(value: int) -> int:
    if not INT_MIN <= value <= INT_MAX:
        raise Refused("an integer of more than 64 bits")
    return value


def size(value: Any) -> int:
    """Bytes that a plain value counts."""
    match value:  # what is most frequent stands first
        case str():
            return (len(value) if value.isascii() else len(value.encode())) + 1
        case None | bool():
            return 1
        case int() | float() | datetime():
            return 8
        case dict():
            return sum([size(name) + size(item) for name, item in value.items()]) or 1
        case list():
            return sum(map(size, value))
    return len(value)


def check_document(path_bytes: int, data: dict[str, Any]) -> int:
    """A document's size in bytes. Raises Refused when Firestore would not take it."""
    sizes = [(size(name), size(value)) for name, value in data.items()]
    if any(value > MAX_VALUE_BYTES for _, value in sizes):
        raise Refused(f"a field over {MAX_VALUE_BYTES} bytes")
    total = path_bytes + OVERHEAD_BYTES + sum(name + value for name, value in sizes)
    if total > MAX_DOCUMENT_BYTES:
        raise Refused(f"a document of {total} bytes; the limit is {MAX_DOCUMENT_BYTES}")
    return total


def order_key(value: Any) -> bytes:  # noqa: PLR0911 - one for each type
    """Bytes that compare as Firestore orders values; equal exactly when Firestore calls the values equal."""
    match value:
        case None:
            return NULL
        case bool():
            return BOOL + bytes((value,))
        case int() | float():
            return NUMBER + _number_key(value)
        case datetime():
            return TIMESTAMP + struct.pack(">Q", microseconds(value) + 2**63)
        case str():
            return STRING + _terminated(value.encode())
        case bytes():
            return BYTES + _terminated(value)
        case list():
            return ARRAY + b"".join(map(order_key, value)) + b"\0"
    pairs = sorted((name.encode(), item) for name, item in value.items())
    return MAP + b"".join(STRING + _terminated(name) + order_key(item) for name, item in pairs) + b"\0"


def _terminated(raw: bytes) -> bytes:
    """The bytes with an end that sorts before every continuation."""
    return raw.replace(b"\0", b"\0\xff") + b"\0\1"


def _number_key(value: float) -> bytes:
    """Integers and floats on one line: the double at or below the number, then what an integer has above it."""
    if math.isnan(value):
        return bytes(10)
    below = float(value)
    if below > value:
        below = math.nextafter(below, -math.inf)
    (bits,) = struct.unpack(">q", struct.pack(">d", below + 0.0))
    ordered = bits + 2**63 if bits >= 0 else -1 - bits
    rest = 0 if math.isinf(below) else int(value) - int(below) if isinstance(value, int) else 0
    return struct.pack(">QH", ordered, rest)


def same(one: Any, other: Any) -> bool:
    """Whether two plain values are stored alike: 1 and 1.0 are not, though Firestore calls them equal."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(item, other[name]) for name, item in one.items())
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float):
        return struct.pack(">d", one) == struct.pack(">d", other) or (math.isnan(one) and math.isnan(other))
    return bool(one == other)


def union(present: Any, values: Iterable[Any]) -> list[Any]:
    """ArrayUnion: a list with those values appended that it does not hold yet; anything else counts as empty."""
    result = list(present) if isinstance(present, list) else []
    known = {order_key(item) for item in result}
    for value in values:
        key = order_key(value)
        if key not in known:
            known.add(key)
            result.append(value)
    return result


def without(present: Any, values: Iterable[Any]) -> list[Any]:
    """ArrayRemove: a list without any of those values; anything else counts as empty."""
    gone = {order_key(value) for value in values}
    return [item for item in present if order_key(item) not in gone] if isinstance(present, list) else []


def added(present: Any, by: float) -> float:
    """Increment: integers stay within 64 bits, a float makes the sum a float, no number counts as 0."""
    if isinstance(present, bool) or not isinstance(present, int | float):
        return by
    if isinstance(present, int) and isinstance(by, int):
        return max(INT_MIN, min(INT_MAX, present + by))
    return float(present) + float(by)
