"""What profiles tell behaviour: home, zone and tier, for segments to ask for (docs/segments.md)."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from shared.analytics.behaviour.models import Behaviour
from shared.analytics.ingest.figures import BEHAVIOURS
from shared.analytics.ingest.folding import ATTEMPTS, Folding
from shared.clients.analytics.port import Analytics
from shared.clients.errors import Contended
from shared.kernel.clock import Clock
from shared.people.profiles.models import Profile
from shared.people.profiles.repository import ProfileRepository
from shared.people.visitors import Person

PAGE: Final = 500
"""People whom one run catches up with."""
_PAUSE: Final = 0.02


class Standing:
    """Carries it over: to newcomers as they come, to others when their profile says ``profile.changed``."""

    def __init__(self, analytics: Analytics, profiles: ProfileRepository, clock: Clock) -> None:
        self._analytics = analytics
        self._folding = Folding(analytics, clock)
        self._profiles = profiles

    async def carry(self, person_key: str) -> None:
        """Make a signed-in person's behaviour say what their profile says (a find, 1 read, at most 1 write); who has none gets none.

        The profile is read after the behaviour, and the write is over what was read: of two at once the later reader wins.
        Raises StoreUnavailable, and Contended after 12 lost races.
        """
        for attempt in range(ATTEMPTS):
            before = (await self._folding.states(BEHAVIOURS, [person_key])).get(person_key)
            if before is None:
                return
            after = standing(before, await self._profiles.read(Person(person_key, "user")))
            if after == before:
                return
            if await self._folding.write(
                BEHAVIOURS, {person_key: replace(after, revision=after.revision + 1)}
            ):
                return
            await asyncio.sleep(_PAUSE * attempt)
        raise Contended("others keep changing the person's behaviour")

    async def catch_up(self) -> int:
        """Carry it over to signed-in people whose profile nobody has asked yet, at most PAGE (1 find, 1 read each, 1 write); gives how many
        were looked at. Who is changed meanwhile waits for the next run. Raises StoreUnavailable.
        """
        where = {"standing": None, "personType": "user"}
        found = await self._analytics.find(BEHAVIOURS.collection, where, limit=PAGE)
        states = {document["_id"]: BEHAVIOURS.read(document) for document in found}
        after = await self.of(states)
        await self._folding.write(
            BEHAVIOURS, {key: replace(each, revision=each.revision + 1) for key, each in after.items()}
        )
        return len(found)

    async def of(self, newcomers: Mapping[str, Behaviour]) -> dict[str, Behaviour]:
        """The first behaviour of people with what the profiles of the signed-in say (1 read for each of them)."""
        known = [Person(key, "user") for key, each in newcomers.items() if each.person_type == "user"]
        profiles = await self._profiles.read_many(known) if known else []
        return dict(newcomers) | {
            each.person_key: standing(newcomers[each.person_key], each) for each in profiles
        }


def standing(behaviour: Behaviour, profile: Profile) -> Behaviour:
    """The behaviour with what the profile says."""
    home = profile.home
    return replace(
        behaviour,
        city=home.city,
        region=home.region,
        country=home.country,
        timezone=profile.timezone,
        tier=profile.tier,
        standing=True,
    )
