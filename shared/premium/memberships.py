"""Tiers carried to the people who speak for organizers: conditions ask the profile alone (messaging-platform.md §5.1).

The tier stands on ``organizers/{id}``; a person's is the highest of the organizers they speak for. It is worked out anew
whenever one of the two has changed (signals ``tier.changed`` and ``role.changed``): what is heard twice changes nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from shared.kernel.envelope import Envelope
from shared.people.profiles.models import Profile
from shared.people.profiles.news import ProfileNews
from shared.people.profiles.repository import ProfileRepository
from shared.people.roles import ROLE_CHANGED
from shared.people.visitors import Person
from shared.premium.credits.repository import CreditRepository
from shared.premium.tiers import TIERS, Tier

TIER_CHANGED: Final = "tier.changed"
"""Signal: the organizer that is its ``key`` was put into a tier."""
PAGE: Final = 100


class Memberships:
    """Hears of changes, and writes people's tiers."""

    def __init__(self, organizers: CreditRepository, profiles: ProfileRepository, news: ProfileNews) -> None:
        self._organizers = organizers
        self._profiles = profiles
        self._news = news

    async def hear(self, signal: Envelope) -> None:
        """Carry the tier to everybody concerned (1 read each and 1 for each of their organizers; 1 write each who changes).

        Raises StoreUnavailable, Unavailable ``contended``.
        """
        if signal.kind == ROLE_CHANGED:
            await self._carry(await self._profiles.read(Person(signal.key, "user")))
            return
        after: str | None = None
        while people := await self._profiles.speaking_for(signal.key, after=after, limit=PAGE):
            for profile in people:
                await self._carry(profile)
            after = people[-1].person_key

    async def _carry(self, known: Profile) -> None:
        tier = highest(await self._tiers(known.organizer_ids))

        def rule(profile: Profile) -> Profile:
            # roles that change at this moment are heard of by themselves
            return replace(profile, tier=tier) if profile.organizer_ids == known.organizer_ids else profile

        if known.tier != tier:
            await self._news.tell(known.person_key)
        await self._profiles.change(Person(known.person_key, "user"), rule, known=known)

    async def _tiers(self, organizer_ids: Sequence[str]) -> list[Tier]:
        return [(await self._organizers.holdings(ident)).tier for ident in organizer_ids]


def highest(tiers: Iterable[Tier]) -> Tier | None:
    """The highest of some tiers; None of none."""
    return max(tiers, key=TIERS.index, default=None)
