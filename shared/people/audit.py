"""``auditTrail/{id}``: who did what to whom, written once and never changed (messaging-platform.md §9).

Kept for 7 years; people stand in it under a random alias, so that erasing a profile takes the names out of it
(design/decisions.md, Time limits and retention).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from shared.clients.documents.port import Create
from shared.kernel.ids import hashed_id

COLLECTION: Final = "auditTrail"


def entry(kind: str, *, at: datetime, actor: str, subject: str, detail: Mapping[str, Any]) -> Create:
    """An entry to commit together with what it tells of; the same act of the same moment is the same document.

    ``actor`` and ``subject`` are aliases.
    """
    return Create(
        f"{COLLECTION}/{hashed_id('au', kind, subject, at.isoformat())}",
        {"kind": kind, "at": at, "actor": actor, "subject": subject, "detail": dict(detail)},
    )
