"""Reading and replacing preferences (design/wire.md, People and operations)."""

import hashlib
from dataclasses import replace

from shared.kernel.errors import PreconditionFailed
from shared.people.consent.ledger import Ledger, Plan
from shared.people.preferences.schemas import Preferences
from shared.people.profiles.models import Profile
from shared.people.profiles.repository import ProfileRepository
from shared.people.visitors import Person


class PreferenceCentre:
    """The use cases of ``/people/me/preferences``."""

    def __init__(self, repository: ProfileRepository, ledger: Ledger) -> None:
        self._repository = repository
        self._ledger = ledger

    async def read(self, uid: str) -> Preferences:
        """A person's preferences (1 read); who never set any has the defaults."""
        return _of(await self._repository.read(Person(uid, "user")))

    async def replace(self, uid: str, wanted: Preferences, *, if_match: str | None) -> Preferences:
        """Put the whole document in place; the profile is made when there is none.

        1 read, 1 write; for each favourite that falls silent by it, or is heard again, one more of both: the
        organizer's followers are told. Raises PreconditionFailed when ``if_match`` is given and is not the present
        version, Unavailable ``contended``.
        """
        stored = wanted.model_dump(mode="json", by_alias=True, exclude_defaults=True)

        def plan(profile: Profile) -> Plan | None:
            if if_match is not None and if_match != version_of(_of(profile)):
                raise PreconditionFailed
            if stored == profile.preferences:
                return None
            return Plan([], lambda known: replace(known, preferences=stored))

        return _of((await self._ledger.record(uid, plan)).profile)


def version_of(preferences: Preferences) -> str:
    """The ETag: the same for the same preferences, however they came about."""
    return hashlib.sha256(preferences.model_dump_json().encode()).hexdigest()[:20]


def _of(profile: Profile) -> Preferences:
    return Preferences.model_validate(profile.preferences)
