"""``organizers/{id}/followers/{shard}``: who follows an organizer, about 500 in a document (docs/followers.md).

A follower's place is the hash of their key; a shard holds a range of hashes and is named for the last of them. The
store's own order of names is the directory: the shard of a hash is the first one named behind it. Joining and leaving
write one follower's field and nothing else, so that they never wait for one another. A full shard is replaced by its
two halves under names that were never used before: whoever still writes to the old one finds it missing and looks again.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from statistics import median_high
from typing import Any, Final, NamedTuple

from shared.clients.documents.port import (
    DELETE_FIELD,
    Create,
    Delete,
    Documents,
    Query,
    Snapshot,
    Update,
    Write,
)
from shared.kernel.ids import hashed_id
from shared.people.consent.models import Scope
from shared.people.consent.rules import silent
from shared.people.contention import LOST
from shared.people.profiles.models import Profile

MAX_MEMBERS: Final = 700
"""A shard with more is split. Halves fill again: on the average a shard holds 500, so that a read tells of as many."""
MOST_MEMBERS: Final = 2 * MAX_MEMBERS
"""What no shard comes near: many may join between being full and being split."""
MIN_SPLIT: Final = 32
"""A shard that many write at once is split from this size on."""
_LAST: Final = "f" * 16


@dataclass(frozen=True, slots=True)
class Follower:
    """Somebody who follows: the consent entry that allows writing to them, and whether to be silent for now."""

    person_key: str = field(repr=False)
    consent_id: str
    muted: bool = False


@dataclass(frozen=True, slots=True)
class Followers:
    """The followers of one shard, and where the next page begins; ``after`` None: these were the last ones."""

    items: list[Follower]
    after: str | None


class Moves(NamedTuple):
    """Writes to shards, and the shards they go to by organizer, as they were read."""

    writes: list[Write]
    shards: Mapping[str, Snapshot]


class FollowerShards:
    """Finds shards and says how to write them."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def find(self, organizer_id: str, person_key: str) -> Snapshot | None:
        """The shard where the person belongs (1 read); None while the organizer has none."""
        found = await self._documents.query(
            Query(_collection(organizer_id), limit=1, start_after=(_place(organizer_id, person_key),))
        )
        return found[0] if found else None

    async def moves(self, before: Profile, after: Profile) -> Moves:
        """What to commit, together with a profile that changes, so that the shards say the same of the person (1 read for
        each organizer with whom something changed).
        """
        key = after.person_key
        changed = {
            organizer: standing
            for organizer in sorted({*before.favorites, *after.favorites})
            if (standing := _standing(after, organizer)) != _standing(before, organizer)
        }
        shards = await asyncio.gather(*(self.find(organizer, key) for organizer in changed))
        writes: list[Write] = []
        for (organizer, standing), shard in zip(changed.items(), shards, strict=True):
            writes += _leaving(shard, key) if standing is None else _joining(organizer, shard, standing)
        return Moves(
            writes,
            {organizer: shard for organizer, shard in zip(changed, shards, strict=True) if shard is not None},
        )

    async def forget(self, organizer_id: str, person_key: str) -> bool:
        """Take somebody out who is being erased (1 read, 1 write); whether they were there. Raises Missing after a split."""
        shard = await self.find(organizer_id, person_key)
        if shard is None or person_key not in _members(shard):
            return False
        await self._documents.commit(_leaving(shard, person_key))
        return True

    async def relieve(self, moves: Moves, *, contended: bool = False) -> None:
        """Split the shards that are full; of those that many write at once, also smaller ones."""
        for organizer, shard in moves.shards.items():
            if contended:
                await self._split(organizer, shard, MIN_SPLIT)
            elif len(_members(shard)) >= MAX_MEMBERS:
                fresh = await self._documents.get(shard.path)
                if fresh is not None:
                    await self._split(organizer, fresh, MAX_MEMBERS)

    async def page(self, organizer_id: str, after: str | None = None) -> Followers:
        """The followers of the next shard (1 read); may be none of them while ``after`` goes on.

        Who follows during the whole walk is met exactly once, whatever joins, leaves and splits meanwhile.
        """
        found = await self._documents.query(
            Query(_collection(organizer_id), limit=1, start_after=(after,) if after else None)
        )
        if not found:
            return Followers([], None)
        items = [
            Follower(key, told["consentId"], told.get("muted", False))
            for key, told in sorted(_members(found[0]).items())
        ]
        end, _, _ = found[0].id.partition("-")
        # behind every name that begins with this end: halves of what was read are not read again
        return Followers(items, None if end == _LAST else f"{end}~")

    async def count(self, organizer_id: str) -> int:
        """How many shards there are (1 read for 1,000)."""
        return await self._documents.count(Query(_collection(organizer_id)))

    async def walk(self, organizer_id: str) -> AsyncIterator[list[Follower]]:
        """All followers, a shard at a time: memory stays flat."""
        after: str | None = None
        while True:
            page = await self.page(organizer_id, after)
            if page.items:
                yield page.items
            if page.after is None:
                return
            after = page.after

    async def _split(self, organizer_id: str, shard: Snapshot, at_least: int) -> None:
        """Replace a shard with more members by its halves (1 delete, 2 writes).

        When somebody writes it meanwhile nothing happens: the next one who finds it full tries again.
        """
        if len(_members(shard)) > at_least:
            with suppress(*LOST):
                await self._documents.commit(_halves(organizer_id, shard))


def _standing(profile: Profile, organizer_id: str) -> Follower | None:
    """What the shard must say of a person."""
    consent = profile.consents.get(Scope("organizers", "inbox", organizer_id).key)
    if organizer_id not in profile.favorites or consent is None:
        return None
    return Follower(profile.person_key, consent.id, silent(profile, organizer_id))


def _joining(organizer_id: str, shard: Snapshot | None, follower: Follower) -> list[Write]:
    """The first follower makes the shard."""
    member = {"consentId": follower.consent_id} | ({"muted": True} if follower.muted else {})
    if shard is not None:
        return [Update(shard.path, {("members", follower.person_key): member})]
    # the marker stays: who saw no shard long ago must not make the first one again
    marker = Create(f"operations/{hashed_id('fs', organizer_id)}", {"kind": "followers"})
    path = f"{_collection(organizer_id)}/{_name(_LAST, 0)}"
    return [Create(path, {"members": {follower.person_key: member}}), marker]


def _leaving(shard: Snapshot | None, person_key: str) -> list[Write]:
    return [] if shard is None else [Update(shard.path, {("members", person_key): DELETE_FIELD})]


def _members(shard: Snapshot) -> Mapping[str, Any]:
    members: Mapping[str, Any] = shard.data.get("members", {})
    return members


def _halves(organizer_id: str, shard: Snapshot) -> list[Write]:
    members = _members(shard)
    places = {key: _place(organizer_id, key) for key in members}
    end, _, depth = shard.id.partition("-")
    middle = median_high(places.values())
    lower = {key: told for key, told in members.items() if places[key] < middle}
    upper = {key: told for key, told in members.items() if key not in lower}
    border = max(places[key] for key in lower)
    collection, level = _collection(organizer_id), int(depth) + 1
    return [
        Delete(shard.path, if_updated_at=shard.update_time),
        Create(f"{collection}/{_name(border, level)}", {"members": lower}),
        Create(f"{collection}/{_name(end, level)}", {"members": upper}),
    ]


def _collection(organizer_id: str) -> str:
    return f"organizers/{organizer_id}/followers"


def _place(organizer_id: str, person_key: str) -> str:
    return sha256(f"{organizer_id}\x1f{person_key}".encode()).hexdigest()[:16]


def _name(end: str, level: int) -> str:
    """Longer than its end, so that it comes behind it: the shard of a hash is the first one behind the hash."""
    return f"{end}-{level:02d}"
