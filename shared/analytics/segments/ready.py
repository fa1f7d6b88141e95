"""Ready-made segments: the four queries of messaging-platform.md §4.4 as design/decisions.md corrects them, and the tags
that the profile carries.
"""

from collections.abc import Mapping
from typing import Any, Final

FilterData = Mapping[str, Any]


def _is(attribute: str, op: str, value: Any) -> FilterData:
    return {"attribute": attribute, "op": op, "value": value}


def _all(*parts: FilterData) -> FilterData:
    return {"all": list(parts)}


_PEOPLE: Final = _is("person.type", "eq", "user")
_NIGHT: Final = {"from": 22, "to": 2}


def night_owls(city_id: str, city: str) -> FilterData:
    """Query 2: who comes mostly between 22:00 and 02:00 of their own day, and lives or has danced in a city."""
    here = {"any": [_is("travel.cities", "contains", city_id), _is("home.city", "eq", city)]}
    return _all(_PEOPLE, _is("login.peak_hour", "during", _NIGHT), here)


READY: Final[Mapping[str, tuple[str, FilterData]]] = {
    "multi_city_travelers_advanced": (
        "Advanced dancers who travel to 3 or more cities",
        _all(
            _PEOPLE,
            _is("class.primary_level", "eq", "advanced"),
            _is("travel.unique_cities", "gte", 3),
        ),
    ),
    "night_owls_new_york": ("Night owls in New York", night_owls("new_york", "New York")),
    "dormant_regulars": (
        "Away for 45 days, came twice a week before",
        _all(
            _PEOPLE,
            _is("visits.last_at", "before", {"days_ago": 45}),
            _is("visits.prior_frequency", "gte", 2),
        ),
    ),
    "traveling_beginners": (
        "Beginners who dance in several cities",
        _all(
            _PEOPLE,
            _is("class.primary_level", "eq", "beginner"),
            _is("travel.multi_city_score", "gte", 5),
            _is("visits.total", "gte", 10),
        ),
    ),
}
"""Name and filters by id. They belong to no organizer, can be read and used by all, and never change."""

TAGS: Final[Mapping[str, FilterData]] = {
    "dormant_over_30": _is("visits.last_at", "before", {"days_ago": 30}),
    "power_user": _all(
        _is("visits.frequency", "gte", 3),
        _is("visits.last_at", "after", {"days_ago": 30}),
    ),
    "multi_city_traveler": _is("travel.unique_cities", "gte", 3),
    "advanced_dancer": _is("class.primary_level", "eq", "advanced"),
    "night_owl": _all(_is("login.total", "gte", 8), _is("login.night_share", "gte", 40)),
    "paid_gold": _is("person.tier", "eq", "gold"),
}
"""Filters of the tags in ``experienceProfiles.segments``; ``favorite_of_<organizer>`` comes with each favourite."""
FAVORITE_OF: Final = "favorite_of_"
