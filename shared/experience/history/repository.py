"""Kept decisions in the document store."""

from collections.abc import Mapping
from datetime import datetime

from shared.clients.documents.port import Documents
from shared.experience.history.models import COLLECTION, EDITIONS, Stored, from_data, versions_of
from shared.kernel.ids import is_plain


class DecisionRepository:
    """Reads what ``DecisionLog`` wrote."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def get(self, decision_id: str, now: datetime) -> Stored | None:
        """A decision (1 read); None when it was not kept, or its time is up."""
        if not is_plain(decision_id):
            return None
        snapshot = await self._documents.get(f"{COLLECTION}/{decision_id}")
        if snapshot is None or snapshot.data["expiresAt"] <= now:
            return None
        return from_data(decision_id, snapshot.data)

    async def versions(self, revision: str) -> Mapping[str, int]:
        """The version of each campaign of an edition (1 read); empty when it is gone."""
        snapshot = await self._documents.get(f"{EDITIONS}/{revision}")
        return {} if snapshot is None else versions_of(snapshot.data)
