"""Reading and replacing preferences (design/wire.md, People and operations)."""

import hashlib
from dataclasses import replace

from shared.kernel.clock import Clock
from shared.kernel.errors import PreconditionFailed
from shared.people.preferences.schemas import Preferences
from shared.people.profiles.models import Profile
from shared.people.profiles.repository import ProfileRepository
from shared.people.visitors import Person


class PreferenceCentre:
    """The use cases of ``/people/me/preferences``."""

    def __init__(self, repository: ProfileRepository, clock: Clock) -> None:
        self._repository = repository
        self._clock = clock

    async def read(self, uid: str) -> Preferences:
        """A person's preferences (1 read); who never set any has the defaults."""
        return _of(await self._repository.read(Person(uid, "user")))

    async def replace(self, uid: str, wanted: Preferences, *, if_match: str | None) -> Preferences:
        """Put the whole document in place (1 read, 1 write); the profile is made when there is none.

        Raises PreconditionFailed when ``if_match`` is given and is not the present version.
        """

        def rule(profile: Profile) -> Profile:
            if if_match is not None and if_match != version_of(_of(profile)):
                raise PreconditionFailed
            stored = wanted.model_dump(mode="json", by_alias=True, exclude_defaults=True)
            since = profile.first_seen_at or self._clock.now()
            return replace(profile, preferences=stored, first_seen_at=since)

        return _of(await self._repository.change(Person(uid, "user"), rule))


def version_of(preferences: Preferences) -> str:
    """The ETag: the same for the same preferences, however they came about."""
    return hashlib.sha256(preferences.model_dump_json().encode()).hexdigest()[:20]


def _of(profile: Profile) -> Preferences:
    return Preferences.model_validate(profile.preferences)
