"""Verdicts in Firestore."""

from shared.analytics.machines.models import COLLECTION, Verdict, from_data, path_of, to_data
from shared.clients.documents.port import Create, Documents, Query, Set, Where, Write


class VerdictRepository:
    """Reads verdicts, and says how they are written."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def get(self, day: str, reason: str) -> Verdict | None:
        """The word on a day and a reason (1 read)."""
        found = await self._documents.get(path_of(day, reason))
        return None if found is None else from_data(found.data, found.update_time)

    async def next_open(self) -> Verdict | None:
        """One that the figures do not follow yet (1 read)."""
        query = Query(COLLECTION, where=(Where("state", "==", "open"),), limit=1)
        for found in await self._documents.query(query):
            return from_data(found.data, found.update_time)
        return None

    def write(self, verdict: Verdict) -> Write:
        """The write that stores it, refused when somebody has changed it since it was read."""
        if verdict.update_time is None:
            return Create(verdict.path, to_data(verdict))
        return Set(verdict.path, to_data(verdict), if_updated_at=verdict.update_time)

    async def save(self, verdict: Verdict, *also: Write) -> None:
        """Store it together with other writes (1 write each). Raises AlreadyExists and Stale."""
        await self._documents.commit([self.write(verdict), *also])
