"""``archiveKeys/{id}``: the keys under which people's archived records are sealed (design/decisions.md, Retention).

A person's key stands under a keyed hash of who they are, whose secret lies outside the stores: ``{kid, key}``. Erasure takes it away:
what it sealed can be read by nobody any more. In its place stands for 8 days that it was taken, so that no archive under way makes
another. When a visitor turns out to be somebody, the visitor's key moves to a document of its own, ``{kid, key, owner}``, whose owner is
the id of that person's key: what the same browser does afterwards is sealed under another, and may become somebody else's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from os import urandom
from typing import Final, TypeVar

from shared.clients.documents.port import (
    MAX_IN,
    MAX_WRITES,
    Create,
    Delete,
    Documents,
    Query,
    Set,
    Snapshot,
    Where,
    Write,
)
from shared.clients.errors import AlreadyExists, Contended
from shared.kernel.ids import hashed_id
from shared.people.contention import ATTEMPTS, LOST
from shared.people.hooks import delete_expired

COLLECTION: Final = "archiveKeys"
KEPT: Final = timedelta(days=8)
_BYTES: Final = 32
_ID_BYTES: Final = 16
Secrets = Mapping[str, bytes]
"""Keys (256 bits) by their own ids, which name nobody and are never used again."""
ItemT = TypeVar("ItemT")


@dataclass(frozen=True, slots=True)
class Key:
    """A person's key: its own id, by which blobs name it, and the 256 bits."""

    id: str
    secret: bytes = field(repr=False)


class ArchiveKeys:
    """Makes, finds, hands over and destroys keys.

    Args:
        documents: the store.
        secret: HASH_SECRET.
    """

    def __init__(self, documents: Documents, secret: str) -> None:
        self._documents = documents
        self._secret = secret

    async def of(self, person_keys: Iterable[str]) -> Mapping[str, Key]:
        """People's keys, by who they are, made where there were none (1 read each, for a new one 1 read and 1 write more); those
        whose keys were destroyed of late are left out. Raises Contended.
        """
        keys: dict[str, Key] = {}
        for part in _parts(sorted(set(person_keys)), MAX_WRITES):
            keys |= await self._made(part)
        return keys

    async def named(self, key_ids: Sequence[str]) -> Secrets:
        """The keys with these ids, those that exist (1 read each)."""
        return _secrets(await self._where("kid", key_ids))

    async def ring(self, person_keys: Sequence[str]) -> Secrets:
        """The keys of a person and of the visitors they were, those that were handed over as well (1 read each, 1 query)."""
        return _secrets([*await self._present(person_keys), *await self._handed(person_keys)])

    async def hand_over(self, visitor_keys: Sequence[str], person_key: str) -> None:
        """Make what is archived of these visitors by now the person's (1 read each, 1 query, 2 writes for a key). Raises Contended."""
        owner = {"owner": self._id_of(person_key)}
        writes: list[Write] = [
            Set(found.path, found.data | owner, found.update_time)
            for found in await self._handed(visitor_keys)
        ]
        for found in await self._present(visitor_keys):
            if "kid" in found.data:
                moved = Create(f"{COLLECTION}/{found.data['kid']}", found.data | owner)
                writes += [Delete(found.path, found.update_time), moved]
        if writes:
            try:
                await self._documents.commit(writes)
            except LOST:
                raise Contended("the visitor's keys have changed") from None

    async def destroy(self, person_keys: Sequence[str], at: datetime) -> int:
        """Take the keys of a person and of the visitors they were away, for good; gives how many there were."""
        handed = await self._handed(person_keys)
        there = len(_secrets([*await self._present(person_keys), *handed]))
        gone = {"erasedAt": at, "expiresAt": at + KEPT}
        taken: list[Write] = [Set(self._path(key), gone) for key in sorted(set(person_keys))]
        for part in _parts([*taken, *(Delete(found.path) for found in handed)], MAX_WRITES):
            await self._documents.commit(part)
        return there

    async def forget(self, now: datetime) -> int:
        """Forget that keys were taken away, once no archive can be under way that knew them."""
        return await delete_expired(self._documents, COLLECTION, now)

    async def _made(self, person_keys: Sequence[str]) -> Mapping[str, Key]:
        for _ in range(ATTEMPTS):
            # read again after each try: what counts is the key that stands there, whoever made it
            found = {each.path: each.data for each in await self._present(person_keys)}
            paths = {key: self._path(key) for key in person_keys}
            new: list[Write] = [
                Create(path, {"kid": f"k_{urandom(_ID_BYTES).hex()}", "key": urandom(_BYTES)})
                for path in paths.values()
                if path not in found
            ]
            if not new:
                there = {key: found[path] for key, path in paths.items() if "kid" in found[path]}
                return {key: Key(data["kid"], data["key"]) for key, data in there.items()}
            try:
                await self._documents.commit(new)
            except AlreadyExists:
                continue
        raise Contended("others keep making the same keys")

    async def _present(self, person_keys: Sequence[str]) -> list[Snapshot]:
        found = await self._documents.get_many([self._path(key) for key in person_keys])
        return [each for each in found if each is not None]

    async def _handed(self, person_keys: Sequence[str]) -> list[Snapshot]:
        return await self._where("owner", [self._id_of(key) for key in person_keys])

    async def _where(self, name: str, values: Sequence[str]) -> list[Snapshot]:
        found: list[Snapshot] = []
        for part in _parts(values, MAX_IN):
            found += await self._documents.query(Query(COLLECTION, (Where(name, "in", list(part)),)))
        return found

    def _id_of(self, person_key: str) -> str:
        return hashed_id("ak", self._secret, person_key)

    def _path(self, person_key: str) -> str:
        return f"{COLLECTION}/{self._id_of(person_key)}"


def _secrets(found: Iterable[Snapshot]) -> dict[str, bytes]:
    return {each.data["kid"]: each.data["key"] for each in found if "kid" in each.data}


def _parts(items: Sequence[ItemT], size: int) -> Iterable[Sequence[ItemT]]:
    return (items[start : start + size] for start in range(0, len(items), size))
