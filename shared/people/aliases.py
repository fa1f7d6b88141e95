"""The random alias under which a person stands in records that outlive their profile (design/decisions.md, Retention)."""

from dataclasses import replace

from shared.kernel.ids import IdSource
from shared.people.profiles.models import Profile
from shared.people.profiles.repository import ProfileRepository
from shared.people.visitors import Person


async def alias_of(profiles: ProfileRepository, ids: IdSource, uid: str, *, make: bool = True) -> str | None:
    """A signed-in person's alias (1 read); who has none gets one (1 write), unless ``make`` is False: then None.

    Raises Unavailable ``contended``.
    """

    def rule(profile: Profile) -> Profile:
        return profile if profile.alias or not make else replace(profile, alias=ids.new("al"))

    return (await profiles.change(Person(uid, "user"), rule)).alias
