"""Whom a broadcast is for, page by page: followers, people by criteria, members of a segment (docs/broadcasts.md).

A page may be asked for again from the same position, by another worker as well; who belongs from beginning to end is met exactly once.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from shared.clients.documents.port import Documents, Query, Where
from shared.messaging.broadcasts.models import Broadcast
from shared.messaging.broadcasts.segments import SegmentAudiences
from shared.messaging.campaigns.models import Channel
from shared.messaging.deliveries.repository import DeliveryRepository
from shared.messaging.deliveries.rules import delivery_id
from shared.messaging.targeting.conditions import Condition, holds, parse
from shared.messaging.targeting.facts import Facts
from shared.people.favorites.service import Favorites
from shared.people.favorites.shards import Follower
from shared.people.profiles.models import Profile
from shared.people.profiles.repository import COLLECTION as PROFILES
from shared.people.profiles.repository import ProfileRepository
from shared.people.profiles.stored import from_data
from shared.people.visitors import Person

AT_ONCE: Final = 500
"""Profiles read in one call."""


@dataclass
class Batch:
    """Some people of the audience, who was left out, and where the next ones begin (None: these were the last).

    ``scanned`` is how many were looked at to find them; ``followers`` what the shard says of each, where it was one.
    """

    people: list[str]
    position: str | None
    lost: Counter[str] = field(default_factory=Counter)
    scanned: int = 0
    followers: Mapping[str, Follower] = field(default_factory=dict)


class Audiences:
    """Finds the people of audiences.

    Args:
        documents: the store.
        favorites: who follows.
        profiles: what conditions ask about.
        deliveries: who was sent what.
        segments: stored segments.
    """

    def __init__(
        self,
        *,
        documents: Documents,
        favorites: Favorites,
        profiles: ProfileRepository,
        deliveries: DeliveryRepository,
        segments: SegmentAudiences,
    ) -> None:
        self._documents = documents
        self._favorites = favorites
        self._profiles = profiles
        self._deliveries = deliveries
        self.segments = segments

    async def batch(self, broadcast: Broadcast, position: str | None, now: datetime) -> Batch:
        """The next people: a shard of followers (1 read), up to 500 profiles (1 read each) or members.

        Exclusions cost 1 read more for each person: of their profile, where it was not read anyway, and of each delivery asked for.
        """
        audience = broadcast.audience
        if audience.kind == "favorites":
            shard = await self._favorites.followers_page(broadcast.organizer_id, position)
            members = {follower.person_key: follower for follower in shard.items}
            found = Batch(list(members), shard.after, scanned=len(members), followers=members)
            read: Sequence[Profile] | None = None
        elif audience.kind == "criteria":
            found, read = await self._by_criteria(broadcast, position, now)
        else:
            people, after = await self.segments.page(broadcast, position)
            found, read = Batch(people, after, scanned=len(people)), None
        await self._exclude(broadcast, found, read, now)
        return found

    async def size_at_most(self, broadcast: Broadcast) -> int:
        """How many followers there can be, for little (1 read for 500,000)."""
        return await self._favorites.count_at_most(broadcast.organizer_id)

    async def population(self, broadcast: Broadcast) -> int:
        """Out of how many people the audience is found: followers, people with the opt-in (1 read for 1,000)."""
        if broadcast.audience.kind == "favorites":
            return await self._favorites.count(broadcast.organizer_id)
        return await self._documents.count(Query(PROFILES, _OPTED_IN))

    async def left_over(self, broadcast: Broadcast, people: list[str], now: datetime) -> Batch:
        """These people without those who are left out."""
        batch = Batch(people, None, scanned=len(people))
        await self._exclude(broadcast, batch, None, now)
        return batch

    async def _by_criteria(
        self, broadcast: Broadcast, position: str | None, now: datetime
    ) -> tuple[Batch, list[Profile]]:
        page = await self._documents.query(
            Query(PROFILES, _OPTED_IN, limit=AT_ONCE, start_after=(position,) if position else None)
        )
        condition = parse(broadcast.audience.condition)
        profiles = [from_data(each, each.id) for each in page]
        fitting = [profile for profile in profiles if holds(condition, Facts(profile, now))]
        after = page[-1].id if len(page) == AT_ONCE else None
        return Batch([each.person_key for each in fitting], after, scanned=len(page)), fitting

    async def _exclude(
        self, broadcast: Broadcast, found: Batch, read: Sequence[Profile] | None, now: datetime
    ) -> None:
        exclude = broadcast.audience.exclude
        if exclude.by_profile and found.people:
            if read is None:
                read = await self._profiles.read_many([Person(key, "user") for key in found.people])
            condition = None if exclude.condition is None else parse(exclude.condition)
            left_out = {each.person_key for each in read if _is_left_out(each, broadcast, condition, now)}
            _drop(found, left_out)
        for earlier in exclude.received:
            await self._drop_who_received(earlier, found)

    async def _drop_who_received(self, earlier: str, found: Batch) -> None:
        left_out: set[str] = set()
        for start in range(0, len(found.people), AT_ONCE):
            some = found.people[start : start + AT_ONCE]
            for channel in (Channel.INBOX, Channel.PUSH):
                paths = [self._deliveries.path(delivery_id(earlier, key, channel)) for key in some]
                there = await self._documents.get_many(paths)
                left_out |= {key for key, delivery in zip(some, there, strict=True) if delivery is not None}
        _drop(found, left_out)


_OPTED_IN: Final = (Where("type", "==", "user"), Where("marketingOptIn", "==", True))  # noqa: FBT003 - the value asked for


def _is_left_out(profile: Profile, broadcast: Broadcast, condition: Condition | None, now: datetime) -> bool:
    exclude = broadcast.audience.exclude
    follows = not set(exclude.followers_of).isdisjoint(profile.favorites)
    return follows or (condition is not None and holds(condition, Facts(profile, now)))


def _drop(found: Batch, left_out: set[str]) -> None:
    """Take people out; the others keep their order."""
    kept = [key for key in found.people if key not in left_out]
    found.lost["excluded"] += len(found.people) - len(kept)
    found.people = kept
