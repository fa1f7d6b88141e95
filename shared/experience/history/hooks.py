"""Kept decisions when a person is exported or erased, and when their time is up (``people.hooks``)."""

from datetime import datetime
from typing import Final

from shared.clients.documents.port import Documents
from shared.experience.history.models import COLLECTION, EDITIONS
from shared.people.hooks import OwnedDocuments, delete_expired

_SHOWN: Final = ("at", "expiresAt", "why", "sent")


class DecisionHooks(OwnedDocuments):
    """Decisions name their person in ``personKey``; editions name nobody, and expire."""

    def __init__(self, documents: Documents) -> None:
        super().__init__(documents, COLLECTION, owner="personKey", shown=_SHOWN, expiry="expiresAt")

    async def retain(self, now: datetime) -> int:
        """Delete what has expired."""
        return await super().retain(now) + await delete_expired(self._documents, EDITIONS, now)
