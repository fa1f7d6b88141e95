"""Writes the ledger: entries, the profile's states and the followers' shards change together or not at all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from shared.clients.documents.port import Documents
from shared.clients.errors import Contended
from shared.kernel.clock import Clock
from shared.kernel.errors import Unavailable
from shared.kernel.ids import IdSource, hashed_id
from shared.people.consent.models import Act, Entry, Scope
from shared.people.consent.repository import ConsentRepository
from shared.people.consent.rules import applied, carrying
from shared.people.contention import ATTEMPTS, LOST, pause
from shared.people.favorites.shards import FollowerShards
from shared.people.profiles.models import Profile
from shared.people.profiles.repository import ProfileRepository
from shared.people.visitors import Person


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry to be.

    ``key`` is the caller's own name for the act (an Idempotency-Key's seed, a carrier's message id): the same key and
    scope are the same entry, however often they come. ``at`` None: now.
    """

    scope: Scope
    act: Act
    wording_version: str
    source: str
    key: str | None = None
    at: datetime | None = None
    grant_id: str | None = None


class Plan(NamedTuple):
    """What to record of a profile as it was read, and what else of the profile changes with it."""

    drafts: Sequence[Draft]
    rule: Callable[[Profile], Profile] = lambda profile: profile


class Recorded(NamedTuple):
    """The profile as it now is, and the new entries; none when there was nothing new to say."""

    profile: Profile
    entries: list[Entry]


class Ledger:
    """Records what people agree to.

    Args:
        documents: the store.
        profiles: carry the present states.
        clock: tells when an entry was recorded.
        ids: aliases, and the ids of entries without a key.
    """

    def __init__(
        self, documents: Documents, profiles: ProfileRepository, clock: Clock, ids: IdSource
    ) -> None:
        self._documents = documents
        self._profiles = profiles
        self._clock = clock
        self._ids = ids
        self._entries = ConsentRepository(documents)
        self._shards = FollowerShards(documents)

    async def record(self, uid: str, plan: Callable[[Profile], Plan | None]) -> Recorded:
        """Read the profile, plan, commit; again after a lost race.

        1 read and one for each organizer whose shard changes; 1 write for the profile, each entry and each shard.
        Raises Unavailable ``contended`` after five lost races.
        """
        person = Person(uid, "user")
        for attempt in range(ATTEMPTS):
            before = await self._profiles.read(person)
            planned = plan(before)
            if planned is None:
                return Recorded(before, [])
            after, entries = self._after(before, planned)
            moves = await self._shards.moves(before, after)
            writes = [*self._profiles.writes(before, after), *map(self._entries.creation, entries)]
            try:
                if writes:
                    await self._documents.commit([*writes, *moves.writes])
            except LOST as error:
                keyed = [entry for entry, draft in zip(entries, planned.drafts, strict=True) if draft.key]
                if keyed and await self._entries.all_there(keyed):
                    return Recorded(await self._profiles.read(person), [])
                await self._shards.relieve(moves, contended=isinstance(error, Contended))
                await pause(attempt)
            else:
                await self._shards.relieve(moves)
                return Recorded(after, entries)
        raise Unavailable(code="contended")

    def _after(self, before: Profile, plan: Plan) -> tuple[Profile, list[Entry]]:
        now = self._clock.now()
        known = replace(
            before, alias=before.alias or self._ids.new("al"), first_seen_at=before.first_seen_at or now
        )
        entries = [self._entry(draft, known, now) for draft in plan.drafts]
        return plan.rule(carrying(known, applied(known.consents, entries))), entries

    def _entry(self, draft: Draft, profile: Profile, now: datetime) -> Entry:
        ident, state = self._ids.new("cn"), profile.consents.get(draft.scope.key)
        if draft.key is not None:
            ident = keyed_id(draft.key, draft.scope, draft.act)
        return Entry(
            id=ident,
            alias=profile.alias or "",
            scope=draft.scope,
            act=draft.act,
            wording_version=draft.wording_version,
            source=draft.source,
            # an instance whose clock is behind must not lose what is said to it
            at=draft.at or (max(now, state.at) if state else now),
            recorded_at=now,
            grant_id=draft.grant_id,
        )


def keyed_id(key: str, scope: Scope, act: Act) -> str:
    """The id of an entry that has a key."""
    return hashed_id("cn", key, scope.key, act)
