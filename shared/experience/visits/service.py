"""The worker's side of visits: one profile write per person and batch, whatever comes twice, late or half."""

import asyncio
from collections.abc import Sequence
from typing import Final

from shared.experience.visits.models import from_envelope
from shared.kernel.clock import Clock, from_millis
from shared.kernel.envelope import Envelope
from shared.people.profiles.models import Profile
from shared.people.profiles.repository import ProfileRepository
from shared.people.profiles.rules import Seen, record
from shared.people.visitors import Person, Visitors

_AT_ONCE: Final = 16
"""Profiles written at the same time."""


class Visits:
    """Applies batches of visits to profiles.

    A profile is made for whoever has none, and moved on to the current key when it stands under the previous epoch's;
    a batch that was on its way while an epoch ended finds its people under their new keys.
    """

    def __init__(self, repository: ProfileRepository, visitors: Visitors, clock: Clock) -> None:
        self._repository = repository
        self._visitors = visitors
        self._clock = clock

    async def apply(self, message: Envelope) -> int:
        """Apply a batch and give the number of people in it (1 read and at most 1 write each; a second read for
        visitors unknown this epoch). Known visits write nothing.

        Raises BadEnvelope, and after all others were served what the store answered for the first who was not.
        """
        grouped: dict[Person, list[Seen]] = {}
        for visit in from_envelope(message):
            then = from_millis(visit.seen.at)
            person = self._visitors.present(visit.person, then, self._clock.now())
            grouped.setdefault(person, []).append(visit.seen)
        people = list(grouped)
        profiles = await self._repository.read_many(people)
        gate = asyncio.Semaphore(_AT_ONCE)

        async def serve(person: Person, profile: Profile) -> None:
            async with gate:
                await self._record(person, grouped[person], profile)

        results = await asyncio.gather(
            *(serve(person, profile) for person, profile in zip(people, profiles, strict=True)),
            return_exceptions=True,
        )
        for failure in results:
            if isinstance(failure, BaseException):
                raise failure
        return len(people)

    async def _record(self, person: Person, events: Sequence[Seen], profile: Profile) -> None:
        await self._repository.change(person, lambda known: record(known, events), known=profile)
