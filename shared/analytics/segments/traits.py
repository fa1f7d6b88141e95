"""What segments know of one person at one moment, read off their behaviour (messaging-platform.md §4.3)."""

from dataclasses import dataclass
from datetime import datetime

from shared.analytics.behaviour import figures
from shared.analytics.behaviour.models import Behaviour, Level
from shared.kernel.clock import from_millis, to_millis
from shared.people.profiles.models import PersonType


@dataclass(frozen=True, slots=True)
class Traits:
    """One person at one moment.

    ``follows`` are favourite organizers, ``tags`` those of the last night. ``cities`` are those visited in the last 365 days, at most 32; ``events``, ``venues`` and ``event_types`` those of the
    latest 20 check-ins. ``hours`` counts log-ins by the person's local hour (24 cells, or none). ``visit_frequency`` and
    ``prior_frequency`` are visits a week (the latter the mean of the 12 weeks before ``last_seen_at``).
    """

    person_type: PersonType
    tier: str | None = None
    tags: tuple[str, ...] = ()
    follows: tuple[str, ...] = ()
    city: str | None = None
    region: str | None = None
    country: str | None = None
    level: Level | None = None
    beginner_classes: int = 0
    intermediate_classes: int = 0
    advanced_classes: int = 0
    cities: tuple[str, ...] = ()
    unique_cities: int = 0
    multi_city_score: int = 0
    hours: tuple[int, ...] = ()
    peak_hour: int | None = None
    visits: int = 0
    visit_frequency: float = 0.0
    prior_frequency: float = 0.0
    first_seen_at: datetime | None = None
    last_seen_at: datetime | None = None
    checkins: int = 0
    last_checkin_at: datetime | None = None
    events: tuple[str, ...] = ()
    venues: tuple[str, ...] = ()
    event_types: tuple[str, ...] = ()
    rsvps: int = 0
    purchases: int = 0
    last_purchase_at: datetime | None = None

    @property
    def logins(self) -> int:
        """Log-ins whose local hour is known."""
        return sum(self.hours)

    @property
    def night_share(self) -> int | None:
        """Percent of the log-ins at 22, 23, 0 or 1 o'clock, rounded down; None without any log-in."""
        nights = sum(self.hours[hour] for hour in (22, 23, 0, 1)) if self.hours else 0
        return 100 * nights // self.logins if self.logins else None


def traits_of(behaviour: Behaviour, now: datetime) -> Traits:
    """A person's behaviour as segments see it at ``now``."""
    moment = to_millis(now)
    cities = figures.cities_at(behaviour, moment)
    latest = behaviour.checkins
    return Traits(
        person_type=behaviour.person_type,
        tier=behaviour.tier,
        tags=behaviour.tags,
        follows=tuple(organizer for organizer, follow in behaviour.follows.items() if follow.on),
        city=behaviour.city,
        region=behaviour.region,
        country=behaviour.country,
        level=figures.primary_level(behaviour.occasions),
        beginner_classes=behaviour.occasions.get("beginner", 0),
        intermediate_classes=behaviour.occasions.get("intermediate", 0),
        advanced_classes=behaviour.occasions.get("advanced", 0),
        cities=tuple(city for city, at in behaviour.cities.items() if at > moment - figures.YEAR_MS),
        unique_cities=cities,
        multi_city_score=figures.multi_city_score(cities),
        hours=behaviour.hours,
        peak_hour=figures.peak(behaviour.hours),
        visits=behaviour.visits.total,
        visit_frequency=figures.visit_frequency(behaviour),
        prior_frequency=figures.prior_frequency(behaviour),
        first_seen_at=_moment(behaviour.first_seen_at),
        last_seen_at=_moment(behaviour.last_seen_at),
        checkins=sum(behaviour.occasions.values()),
        last_checkin_at=_moment(max((each.at for each in latest), default=None)),
        events=tuple(each.event_id for each in latest),
        venues=tuple(each.venue_id for each in latest if each.venue_id),
        event_types=tuple(each.event_type for each in latest),
        rsvps=behaviour.rsvps,
        purchases=behaviour.purchases.count,
        last_purchase_at=_moment(behaviour.purchases.last_at),
    )


def _moment(millis: int | None) -> datetime | None:
    return None if millis is None else from_millis(millis)
