"""The calendar of the demo's city: what happens every week, the festivals, the seasons; and the cities one travels to."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from dev.demo.organizers import ORGANIZERS
from shared.analytics.behaviour.models import Occasion

VIRUTA, LUCIERNAGA, PUENTE = (organizer.id for organizer in ORGANIZERS)
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)


@dataclass(frozen=True, slots=True)
class Weekly:
    """Something that happens every week; ``begins`` is an hour of the local day, ``pull`` how much it draws among others."""

    event_id: str
    organizer_id: str
    occasion: Occasion
    weekday: int
    begins: int
    venue_id: str
    pull: float = 1.0


WEEK: Final = (
    Weekly("boston-tango-basics", PUENTE, "beginner", MONDAY, 19, "puente-loft"),
    Weekly("practica-del-puente", PUENTE, "practica", TUESDAY, 20, "puente-loft", 1.4),
    Weekly("musicality-lab", PUENTE, "intermediate", WEDNESDAY, 19, "puente-loft"),
    Weekly("viruta-advanced", VIRUTA, "advanced", THURSDAY, 19, "harbor-loft"),
    Weekly("viruta-friday-class", VIRUTA, "beginner", FRIDAY, 20, "harbor-loft"),
    Weekly("la-viruta-friday", VIRUTA, "milonga", FRIDAY, 21, "harbor-loft", 2.2),
    Weekly("luciernaga-saturday", LUCIERNAGA, "milonga", SATURDAY, 21, "salon-aurora", 1.8),
    Weekly("luciernaga-sunday-tea", LUCIERNAGA, "milonga", SUNDAY, 16, "salon-aurora", 0.7),
)
"""Boston's week."""


@dataclass(frozen=True, slots=True)
class Festival:
    """Tickets, sold over the eight weeks before; ``days_ahead`` of the last day of the year, negative when it is over."""

    event_id: str
    organizer_id: str
    days_ahead: int
    capacity: int
    price: int

    def day(self, last: date) -> date:
        """When it is."""
        return last + timedelta(days=self.days_ahead)


FESTIVALS: Final = (
    Festival("winter-encuentro", LUCIERNAGA, -290, 120, 14_500),
    Festival("harbor-marathon", VIRUTA, -197, 160, 18_000),
    Festival("summer-nights", PUENTE, -106, 90, 9_500),
    Festival("boston-tango-weekend", VIRUTA, -43, 200, 22_000),
    Festival("new-year-milonga", LUCIERNAGA, 19, 140, 6_500),
)
"""Prices in cents; the last one is on sale still."""
SALE: Final = timedelta(days=56)

HOME_CITIES: Final = {
    "Boston": "boston",
    "Cambridge": "boston",
    "Somerville": "boston",
    "Providence": "providence",
    "Montréal": "montreal",
    "Buenos Aires": "buenos_aires",
}
"""Where people of a town dance."""
ELSEWHERE: Final = {
    "new_york": "America/New_York",
    "montreal": "America/Toronto",
    "buenos_aires": "America/Argentina/Buenos_Aires",
    "philadelphia": "America/New_York",
    "providence": "America/New_York",
    "berlin": "Europe/Berlin",
    "lisbon": "Europe/Lisbon",
}
"""Where travellers go, and the time there."""
_SEASON: Final = (0.85, 1.0, 1.1, 1.15, 1.1, 0.95, 0.7, 0.65, 1.15, 1.25, 1.1, 0.8)
_HOLIDAYS: Final = ((12, 23), (1, 2))


def season(day: date) -> float:
    """How lively the city is: less in summer, least between the years."""
    at = (day.month, day.day)
    quiet = at >= _HOLIDAYS[0] or at <= _HOLIDAYS[1]
    return _SEASON[day.month - 1] * (0.4 if quiet else 1.0)
