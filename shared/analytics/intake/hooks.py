"""Batches that could never be applied, when they are kept no longer (``people.hooks``)."""

from datetime import datetime

from shared.analytics.intake.staging import COLLECTION
from shared.clients.documents.port import Documents
from shared.people.hooks import PersonHooks, delete_expired


class StagedHooks(PersonHooks):
    """Staged and parked batches: they name people, and go before the marks of erasures do (``people.erasures``)."""

    name = "staged"

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def retain(self, now: datetime) -> int:
        """Remove what nobody mended in time."""
        return await delete_expired(self._documents, COLLECTION, now)
