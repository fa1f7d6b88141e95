"""What is archived, and what an area says of its part (docs/archive.md)."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from shared.clients.documents.port import Data, Write

Row = dict[str, Any]
"""A record as it is archived: what JSON can say, and moments."""


@dataclass(frozen=True, slots=True)
class Record:
    """One thing to archive: whose it is, its id in its store, what it says, and which version of it that was."""

    person: str = field(repr=False)
    id: str
    row: Row = field(repr=False)
    version: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """Records of one span of time, such as ``2026-q2``, that go into blobs together."""

    period: str
    records: Sequence[Record]


class Source(Protocol):
    """One area's part of the archive. Its name is the first part of its blobs' names and the step of the job."""

    @property
    def name(self) -> str:
        """What its blobs and its step are called."""
        ...

    def pages(self, now: datetime) -> AsyncGenerator[Page, None]:
        """What is due, each page once; asked for anew, it begins with what is still there."""
        ...

    async def closing(self, page: Page) -> list[Write]:
        """What is committed together with the note of a verified blob, 498 writes at most."""
        ...

    async def clear(self, page: Page) -> None:
        """Delete from the area's own store what a noted blob holds; it may be asked for again."""
        ...

    def told(self, row: Row) -> Data:
        """What an export tells of a row: no key of anybody."""
        ...
