"""``erasures/{id}``: that somebody was erased, so that news from before does not bring them back (docs/people.md).

The id is a keyed hash of who they were, under a secret outside the stores. A message lives 7 days in its queue, 7 on
its poison queue, and 7 again when it is put back (``ops.replay``): the marker outlives it by a day.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from shared.clients.documents.port import Documents, Set
from shared.kernel.ids import hashed_id

COLLECTION: Final = "erasures"
KEPT: Final = timedelta(days=22)


class Erasures:
    """Marks and finds.

    Args:
        documents: the store.
        secret: HASH_SECRET: without it nobody can ask whether a person was erased.
    """

    def __init__(self, documents: Documents, secret: str) -> None:
        self._documents = documents
        self._secret = secret

    def mark(self, key: str, at: datetime) -> Set:
        """What to commit together with the end of the profile."""
        return Set(self._path(key), {"at": at, "expiresAt": at + KEPT})

    async def of(self, keys: Sequence[str]) -> Mapping[str, datetime]:
        """When each of these people was erased, for those who were (1 read each)."""
        found = await self._documents.get_many([self._path(key) for key in keys])
        return {key: marker.data["at"] for key, marker in zip(keys, found, strict=True) if marker}

    def _path(self, key: str) -> str:
        return f"{COLLECTION}/{hashed_id('er', self._secret, key)}"
