"""``userBehaviorAnalytics``: what is known of how a person behaves, one document each (messaging-platform.md §4.3).

Everything in it is bounded, and the same whatever the order in which events arrive: sums, and lists that keep the latest so
many by a key (docs/decisions/0016). Moments are milliseconds since 1970; hours, weekdays and days are the person's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

from shared.people.profiles.models import PersonType, Visits

COLLECTION: Final = "userBehaviorAnalytics"

MAX_CHECKINS: Final = 20
"""Check-ins kept, latest first; all of them are rows of ``checkins``."""
MAX_CITIES: Final = 32
"""Cities kept, the latest visited first."""
LAST_CITIES: Final = 5
"""Cities that ``lastCities`` names."""
MAX_WEEKS: Final = 26
"""Weeks kept with their visits, counted back from the latest one."""
FREQUENCY_WEEKS: Final = 12
"""Weeks over which a frequency is the mean."""
MAX_FAVORITES: Final = 400
"""Organizers kept that the person follows or did follow, the latest change first."""
MAX_CURRENCIES: Final = 8

HOURS: Final = 24
DAYS: Final = 7

Level = Literal["beginner", "intermediate", "advanced"]
Occasion = Literal["beginner", "intermediate", "advanced", "practica", "milonga"]
"""What a check-in was to: a class of a level, a práctica, a milonga."""
LEVELS: Final[tuple[Level, ...]] = ("beginner", "intermediate", "advanced")


class CheckIn(NamedTuple):
    """Somebody came: when, to which event, of what kind, where."""

    at: int
    event_id: str
    event_type: Occasion
    venue_id: str | None = None
    city_id: str | None = None


class Follow(NamedTuple):
    """An organizer became a favourite, or (``on`` False) ceased to be one."""

    at: int
    on: bool


@dataclass(frozen=True, slots=True)
class Purchases:
    """What servers reported; ``spent`` is in minor units by currency, refunds taken off."""

    count: int = 0
    refunds: int = 0
    last_at: int | None = None
    spent: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """A person's behaviour as read; ``revision`` 0 means that it is not stored yet.

    ``n`` is the person's dense number (from 1), by which sets of people are kept as bitmaps. ``cities`` holds each city's latest
    check-in; ``weeks`` visits by the number of the week since 1970 (Mondays). ``levels`` counts check-ins by occasion.
    ``standing`` is whether the profile was asked for home, zone and tier. ``pending`` names batches that are applied here and not yet everywhere (docs/decisions/0016). ``suspicion`` is the
    first by name of the reasons why events were left out as a machine's; ``bot`` is the same where nothing else is known of the person, who
    is then taken for a machine; None for people. ``tags`` (``segments`` in the document) are computed nightly and only read here.
    """

    person_key: str
    person_type: PersonType
    n: int = 0
    checkins: tuple[CheckIn, ...] = ()
    cities: Mapping[str, int] = field(default_factory=dict)
    occasions: Mapping[Occasion, int] = field(default_factory=dict)
    rsvps: int = 0
    hours: tuple[int, ...] = (0,) * HOURS
    weekdays: tuple[int, ...] = (0,) * DAYS
    visits: Visits = field(default_factory=Visits)
    weeks: Mapping[int, int] = field(default_factory=dict)
    first_seen_at: int | None = None
    last_seen_at: int | None = None
    follows: Mapping[str, Follow] = field(default_factory=dict)
    purchases: Purchases = field(default_factory=Purchases)
    messages_seen: int = 0
    messages_clicked: int = 0
    city: str | None = None
    region: str | None = None
    country: str | None = None
    timezone: str | None = None
    tier: str | None = None
    standing: bool = False
    suspicion: str | None = None
    bot: str | None = None
    tags: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    revision: int = 0
