"""Profiles in the document store: ``experienceProfiles/{personKey}`` (messaging-platform.md §4.1).

Writes are given as port objects, so that a decision or an acknowledgement can commit them together with deliveries.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from shared.clients.documents.port import (
    DELETE_FIELD,
    Create,
    Data,
    Delete,
    Documents,
    FieldPath,
    Query,
    Snapshot,
    Update,
    Where,
    Write,
)
from shared.kernel.errors import Unavailable
from shared.kernel.ids import IdSource
from shared.people.contention import ATTEMPTS, LOST, pause
from shared.people.profiles.merging import merged
from shared.people.profiles.models import PersonType, Profile
from shared.people.profiles.stored import from_data, to_data
from shared.people.visitors import Person, checked_key

COLLECTION: Final = "experienceProfiles"
_BY_ID: Final = frozenset({"campaigns", "reservations"})
"""Maps of a profile with an entry for each id."""


def path_of(key: str) -> str:
    """The document's path. Raises NotFound for a key that no document can have."""
    return f"{COLLECTION}/{checked_key(key)}"


class ProfileRepository:
    """Reads profiles and says how to write them.

    Args:
        documents: the store.
        ids: draws the bucket id of who has no profile yet; their first write keeps it.
    """

    def __init__(self, documents: Documents, ids: IdSource) -> None:
        self._documents = documents
        self._ids = ids

    async def read(self, person: Person) -> Profile:
        """The person's profile, empty when there is none (1 read).

        Who is unknown under their key is looked up under the earlier one (a second read): a visitor under that of the
        previous epoch, a signed-in person under that of the visitor they were until now.
        """
        snapshot = await self._documents.get(path_of(person.key))
        if snapshot is None and person.earlier_key is not None:
            snapshot = await self._documents.get(path_of(person.earlier_key))
        return self._profile(person, snapshot)

    async def read_many(self, people: Sequence[Person]) -> list[Profile]:
        """The profiles of many, in the order asked for: 1 read each, a second as ``read`` says."""
        found = dict(
            zip(people, await self._documents.get_many([path_of(p.key) for p in people]), strict=True)
        )
        missing = {p: p.earlier_key for p, snapshot in found.items() if snapshot is None and p.earlier_key}
        if missing:
            earlier = await self._documents.get_many([path_of(key) for key in missing.values()])
            found.update(zip(missing, earlier, strict=True))
        return [self._profile(person, found[person]) for person in people]

    async def count(self, kind: PersonType) -> int:
        """How many profiles of the type there are (1 read for each 1,000)."""
        return await self._documents.count(Query(COLLECTION, (Where("type", "==", kind),)))

    async def page(self, kind: PersonType, *, after: str | None, limit: int) -> list[Profile]:
        """The next profiles of the type by their keys, behind ``after`` (1 read each)."""
        found = await self._documents.query(
            Query(
                COLLECTION,
                (Where("type", "==", kind),),
                limit=limit,
                start_after=None if after is None else (after,),
            )
        )
        return [from_data(snapshot, snapshot.id) for snapshot in found]

    async def speaking_for(self, organizer_id: str, *, after: str | None, limit: int) -> list[Profile]:
        """The next profiles by their keys of those who speak for an organizer, behind ``after`` (1 read each)."""
        found = await self._documents.query(
            Query(
                COLLECTION,
                (Where("organizerIds", "array_contains", organizer_id),),
                limit=limit,
                start_after=None if after is None else (after,),
            )
        )
        return [from_data(snapshot, snapshot.id) for snapshot in found]

    def writes(self, before: Profile, after: Profile) -> list[Write]:
        """What to commit so that ``before``, as it was read, becomes ``after``; empty when they are the same.

        Only the fields that differ are written, over the very version that was read. A profile found under an
        earlier key moves: created under the current key, deleted under the old one. The commit raises
        AlreadyExists, Missing or Stale when somebody else was faster (``people.contention.LOST``).
        """
        if after == before and before.stored_key is None:
            return []
        new = to_data(after)
        if before.update_time is None:
            return [Create(path_of(after.person_key), new)]
        if before.stored_key:
            return [
                Create(path_of(after.person_key), new),
                self.removal(before),
            ]
        fields: dict[FieldPath, Any] = dict(_changes(to_data(before), new))
        return [Update(path_of(after.person_key), fields, if_updated_at=before.update_time)] if fields else []

    def removal(self, profile: Profile) -> Delete:
        """What to commit so that a profile, as it was read, is gone; else Stale."""
        return Delete(path_of(profile.stored_key or profile.person_key), if_updated_at=profile.update_time)

    async def change(
        self,
        person: Person,
        rule: Callable[[Profile], Profile],
        *,
        also: Callable[[Profile, Profile], Sequence[Write]] = lambda _before, _after: (),
        known: Profile | None = None,
    ) -> Profile:
        """Read, apply the rule, commit; read again and try again after a lost race. Gives the profile as it now is.

        ``also`` adds writes to the commit, from the profile before and after; nothing at all is written when the rule
        changes nothing. ``known`` is the profile as it was read already. Raises Unavailable ``contended``.
        """
        for attempt in range(ATTEMPTS):
            before = known or await self.read(person)
            after, known = rule(before), None
            writes = self.writes(before, after)
            if not writes:
                return before
            try:
                await self._documents.commit([*writes, *also(before, after)])
            except LOST:
                await pause(attempt)
            else:
                return after
        raise Unavailable(code="contended")

    def _profile(self, person: Person, snapshot: Snapshot | None) -> Profile:
        if snapshot is None:
            return Profile(person_key=person.key, type=person.type, bucket_id=self._ids.random())
        if person.type == "ip" or snapshot.id == person.key:
            return from_data(snapshot, person.key)
        # somebody's first visit after signing up: what the visitor was becomes theirs
        visitor = from_data(snapshot, snapshot.id)
        empty = Profile(person_key=person.key, type=person.type)
        return replace(merged(empty, visitor), update_time=visitor.update_time, stored_key=snapshot.id)


def _changes(old: Data, new: Data, *within: str) -> Iterator[tuple[FieldPath, Any]]:
    """The fields that differ, those of _BY_ID entry by entry: of hundreds of campaigns one or two change at a time."""
    for name in {**old, **new}:
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        if not within and name in _BY_ID and before and after:
            yield from _changes(before, after, name)
        else:
            yield (*within, name), DELETE_FIELD if after is None else after
