"""Use cases of favourites: add, remove, mute, list; and who follows an organizer (docs/followers.md).

Favouriting is consent to that organizer's inbox messages and to nothing else (design/decisions.md, Consent).
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Final, Protocol

from shared.clients.documents.port import Documents, Query, Where
from shared.kernel.errors import Conflict, NotFound
from shared.kernel.pagination import Cursors
from shared.people.consent.ledger import Draft, Ledger, Plan
from shared.people.consent.models import CHANNELS, Scope
from shared.people.consent.rules import carrying, effective
from shared.people.favorites.schemas import Favorite, FavoriteList, FavoritesQuery
from shared.people.favorites.shards import MOST_MEMBERS, Follower, Followers, FollowerShards
from shared.people.profiles.models import MAX_FAVORITES, Profile
from shared.people.profiles.repository import COLLECTION as PROFILES
from shared.people.profiles.repository import ProfileRepository
from shared.people.visitors import Person

WORDING: Final = "favorite-1"
"""What the star's hint said: messages in the inbox, to be muted or left at any time."""
SOURCE: Final = "favorite"


class Told(Protocol):
    """Hears that an organizer became a favourite of somebody, or ceased to be one."""

    def __call__(self, uid: str, organizer_id: str, *, on: bool) -> None:
        """Never waits, never raises."""
        ...


def _nobody(uid: str, organizer_id: str, *, on: bool) -> None:
    """Nobody is told."""


class Favorites:
    """Favourites of people, followers of organizers.

    Args:
        documents: the shards' store.
        profiles: what a person's favourites are.
        ledger: writes profile, consent and shard in one commit.
        cursors: signs positions in lists.
        told: hears whose, of which organizer, and whether it is a favourite now; of repeats as well, because a change whose
            answer was lost is known by its repeat alone.
    """

    def __init__(
        self,
        documents: Documents,
        profiles: ProfileRepository,
        ledger: Ledger,
        cursors: Cursors,
        told: Told = _nobody,
    ) -> None:
        self._told = told
        self._documents = documents
        self._profiles = profiles
        self._ledger = ledger
        self._cursors = cursors
        self._shards = FollowerShards(documents)

    async def page(self, uid: str, query: FavoritesQuery) -> FavoriteList:
        """A person's favourites (1 read). Raises Malformed for a bad cursor."""
        profile = await self._profiles.read(Person(uid, "user"))
        text = f"favorites|{uid}"
        after = self._cursors.decode(query.cursor, query=text)
        names = [name for name in sorted(profile.favorites) if not after or name > after[0]]
        position = [names[query.limit - 1]] if len(names) > query.limit else None
        return FavoriteList(
            items=[_favorite(profile, name) for name in names[: query.limit]],
            next_cursor=self._cursors.encode(position, query=text),
        )

    async def add(self, uid: str, organizer_id: str) -> None:
        """Make an organizer a favourite (2 reads, 3 writes); again changes nothing, unless inbox messages of all
        organizers were withdrawn meanwhile: then this one's are wanted again. Raises Conflict over 400 favourites.
        """
        scope = Scope("organizers", "inbox", organizer_id)

        def joined(profile: Profile) -> Profile:
            if organizer_id in profile.favorites:
                return profile
            return replace(profile, favorites=(*profile.favorites, organizer_id))

        def plan(profile: Profile) -> Plan | None:
            known = organizer_id in profile.favorites
            if known and effective(profile.consents, scope)[0] is not None:
                return None
            if not known and len(profile.favorites) >= MAX_FAVORITES:
                raise Conflict(f"There can be {MAX_FAVORITES} favourites.", code="too_many_favorites")
            return Plan([Draft(scope, "granted", WORDING, SOURCE)], joined)

        await self._ledger.record(uid, plan)
        self._told(uid, organizer_id, on=True)

    async def remove(self, uid: str, organizer_id: str) -> None:
        """Not a favourite any more, and nothing agreed to with it alone; again changes nothing (2 reads, 3 writes)."""

        def plan(profile: Profile) -> Plan | None:
            return _parting(profile, organizer_id) if organizer_id in profile.favorites else None

        await self._ledger.record(uid, plan)
        self._told(uid, organizer_id, on=False)

    async def mute(self, uid: str, organizer_id: str, *, muted: bool) -> None:
        """Be silent for now, or not any more (2 reads, 2 writes). Raises NotFound for what is no favourite."""

        def told(profile: Profile) -> Profile:
            others = tuple(name for name in profile.muted if name != organizer_id)
            return replace(profile, muted=(*others, organizer_id) if muted else others)

        def plan(profile: Profile) -> Plan | None:
            if organizer_id not in profile.favorites:
                raise NotFound("The organizer is not one of your favourites.", code="favorite_not_found")
            return None if muted == (organizer_id in profile.muted) else Plan([], told)

        await self._ledger.record(uid, plan)

    async def followers(self, organizer_id: str) -> AsyncIterator[list[Follower]]:
        """Who follows, silent ones marked, about 500 at a time and one read for each time.

        Who follows from beginning to end is met exactly once, whatever joins and leaves meanwhile.
        """
        async for page in self._shards.walk(organizer_id):
            yield page

    async def followers_page(self, organizer_id: str, after: str | None = None) -> Followers:
        """One step of ``followers``, for work that must survive its worker: ``after`` is what the last step gave."""
        return await self._shards.page(organizer_id, after)

    async def count_at_most(self, organizer_id: str) -> int:
        """A number that the followers do not exceed, for little (1 read for about 500,000)."""
        return await self._shards.count(organizer_id) * MOST_MEMBERS

    async def count(self, organizer_id: str) -> int:
        """How many people follow, exactly (1 read for 1,000)."""
        return await self._documents.count(
            Query(PROFILES, (Where("favorites", "array_contains", organizer_id),))
        )


def _parting(profile: Profile, organizer_id: str) -> Plan:
    """Withdraw all that was agreed to with this organizer alone; the states go with the favourite."""
    own = [Scope("organizers", channel, organizer_id) for channel in CHANNELS]
    drafts = [
        Draft(scope, "withdrawn", state.wording_version, SOURCE)
        for scope in own
        if (state := profile.consents.get(scope.key)) is not None and state.granted
    ]

    def rule(after: Profile) -> Profile:
        gone = {scope.key for scope in own}
        return replace(
            carrying(after, {key: state for key, state in after.consents.items() if key not in gone}),
            favorites=tuple(name for name in after.favorites if name != organizer_id),
            muted=tuple(name for name in after.muted if name != organizer_id),
        )

    return Plan(drafts, rule)


def _favorite(profile: Profile, organizer_id: str) -> Favorite:
    state, _ = effective(profile.consents, Scope("organizers", "inbox", organizer_id))
    return Favorite(
        organizer_id=organizer_id,
        muted=organizer_id in profile.muted,
        consent_id=state.id if state else None,
        since=state.at if state else None,
    )
