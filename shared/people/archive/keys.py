"""``archiveKeys/{id}``: the key under which a person's archived records are sealed (design/decisions.md, Retention).

The id is a keyed hash of who they are, under a secret outside the stores. Erasure takes the key away: what it sealed can be
read by nobody any more. In its place stands for 8 days that it was taken, so that no archive under way makes another.
A visitor's key outlives the visitor: ``owner`` is the id of whom they turned out to be.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from os import urandom
from typing import Final

from shared.clients.documents.port import MAX_WRITES, Create, Documents, Query, Set, Snapshot, Update, Where
from shared.clients.errors import AlreadyExists, Contended
from shared.kernel.ids import hashed_id
from shared.people.contention import ATTEMPTS
from shared.people.hooks import delete_expired

COLLECTION: Final = "archiveKeys"
KEPT: Final = timedelta(days=8)
_BYTES: Final = 32


class ArchiveKeys:
    """Makes, finds, hands over and destroys keys.

    Args:
        documents: the store.
        secret: HASH_SECRET.
    """

    def __init__(self, documents: Documents, secret: str) -> None:
        self._documents = documents
        self._secret = secret

    def id_of(self, person_key: str) -> str:
        """Under which id a person's key stands; it names nobody."""
        return hashed_id("ak", self._secret, person_key)

    async def find(self, idents: Sequence[str]) -> Mapping[str, bytes]:
        """Keys (256 bits) by their ids, those that exist (1 read each)."""
        keys: dict[str, bytes] = {}
        for part in _parts(idents):
            keys |= _keys_in(await self._read(part))
        return keys

    async def of(self, idents: Sequence[str]) -> Mapping[str, bytes]:
        """Keys by their ids, made where there were none (1 read each, and for a new one 1 read and 1 write more); those that were
        destroyed of late are left out. Raises Contended.
        """
        keys: dict[str, bytes] = {}
        for part in _parts(idents):
            keys |= await self._made(part)
        return keys

    async def hand_over(self, visitor_keys: Iterable[str], person_key: str) -> None:
        """What is archived of these visitors is the person's from now on (1 read each). May raise what a lost race does."""
        owner = self.id_of(person_key)
        found = await self._read(sorted({self.id_of(key) for key in visitor_keys}))
        mine = [
            Update(each.path, {"owner": owner}, each.update_time)
            for each in found.values()
            if "key" in each.data and each.data.get("owner") != owner
        ]
        if mine:
            await self._documents.commit(mine)

    async def owned(self, person_keys: Iterable[str]) -> list[str]:
        """The ids of these people's keys, and of those of the visitors whom the first of them turned out to be (1 query)."""
        idents = [self.id_of(key) for key in person_keys]
        found = await self._documents.query(Query(COLLECTION, (Where("owner", "==", idents[0]),)))
        return sorted({*idents, *(each.id for each in found)})

    async def destroy(self, idents: Sequence[str], at: datetime) -> int:
        """Take these keys away, for good; gives how many there were."""
        there = 0
        for part in _parts(idents):
            there += len(await self.find(part))
            gone = {"erasedAt": at, "expiresAt": at + KEPT}
            await self._documents.commit([Set(_path(ident), gone) for ident in part])
        return there

    async def forget(self, now: datetime) -> int:
        """Forget that keys were taken away, once no archive can be under way that knew them."""
        return await delete_expired(self._documents, COLLECTION, now)

    async def _made(self, idents: Sequence[str]) -> Mapping[str, bytes]:
        for _ in range(ATTEMPTS):
            # read again after each try: what counts is the key that stands there, whoever made it
            found = await self._read(idents)
            new = [Create(_path(ident), {"key": urandom(_BYTES)}) for ident in idents if ident not in found]
            if not new:
                return _keys_in(found)
            try:
                await self._documents.commit(new)
            except AlreadyExists:
                continue
        raise Contended("others keep making the same keys")

    async def _read(self, idents: Sequence[str]) -> dict[str, Snapshot]:
        found = await self._documents.get_many([_path(ident) for ident in idents]) if idents else []
        return {each.id: each for each in found if each is not None}


def _keys_in(found: Mapping[str, Snapshot]) -> dict[str, bytes]:
    return {ident: each.data["key"] for ident, each in found.items() if "key" in each.data}


def _parts(idents: Sequence[str]) -> Iterable[Sequence[str]]:
    return (idents[start : start + MAX_WRITES] for start in range(0, len(idents), MAX_WRITES))


def _path(ident: str) -> str:
    return f"{COLLECTION}/{ident}"
