"""The worker's side of visits: one profile write per person and batch, whatever comes twice, late or half."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from shared.experience.visits.models import from_envelope
from shared.kernel.clock import Clock, from_millis
from shared.kernel.envelope import Envelope
from shared.people.erasures import Erasures
from shared.people.merges import Merges
from shared.people.profiles.models import Profile
from shared.people.profiles.repository import ProfileRepository
from shared.people.profiles.rules import Seen, record
from shared.people.visitors import Person, Visitors

_AT_ONCE: Final = 16
"""Profiles written at the same time."""


@dataclass(slots=True)
class _News:
    """What a batch tells of one person."""

    seen: list[Seen] = field(default_factory=list)
    formerly: list[Person] = field(default_factory=list)

    def record(self, profile: Profile) -> Profile:
        return record(profile, self.seen)

    def since(self, moment: datetime | None) -> "_News":
        """What is no older than the person's erasure: who they were then is nobody's past any more."""
        if moment is None:
            return self
        return _News([seen for seen in self.seen if from_millis(seen.at) > moment])


class Visits:
    """Applies batches of visits to profiles.

    A profile is made for whoever has none, and moved on to the current key when it stands under the previous epoch's;
    a batch that was on its way while an epoch ended finds its people under their new keys. Who was known by a lesser
    name is merged (``people.merges``). Visits from before their person's erasure are forgotten.
    """

    def __init__(
        self,
        repository: ProfileRepository,
        merges: Merges,
        erasures: Erasures,
        visitors: Visitors,
        clock: Clock,
    ) -> None:
        self._repository = repository
        self._merges = merges
        self._erasures = erasures
        self._visitors = visitors
        self._clock = clock

    async def apply(self, message: Envelope) -> int:
        """Apply a batch and give the number of people in it (1 read and at most 1 write each; a second read for people
        unknown under their present key, and what ``Merges`` says for those to be merged). Known visits write nothing.

        Raises BadEnvelope, and after all others were served what the store answered for the first who was not.
        """
        news = self._grouped(message)
        profiles = dict(zip(news, await self._repository.read_many(list(news)), strict=True))
        erased = await self._erased(profiles)
        gate = asyncio.Semaphore(_AT_ONCE)

        async def serve(person: Person) -> None:
            async with gate:
                await self._tell(person, news[person].since(erased.get(person.key)), profiles[person])

        failures: list[BaseException] = []
        # who may be taken in is up to date before they are
        for later in (False, True):
            group = [serve(person) for person, each in news.items() if later is _takes_in(person, each)]
            results = await asyncio.gather(*group, return_exceptions=True)
            failures += [result for result in results if isinstance(result, BaseException)]
        if failures:
            raise failures[0]
        return len(news)

    def _grouped(self, message: Envelope) -> dict[Person, _News]:
        grouped: dict[Person, _News] = {}
        for visit in from_envelope(message):
            person = self._visitors.present(visit.person, from_millis(visit.seen.at), self._clock.now())
            news = grouped.setdefault(person, _News())
            news.seen.append(visit.seen)
            if person.formerly is not None and person.formerly not in news.formerly:
                news.formerly.append(person.formerly)
        return grouped

    async def _erased(self, profiles: Mapping[Person, Profile]) -> Mapping[str, datetime]:
        """When those were erased who would get a new profile; 1 read for each of them."""
        new = [
            person.key
            for person, profile in profiles.items()
            if person.type == "user" and (profile.update_time is None or profile.stored_key)
        ]
        return await self._erasures.of(new) if new else {}

    async def _tell(self, person: Person, news: _News, profile: Profile) -> None:
        for past in news.formerly:
            await self._merges.take_in(person, past, news.record)
        if not news.formerly and news.seen:
            await self._repository.change(person, news.record, known=profile)


def _takes_in(person: Person, news: _News) -> bool:
    return person.type == "user" and bool(news.formerly)
