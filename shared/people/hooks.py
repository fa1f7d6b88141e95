"""What each area does when a person is merged, exported, erased, or when time has passed (design/decisions.md, Time
limits and retention). The wiring lists them; who runs them knows no area.

Every step may be run again from its beginning, by another worker as well: it must be repeatable.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

from shared.clients.documents.port import Data, Delete, Documents, Query, Snapshot, Where, Write

PAGE: Final = 200
"""Documents read or deleted at a time."""
MAX_PER_RUN: Final = 5_000
"""Documents that one run of ``retain`` deletes at most; the next run goes on."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a step is about: the person's key, those of the visitors they are known to have been, and their alias."""

    key: str = field(repr=False)
    visitor_keys: tuple[str, ...] = field(default=(), repr=False)
    alias: str | None = field(default=None, repr=False)


class PersonHooks:
    """One area's part, in which nothing happens: an area overrides what does.

    ``name`` is what the part is called in the progress of a job and in an export.
    """

    name: str

    async def merge(self, person_key: str, visitor_keys: Sequence[str]) -> None:
        """Make what is the visitor's the person's, before the visitor's profile goes. May raise what a lost race does."""

    async def export(self, subject: Subject) -> AsyncIterator[Data]:
        """What is held about the person: values of the document port, without keys of visitors or of others."""
        nothing: tuple[Data, ...] = ()
        for record in nothing:
            yield record

    async def erase(self, subject: Subject, at: datetime) -> int:
        """Remove what is held; ``at`` is when the erasure began. Gives how many documents went this time."""
        return 0

    async def retain(self, now: datetime) -> int:
        """Remove what is past its time, at most MAX_PER_RUN; gives how many documents went."""
        return 0


class Errand(Protocol):
    """Work about nobody in particular, in pieces, each of which may be done again. ``name`` is what it is called in the progress of a job."""

    @property
    def name(self) -> str:
        """The step's name."""
        ...

    def run(self) -> AsyncGenerator[tuple[int, Sequence[Write]], None]:
        """Do it; after each piece, how many documents it came to and what keeps how far it got. It may be left there and run anew."""
        ...


class OwnedDocuments(PersonHooks):
    """The part of a collection whose documents name their person in one field.

    Args:
        documents: the store.
        collection: which one; also the part's name unless another is given.
        owner: the field with the person's key.
        shown: the fields that an export tells, None for all.
        expiry: the field with the moment after which a document is removed, None to keep them.
        name: the part's name.
    """

    def __init__(
        self,
        documents: Documents,
        collection: str,
        *,
        owner: str,
        shown: Iterable[str] | None = None,
        expiry: str | None = None,
        name: str | None = None,
    ) -> None:
        self._documents = documents
        self._collection = collection
        self._owner = owner
        self._shown = None if shown is None else frozenset(shown)
        self._expiry = expiry
        self.name = name or collection

    async def export(self, subject: Subject) -> AsyncIterator[Data]:
        """The person's documents, each with its id."""
        after: tuple[Any, ...] | None = None
        while True:
            page = await self._of([subject.key], after)
            for snapshot in page:
                yield {"id": snapshot.id} | self._told(snapshot.data)
            if len(page) < PAGE:
                return
            after = (page[-1].id,)

    async def erase(self, subject: Subject, at: datetime) -> int:
        """Delete the person's documents, and those of the visitors they were."""
        gone = 0
        while page := await self._of([subject.key, *subject.visitor_keys]):
            await self._documents.commit([Delete(snapshot.path) for snapshot in page])
            gone += len(page)
        return gone

    async def retain(self, now: datetime) -> int:
        """Delete what has expired."""
        return 0 if self._expiry is None else await delete_expired(self._documents, self._collection, now)

    async def _of(self, keys: Sequence[str], after: tuple[Any, ...] | None = None) -> list[Snapshot]:
        where = Where(self._owner, "in", list(keys)) if len(keys) > 1 else Where(self._owner, "==", keys[0])
        return await self._documents.query(Query(self._collection, (where,), limit=PAGE, start_after=after))

    def _told(self, data: Mapping[str, Any]) -> Data:
        return {name: value for name, value in data.items() if self._shown is None or name in self._shown}


async def delete_expired(
    documents: Documents, collection: str, now: datetime, field_name: str = "expiresAt"
) -> int:
    """Delete documents whose time is up, oldest first, at most MAX_PER_RUN; gives how many.

    Firestore's TTL policies do the same within a day (infra/firebase/firestore.indexes.json); the twin has none.
    """
    gone = 0
    while gone < MAX_PER_RUN:
        page = await documents.query(Query(collection, (Where(field_name, "<=", now),), limit=PAGE))
        if page:
            await documents.commit([Delete(snapshot.path) for snapshot in page])
        gone += len(page)
        if len(page) < PAGE:
            break
    return gone
