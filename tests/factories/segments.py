"""Generated people with known answers: a small brute-force judge, written apart from the bitmaps it judges."""

import random
from datetime import UTC, datetime, timedelta
from math import floor

from shared.analytics.segments.traits import Traits

AS_OF = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
CITIES = ("boston", "new_york", "rome", "buenos_aires", "berlin", "paris", "london")
NAMES = {"boston": "Boston", "new_york": "New York", "rome": "Rome", "buenos_aires": "Buenos Aires"}
SCORES = {0: 0, 1: 0, 2: 3, 3: 5, 4: 8}
LEVELS = ("beginner", "intermediate", "advanced", None)


def a_person(rng: random.Random) -> Traits:
    """One of a city's dancers, with the borders of the four queries well populated."""
    cities = tuple(rng.sample(CITIES, rng.choice((0, 1, 1, 2, 3, 3, 4, 5, 6))))
    hours = tuple(rng.choice((0, 0, 0, rng.randrange(9))) for _ in range(24))
    home = rng.choice((*NAMES, None))
    away = rng.choice((0, 1, 20, 29, 30, 31, 44, 45, 46, 90, 400))
    seen = None if rng.random() < 0.1 else AS_OF - timedelta(days=away, minutes=rng.randrange(-90, 90))
    shopped = rng.choice((0, 0, 0, 1, 4))
    return Traits(
        person_type=rng.choice(("user", "user", "user", "ip")),
        city=home and NAMES[home],
        country=rng.choice(("US", "AR", None)),
        tier=rng.choice((None, None, "basic", "gold")),
        follows=tuple(rng.sample(("org_1", "org_2", "org_3"), rng.randrange(4))),
        tags=tuple(rng.sample(("power_user", "night_owl"), rng.randrange(3))),
        level=rng.choice(LEVELS),
        cities=cities,
        unique_cities=len(cities),
        multi_city_score=SCORES.get(len(cities), 10),
        hours=hours if sum(hours) else (),
        peak_hour=max(range(24), key=lambda hour: hours[hour]) if sum(hours) else None,
        visits=rng.choice((0, 1, 9, 10, 11, 300)),
        visit_frequency=rng.choice((0.0, 0.5, 2.0, 2.99, 3.0, 3.01)),
        prior_frequency=rng.choice((0.0, 1.99, 2.0, 2.01, 5.0)),
        last_seen_at=seen,
        checkins=rng.choice((0, 1, 30)),
        event_types=tuple(rng.sample(("milonga", "practica", "beginner"), rng.randrange(4))),
        purchases=shopped,
        last_purchase_at=AS_OF - timedelta(days=rng.randrange(200)) if shopped else None,
    )


def people(count: int, seed: int = 1) -> dict[int, Traits]:
    """So many people by their numbers, which leave gaps."""
    rng = random.Random(seed)
    return {number * 3 + 1: a_person(rng) for number in range(count)}


READ = {
    "person.type": lambda p: p.person_type,
    "person.tier": lambda p: p.tier,
    "follows.organizers": lambda p: p.follows,
    "class.primary_level": lambda p: p.level,
    "travel.unique_cities": lambda p: p.unique_cities,
    "travel.multi_city_score": lambda p: p.multi_city_score,
    "travel.cities": lambda p: p.cities,
    "login.peak_hour": lambda p: p.peak_hour,
    "login.night_share": lambda p: p.night_share,
    "login.total": lambda p: sum(p.hours),
    "visits.total": lambda p: p.visits,
    "visits.frequency": lambda p: p.visit_frequency,
    "visits.prior_frequency": lambda p: p.prior_frequency,
    "visits.last_at": lambda p: p.last_seen_at,
    "attendance.total": lambda p: p.checkins,
    "attendance.types": lambda p: p.event_types,
    "purchases.total": lambda p: p.purchases,
    "purchases.last_at": lambda p: p.last_purchase_at,
    "home.city": lambda p: p.city,
    "home.country": lambda p: p.country,
}
"""What is asked for, read off a person by hand."""


def holds(raw, person: Traits, now: datetime = AS_OF) -> bool:
    """Whether a filter holds of one person, straight from the sentence of each operator."""
    if "all" in raw:
        return all(holds(part, person, now) for part in raw["all"])
    if "any" in raw:
        return any(holds(part, person, now) for part in raw["any"])
    if "not" in raw:
        return not any(holds(part, person, now) for part in raw["not"])
    actual, op, wanted = READ[raw["attribute"]](person), raw["op"], raw["value"]
    known = actual not in (None, ())
    if op == "exists":
        return known is wanted
    return known and _compare(actual, op, wanted, now)


COMPARE = {
    "eq": lambda actual, wanted: actual == wanted,
    "in": lambda actual, wanted: actual in wanted,
    "lt": lambda actual, wanted: actual < wanted,
    "lte": lambda actual, wanted: actual <= wanted,
    "gt": lambda actual, wanted: actual > wanted,
    "gte": lambda actual, wanted: actual >= wanted,
    "contains": lambda actual, wanted: wanted in actual,
    "contains_any": lambda actual, wanted: bool(set(wanted) & set(actual)),
    "during": lambda actual, wanted: (
        (actual - wanted["from"]) % 24 < ((wanted["to"] - wanted["from"]) % 24 or 24)
    ),
}


def _compare(actual, op, wanted, now):
    if op in COMPARE:
        return COMPARE[op](actual, wanted)
    earlier = _hour(actual) < _hour(now - timedelta(days=wanted["days_ago"]))
    return earlier if op == "before" else not earlier


def _hour(moment):
    return floor(moment.timestamp() / 3600)
