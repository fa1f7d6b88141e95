"""``auditTrail/{id}``: who did what to whom, written once and never changed (messaging-platform.md §9).

Kept for 7 years; people stand in it under a random alias, so that erasing a profile takes the names out of it
(design/decisions.md, Time limits and retention).
"""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any, Final

from shared.clients.documents.port import Create, Data, Documents
from shared.kernel.ids import hashed_id
from shared.people.hooks import OwnedDocuments, PersonHooks, Subject

COLLECTION: Final = "auditTrail"


def entry(
    kind: str, *, at: datetime, actor: str, subject: str, detail: Mapping[str, Any], key: str | None = None
) -> Create:
    """An entry to commit together with what it tells of.

    ``actor`` and ``subject`` are aliases, or ids of what is no person. The same act with the same ``key`` is the same
    document; without a key, that of the same moment.
    """
    return Create(
        f"{COLLECTION}/{hashed_id('au', kind, subject, key or at.isoformat())}",
        {"kind": kind, "at": at, "actor": actor, "subject": subject, "detail": dict(detail)},
    )


class AuditHooks(PersonHooks):
    """What the trail says of a person. Nothing of it is erased: the alias in it goes with the profile."""

    name = "audit"

    def __init__(self, documents: Documents) -> None:
        self._entries = OwnedDocuments(
            documents, COLLECTION, owner="subject", shown=("kind", "at", "detail"), name=self.name
        )

    async def export(self, subject: Subject) -> AsyncIterator[Data]:
        """The entries about the person; not who made them."""
        if subject.alias is not None:
            async for entry in self._entries.export(Subject(subject.alias)):
                yield entry
