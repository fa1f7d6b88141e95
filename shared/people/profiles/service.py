"""Reading and changing what people say of themselves (design/wire.md, People and operations)."""

import hashlib
from dataclasses import replace

from shared.kernel.clock import Clock
from shared.kernel.errors import NotFound, PreconditionFailed
from shared.people.profiles.models import Profile
from shared.people.profiles.news import ProfileNews
from shared.people.profiles.repository import ProfileRepository
from shared.people.profiles.schemas import Me, MePatch, PersonView, changed_home, location_of, me_of, view_of
from shared.people.visitors import Person, is_visitor_key


class Profiles:
    """The use cases of ``/people/me`` and ``/people/{personKey}``."""

    def __init__(self, repository: ProfileRepository, news: ProfileNews, clock: Clock) -> None:
        self._repository = repository
        self._news = news
        self._clock = clock

    async def me(self, uid: str) -> Me:
        """A person's own profile (1 read); somebody we have not met yet gets an empty one."""
        return me_of(await self._repository.read(Person(uid, "user")))

    async def change_me(self, uid: str, patch: MePatch, *, if_match: str | None) -> Me:
        """Apply a merge patch to one's own profile (1 read, 1 write); the profile is made when there is none.

        Raises PreconditionFailed when ``if_match`` is given and is not the present version, StoreUnavailable.
        """

        def rule(profile: Profile) -> Profile:
            if if_match is not None and if_match != version_of(me_of(profile)):
                raise PreconditionFailed
            return self._patched(profile, patch)

        if patch.model_fields_set & {"home", "timezone"}:
            await self._news.tell(uid)
        return me_of(await self._repository.change(Person(uid, "user"), rule))

    async def view(self, key: str) -> PersonView:
        """A signed-in person in the eyes of an operator (1 read). Raises NotFound, also for visitors' keys."""
        profile = None if is_visitor_key(key) else await self._repository.read(Person(key, "user"))
        if profile is None or profile.update_time is None:
            raise NotFound
        return view_of(profile)

    def _patched(self, profile: Profile, patch: MePatch) -> Profile:
        given = patch.model_dump(include=patch.model_fields_set - {"home", "home_location"})
        if "home" in patch.model_fields_set:
            given["home"] = changed_home(profile.home, patch.home)
        if "home_location" in patch.model_fields_set:
            given["location"] = location_of(patch.home_location)
        return replace(profile, first_seen_at=profile.first_seen_at or self._clock.now(), **given)


def version_of(me: Me) -> str:
    """The ETag of a profile in its person's eyes: of what they can change, not of the visits counted beside it."""
    return hashlib.sha256(me.model_dump_json().encode()).hexdigest()[:20]
