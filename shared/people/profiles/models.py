"""``experienceProfiles/{personKey}``: what is remembered of a person, signed in or not (messaging-platform.md §4.1).

The document's field names are the messaging document's (camelCase); the classes here are its typed face.
Everything in it is bounded: lists and maps have the greatest sizes named beside them.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple

from shared.people.consent.models import Consent

PersonType = Literal["ip", "user"]

MAX_VISITS: Final = 32
"""Visits (start and end) kept for exact counting under repeats and disorder; older ones are only counted."""
MAX_RELEASES: Final = 50
"""Acknowledged releases kept, latest last."""
MAX_LINKED: Final = 16
"""Visitors that a person was known to be, latest last."""
MAX_CAMPAIGNS: Final = 300
"""Campaigns whose count and last time are kept; the longest unseen go first."""
MAX_SHOWN: Final = 64
"""Interruptions kept for the pressure budget; older ones than 7 days go anyway."""
MAX_ATTENDED: Final = 64
"""Attended events kept, latest last; older ones are only counted."""
MAX_RSVPS: Final = 64
"""Events that the person said they would come to, latest last."""
MAX_FLAGS: Final = 50
"""Flags that the site set on a person."""
MAX_FAVORITES: Final = 400
"""Favourite organizers: what one commit can still tell of, one by one, when all of them fall silent at once."""


@dataclass(frozen=True, slots=True)
class ReleaseState:
    """Which releases of the site the person has met."""

    last_seen_release_id: str | None = None
    acknowledged_releases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Visits:
    """Visits as intervals; two requests less than 30 minutes apart are one visit.

    ``recent`` holds (start, end) in milliseconds, ascending, at most MAX_VISITS; ``earlier`` counts those before.
    """

    recent: tuple[tuple[int, int], ...] = ()
    earlier: int = 0

    @property
    def total(self) -> int:
        """Visits ever."""
        return self.earlier + len(self.recent)


@dataclass(frozen=True, slots=True)
class CampaignMemory:
    """What one campaign has used of its caps with this person, under one version of those caps.

    ``occurrences`` numbers the deliveries made (the next id's number) and never goes back, not even when the caps
    are reset; ``shown`` counts those that were seen, the last of them at ``last_at``.
    """

    caps_version: int = 1
    occurrences: int = 0
    shown: int = 0
    last_at: datetime | None = None
    acknowledged: bool = False
    dismissed: bool = False

    @property
    def closed(self) -> bool:
        """Whether the person has answered it: acknowledged or dismissed."""
        return self.acknowledged or self.dismissed


@dataclass(frozen=True, slots=True)
class Reservation:
    """A decided message that nobody has seen yet: it counts towards caps until ``until``.

    ``decision_id`` lets a decision whose commit was answered by silence find out that it had happened.
    ``organizer_id`` None: a message of the site's own.
    """

    campaign_id: str
    channel: str
    until: datetime
    decision_id: str
    organizer_id: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """An interruptive message that was seen, kept for 7 days: the pressure budget's memory."""

    channel: str
    at: datetime
    organizer_id: str | None = None


@dataclass(frozen=True, slots=True)
class Home:
    """Where the person says they live; ``country`` is ISO 3166-1 alpha-2."""

    city: str | None = None
    region: str | None = None
    country: str | None = None


class Point(NamedTuple):
    """A place on Earth in degrees, north and east positive."""

    lat: float
    lon: float

    def coarse(self) -> "Point":
        """The place to two decimals of a degree, about a kilometre: a town and not a house."""
        return Point(round(self.lat, 2), round(self.lon, 2))


class Attended(NamedTuple):
    """An event that the person came to, at ``at`` (milliseconds since 1970)."""

    event_id: str
    organizer_id: str | None
    at: int


@dataclass(frozen=True, slots=True)
class Attendance:
    """``recent`` holds the latest MAX_ATTENDED events, ascending in time; ``earlier`` counts those before."""

    recent: tuple[Attended, ...] = ()
    earlier: int = 0

    @property
    def total(self) -> int:
        """Events ever."""
        return self.earlier + len(self.recent)


@dataclass(frozen=True, slots=True)
class Profile:
    """A person's profile as read; ``update_time`` None means that it is not stored yet.

    ``stored_key`` is the document's id when it differs from ``person_key``: found under the previous epoch, or still a
    visitor's. ``linked_keys`` names whom the person has taken in (``merging``).
    ``bucket_id`` is what rollouts and experiments hash (docs/decisions/0010): drawn for a profile that is not stored yet,
    None in one that was never read. ``roles`` are authoritative once ``role_changed_at`` is set; ``role_signalled_at`` is
    the change that other areas were told of. ``alias`` stands for the person in records that outlive the profile.
    ``location`` is that of their town, never finer than two decimals of a degree. ``consents`` holds the present state of
    each scope (``people.consent``), at most 12 and 4 for each favourite; ``marketing_opt_in`` follows from it. ``muted``
    names favourites whose messages are not wanted for now.
    """

    person_key: str
    type: PersonType
    bucket_id: str | None = None
    first_seen_at: datetime | None = None
    last_seen_at: datetime | None = None
    visits: Visits = Visits()
    release_state: ReleaseState = ReleaseState()
    segments: tuple[str, ...] = ()
    linked_keys: tuple[str, ...] = ()
    favorites: tuple[str, ...] = ()
    muted: tuple[str, ...] = ()
    consents: dict[str, Consent] = field(default_factory=dict)
    marketing_opt_in: bool = False
    preferences: dict[str, Any] = field(default_factory=dict)
    roles: tuple[str, ...] = ()
    organizer_ids: tuple[str, ...] = ()
    role_changed_at: datetime | None = None
    role_signalled_at: datetime | None = None
    alias: str | None = None
    tier: str | None = None
    display_name: str | None = None
    locale: str | None = None
    timezone: str | None = None
    home: Home = Home()
    location: Point | None = None
    attendance: Attendance = Attendance()
    rsvp_events: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    campaigns: dict[str, CampaignMemory] = field(default_factory=dict)
    reservations: dict[str, Reservation] = field(default_factory=dict)
    shown: tuple[Shown, ...] = ()
    update_time: int | None = None
    stored_key: str | None = None
