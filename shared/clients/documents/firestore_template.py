"""Many documents that are alike as one commit in Firestore's wire format, most bytes of it made once (docs/decisions/0013).

The first row whose texts have certain lengths is encoded as any other write. What lies around its texts is kept, and holds for every
row of the same lengths: nothing else in a message depends on a text but its length. So there is no second encoder that
could differ from the first; where a row's texts cannot be found beyond doubt, that row is encoded by itself.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from google.cloud.firestore_v1.types import firestore

from shared.clients.documents.alike import check_number, creation
from shared.clients.documents.firestore_wire import Wire
from shared.clients.documents.port import Alike, Write
from shared.clients.documents.writes import MAX_COMMIT_BYTES, Step, steps_of
from shared.clients.errors import Refused
from shared.kernel.ids import is_plain

Layout = tuple[list[bytes], list[int]]
"""The bytes around the texts, with an empty place for each, and the numbers of the texts that belong there."""

_WRITES: Final = bytes((firestore.CommitRequest.pb().WRITES_FIELD_NUMBER << 3 | 2,))
"""The tag of one more write in a commit."""


def commit_bytes(wire: Wire, batch: Alike, also: Sequence[Write] = ()) -> bytes:
    """The serialized commit: rows first. Raises Refused for what the store would never take."""
    check_number(batch, also)
    # the rest of a document is the same in every row
    steps_of([creation(batch, max(batch.rows, key=lambda row: sum(map(len, row))))])
    head: bytes = firestore.CommitRequest.pb()(database=wire.database).SerializeToString()
    template = Template(wire, batch)
    parts = [head, *map(template.write, batch.rows)]
    parts += [_field(wire.write(step).SerializeToString()) for step in (steps_of(also) if also else ())]
    raw = b"".join(parts)
    if len(raw) > MAX_COMMIT_BYTES:
        raise Refused(f"a commit of {len(raw)} bytes; the limit is {MAX_COMMIT_BYTES}")
    return raw


class Template:
    """Encodes rows of a batch."""

    def __init__(self, wire: Wire, batch: Alike) -> None:
        self._wire = wire
        self._batch = batch
        self._layouts: dict[tuple[int, ...], Layout | None] = {}

    def write(self, row: Sequence[str]) -> bytes:
        """One write of a commit, with its tag and length."""
        if not is_plain(row[0]):
            return self._encoded(row)
        try:
            texts = [text.encode() for text in row]
        except UnicodeEncodeError:
            raise Refused("text must be valid Unicode") from None
        lengths = tuple(map(len, texts))
        if lengths not in self._layouts:
            self._layouts[lengths] = self._laid_out(row, lengths)
        layout = self._layouts[lengths]
        return self._encoded(row) if layout is None else _printed(layout, texts)

    def _laid_out(self, row: Sequence[str], lengths: Sequence[int]) -> Layout | None:
        """What lies around texts of these lengths; None where that is not certain."""
        marks = [_mark(number, length) for number, length in enumerate(lengths)]
        raw = self._encoded(marks)
        places = sorted(
            (at, number) for number, mark in enumerate(marks) for at in _places(raw, mark.encode())
        )
        pieces: list[bytes] = []
        end = 0
        for at, number in places:
            if at < end:
                return None
            pieces += (raw[end:at], b"")
            end = at + lengths[number]
        layout = [*pieces, raw[end:]], [number for _, number in places]
        return layout if _printed(layout, [text.encode() for text in row]) == self._encoded(row) else None

    def _encoded(self, row: Sequence[str]) -> bytes:
        (step,) = _steps(self._batch, row)
        return _field(self._wire.write(step).SerializeToString(deterministic=True))


def _steps(batch: Alike, row: Sequence[str]) -> list[Step]:
    return steps_of([creation(batch, row)])


def _mark(number: int, length: int) -> str:
    """A text of that many bytes that hardly stands anywhere else."""
    return (sha256(str(number).encode()).hexdigest() * (length // 64 + 1))[:length]


def _places(raw: bytes, mark: bytes) -> list[int]:
    found, at = [], raw.find(mark) if mark else -1
    while at >= 0:
        found.append(at)
        at = raw.find(mark, at + 1)
    return found


def _printed(layout: Layout, texts: Sequence[bytes]) -> bytes:
    pieces, order = layout
    parts = list(pieces)
    parts[1::2] = [texts[number] for number in order]
    return b"".join(parts)


def _field(write: bytes) -> bytes:
    """A write as one more of a commit: tag, length, bytes."""
    return _WRITES + _varint(len(write)) + write


def _varint(number: int) -> bytes:
    encoded = bytearray()
    while number > 0x7F:  # noqa: PLR2004 - seven bits a byte
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)
