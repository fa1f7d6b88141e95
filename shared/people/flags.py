"""Flags that the site sets on people, for conditions to ask for (messaging-platform.md §5.1, custom flags)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from shared.clients.documents.port import Write
from shared.kernel.clock import Clock
from shared.kernel.errors import NotFound
from shared.kernel.ids import IdSource
from shared.people import audit
from shared.people.aliases import alias_of
from shared.people.profiles.models import Profile
from shared.people.profiles.repository import ProfileRepository
from shared.people.profiles.schemas import Flags, FlagsPut
from shared.people.visitors import Person, is_visitor_key

FLAGS_CHANGED: Final = "flags.changed"


class PersonFlags:
    """Sets them, whole."""

    def __init__(self, repository: ProfileRepository, clock: Clock, ids: IdSource) -> None:
        self._repository = repository
        self._clock = clock
        self._ids = ids

    async def put(self, actor_uid: str, key: str, body: FlagsPut) -> Flags:
        """Give a signed-in person exactly these flags, with an audit entry in the same commit (2 reads, 2 writes).

        Changes nothing when repeated. Raises NotFound for who has no profile, also for visitors, and Unavailable ``contended``.
        """
        if is_visitor_key(key):
            raise NotFound
        actor = await alias_of(self._repository, self._ids, actor_uid) or ""
        wanted, now, act = tuple(sorted(set(body.flags))), self._clock.now(), self._ids.random()

        def rule(profile: Profile) -> Profile:
            if profile.update_time is None:
                raise NotFound
            if profile.flags == wanted:
                return profile
            return replace(profile, flags=wanted, alias=profile.alias or self._ids.new("al"))

        def recorded(before: Profile, after: Profile) -> Sequence[Write]:
            detail, subject = {"before": list(before.flags), "after": list(wanted)}, after.alias or ""
            return [audit.entry(FLAGS_CHANGED, at=now, actor=actor, subject=subject, detail=detail, key=act)]

        await self._repository.change(Person(key, "user"), rule, also=recorded)
        return Flags(person_key=key, flags=list(wanted))
