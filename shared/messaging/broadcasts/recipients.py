"""Who of the audience may be written to at this moment: consent, mutes, preferences and caps as they stand when a page is written.

Followers' inboxes go by the shards: one read for about 500. Everything else goes by the profile: one read each.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from shared.kernel.clock import Clock
from shared.kernel.settings import Settings
from shared.messaging.broadcasts.models import Broadcast, Page
from shared.people.consent.models import Programme
from shared.people.consent.rules import allowed
from shared.people.favorites.service import Favorites
from shared.people.favorites.shards import Follower
from shared.people.profiles.models import Profile
from shared.people.profiles.pressure import Pressure
from shared.people.profiles.repository import ProfileRepository
from shared.people.visitors import Person
from shared.premium.tiers import SendChannel

ERASED, NO_CONSENT, MUTED = "erased", "no_consent", "muted"


class May(NamedTuple):
    """The consent that allows a message, or why there is none."""

    consent_id: str | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """One person: what they may be sent by channel, and their profile where it was read."""

    person_key: str
    may: Mapping[SendChannel, May] = field(default_factory=dict)
    profile: Profile | None = None


Followers = Mapping[str, Follower]


class Recipients:
    """Judges people.

    Args:
        favorites: who follows, and who is silent.
        profiles: consents, preferences, pressure.
        settings: the pressure budget.
        clock: now.
    """

    def __init__(
        self, favorites: Favorites, profiles: ProfileRepository, settings: Settings, clock: Clock
    ) -> None:
        self._favorites = favorites
        self._profiles = profiles
        self._settings = settings
        self._clock = clock

    async def followers(self, broadcast: Broadcast, page: Page) -> Followers:
        """Who of a page's stretch of shards follows now (1 read a shard); nobody where profiles must be read anyway."""
        if broadcast.audience.kind != "favorites" or "inbox" not in broadcast.channels:
            return {}
        found: dict[str, Follower] = {}
        after = page.begin
        while True:
            shard = await self._favorites.followers_page(broadcast.organizer_id, after)
            found.update((each.person_key, each) for each in shard.items)
            after = shard.after
            if after is None or (page.end is not None and after >= page.end):
                return found

    async def judge(self, broadcast: Broadcast, people: Sequence[str], followers: Followers) -> list[Judged]:
        """Judge some people; by followers alone where that is enough (no read), else 1 read each."""
        if broadcast.audience.kind == "favorites" and broadcast.channels == ("inbox",):
            return [Judged(key, {"inbox": _followed(key, followers)}) for key in people]
        known = [key for key in people if key]
        profiles = await self._profiles.read_many([Person(key, "user") for key in known])
        by_key = {profile.person_key: profile for profile in profiles}
        now = self._clock.now()
        return [self.of_profile(broadcast, by_key.get(key), key, now) for key in people]

    def of_profile(self, broadcast: Broadcast, profile: Profile | None, key: str, now: datetime) -> Judged:
        """Judge one person by their profile."""
        if profile is None or profile.update_time is None:
            return Judged(key, dict.fromkeys(broadcast.channels, May(None, ERASED)))
        may = {channel: self._may(broadcast, profile, channel, now) for channel in broadcast.channels}
        return Judged(key, may, profile)

    def agreed(self, broadcast: Broadcast, profile: Profile, channel: SendChannel) -> May:
        """Whether the person agrees to such messages now, whatever else they were sent."""
        audience, organizer = broadcast.audience, broadcast.organizer_id
        programme: Programme = "organizers" if audience.kind == "favorites" else "marketing"
        if profile.update_time is None:
            return May(None, ERASED)
        if audience.kind == "favorites" and organizer not in profile.favorites:
            return May(None, NO_CONSENT)
        verdict = allowed(profile, programme, channel, organizer_id=organizer, place=audience.place)
        return May(verdict.consent_id, "" if verdict.consent_id else verdict.reason or NO_CONSENT)

    def _may(self, broadcast: Broadcast, profile: Profile, channel: SendChannel, now: datetime) -> May:
        agreed, organizer = self.agreed(broadcast, profile, channel), broadcast.organizer_id
        if agreed.consent_id is None:
            return agreed
        settings = self._settings
        pressure = Pressure(
            profile,
            now,
            modals_per_day=settings.modals_per_day,
            interruptions_per_week=settings.interruptions_per_week,
        )
        hold = pressure.hold(channel) or pressure.share_hold(organizer, channel)
        return agreed if hold is None else May(None, hold.code)


def _followed(key: str, followers: Followers) -> May:
    if not key:
        return May(None, ERASED)
    follower = followers.get(key)
    if follower is None:
        return May(None, NO_CONSENT)
    return May(None, MUTED) if follower.muted else May(follower.consent_id)
