"""Records into blobs: written, read back and verified, only then noted; and out of them again (docs/archive.md).

``archives/{id}`` notes a verified blob: its name, folder, rows, bytes, SHA-256, time, and the ids of the keys that open it, by which a
person's blobs are found.
"""

import hashlib
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

import orjson

from shared.clients.blobs.port import MAX_BYTES, Blobs
from shared.clients.documents.port import MAX_IN, Create, Documents, Query, Snapshot, Where
from shared.clients.errors import AlreadyExists, Refused
from shared.kernel import telemetry
from shared.kernel.clock import Clock
from shared.kernel.ids import hashed_id
from shared.people.archive.keys import ArchiveKeys, Secrets
from shared.people.archive.models import Page, Record, Row
from shared.people.archive.sealing import Line, Spoiled, line_of, opened, sealed
from shared.people.hooks import PAGE

NOTES: Final = "archives"


@dataclass(frozen=True, slots=True)
class Kept:
    """Records that a verified blob holds, and the note to commit; None when an earlier try has committed it."""

    page: Page
    note: Create | None


class Archive:
    """Keeps records in blobs and gives them back.

    Args:
        documents: where blobs are noted.
        blobs: where the archive is.
        keys: people's keys.
        clock: the time.
    """

    def __init__(self, documents: Documents, blobs: Blobs, keys: ArchiveKeys, clock: Clock) -> None:
        self._documents = documents
        self._blobs = blobs
        self._keys = keys
        self._clock = clock

    async def keep(self, source: str, page: Page) -> AsyncIterator[Kept]:
        """Put a page into blobs, one as a rule, more where it is too large for one.

        A blob's name is a function of what it holds: what is done again meets itself, and nothing is ever written over. Records of
        people whose key was destroyed of late are left out: they are being erased. Raises StoreUnavailable, Contended, and Refused
        for a blob that does not read as it was written.
        """
        keys = await self._keys.of(record.person for record in page.records)
        secrets = {key.id: key.secret for key in keys.values()}
        pairs = [
            (record, line_of(keys[record.person].id, record.id, record.row))
            for record in page.records
            if record.person in keys
        ]
        for part, body in _fitting(pairs, secrets):
            lines = [line for _, line in part]
            note = await self._written(f"{source}/{page.period}", lines, body, secrets)
            yield Kept(replace(page, records=[record for record, _ in part]), note)

    async def folder(self, folder: str) -> AsyncIterator[Row]:
        """All rows of a folder, such as ``events/2026-07``, whose keys exist still. The same row may come from two blobs.

        Raises Refused for a blob that is not there as it was noted.
        """
        async for note in self._notes(Where("folder", "==", folder)):
            for row in await self._rows(note, await self._keys.named(note.data["keys"])):
                yield row

    async def under(self, keys: Secrets) -> AsyncIterator[tuple[str, Row]]:
        """The rows under these keys, each once with the name of its source. Raises Refused as above."""
        idents, told = sorted(keys), set[tuple[str, str]]()
        for start in range(0, len(idents), MAX_IN):
            mine = Where("keys", "array_contains_any", idents[start : start + MAX_IN])
            async for note in self._notes(mine):
                source = note.data["name"].partition("/")[0]
                for row in await self._rows(note, keys):
                    if (source, row["id"]) not in told:
                        told.add((source, row["id"]))
                        yield source, row

    async def _written(self, folder: str, lines: Sequence[Line], body: bytes, keys: Secrets) -> Create | None:
        """Write a blob and read it back; what notes it, or None when it is noted."""
        ident = hashed_id("ar", *(part for key_id, row in lines for part in (key_id, row.decode())))
        name = f"{folder}/{ident}.jsonl.gz"
        noted = await self._documents.get(f"{NOTES}/{ident}") is not None
        if not noted:
            with suppress(AlreadyExists):  # by an earlier try, or one whose answer was lost
                await self._blobs.create(name, body)
        found = await self._blobs.read(name) or b""
        if not _holds(found, lines, keys):
            telemetry.log().error("archive_blob_spoiled", name=name)
            raise Refused("a blob of the archive does not read as it was written")
        if noted:
            return None
        note = {
            "name": name,
            "folder": folder,
            "rows": len(lines),
            "bytes": len(found),
            "sha256": hashlib.sha256(found).hexdigest(),
            "keys": sorted({key_id for key_id, _ in lines}),
            "at": self._clock.now(),
        }
        return Create(f"{NOTES}/{ident}", note)

    async def _rows(self, note: Snapshot, keys: Secrets) -> list[Row]:
        body = await self._blobs.read(note.data["name"]) or b""
        if hashlib.sha256(body).hexdigest() != note.data["sha256"]:
            raise Refused("a blob of the archive is not what was noted")
        return [orjson.loads(row) for _, row in opened(body, keys)]

    async def _notes(self, where: Where) -> AsyncIterator[Snapshot]:
        after = None
        while page := await self._documents.query(Query(NOTES, (where,), limit=PAGE, start_after=after)):
            for note in page:
                yield note
            after = (page[-1].id,)


Pair = tuple[Record, Line]


def _fitting(pairs: Sequence[Pair], keys: Secrets) -> Iterator[tuple[Sequence[Pair], bytes]]:
    """The records with the body of their blob, in halves while it would be too large."""
    if not pairs:
        return
    body = sealed([line for _, line in pairs], keys)
    if len(body) <= MAX_BYTES or len(pairs) == 1:
        yield pairs, body
        return
    half = len(pairs) // 2
    yield from _fitting(pairs[:half], keys)
    yield from _fitting(pairs[half:], keys)


def _holds(body: bytes, lines: Sequence[Line], keys: Secrets) -> bool:
    try:
        return sorted(opened(body, keys)) == sorted(lines)
    except Spoiled:
        return False
