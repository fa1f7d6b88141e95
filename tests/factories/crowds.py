"""Crowds of dancers stored as behaviour documents, and who of them the four queries mean, worked out by hand."""

import random
from datetime import datetime

from shared.analytics.behaviour.models import COLLECTION, Behaviour, CheckIn, Follow, Purchases
from shared.analytics.behaviour.stored import to_fields
from shared.kernel.clock import to_millis
from shared.people.profiles.models import Visits
from tests.factories.app import NOW

DAY = 24 * 3600 * 1000
CITIES = ("boston", "new_york", "rome", "buenos_aires", "berlin", "paris")
AT = to_millis(NOW)
MONDAY = 4 * DAY


def week(at: int) -> int:
    """The number of a moment's week, as documents have it."""
    return (at - MONDAY) // (7 * DAY)


def dancer(n: int, **fields) -> Behaviour:
    """A signed-in person; what is not given they never did."""
    return Behaviour(**{"person_key": f"uid-{n}", "person_type": "user", "n": n, **fields})


def at_hour(hour: int, times: int = 10) -> tuple[int, ...]:
    """Visits that were all in one hour."""
    return tuple(times if each == hour else 0 for each in range(24))


def visited(number: int) -> Visits:
    """So many visits, none of which is remembered."""
    return Visits((), number)


def crowd(size: int, seed: int = 7, now: datetime = NOW) -> list[Behaviour]:
    """People with the borders of the four queries well populated."""
    rng, at = random.Random(seed), to_millis(now)
    return [_one(rng, n, at) for n in range(1, size + 1)]


def _one(rng: random.Random, n: int, at: int) -> Behaviour:
    away = rng.choice((0, 1, 20, 44, 45, 46, 90)) * DAY + rng.randrange(2, 22) * 3600 * 1000
    seen = at - away
    cities = {
        city: at - rng.choice((1, 30, 200, 364, 366, 500)) * DAY
        for city in rng.sample(CITIES, rng.randrange(6))
    }
    level = rng.choice(("beginner", "intermediate", "advanced"))
    often = rng.choice((0, 1, 2, 3))
    return dancer(
        n,
        person_type=rng.choice(("user", "user", "user", "ip")),
        cities=cities,
        occasions={level: rng.randrange(3), "milonga": 2},
        hours=at_hour(rng.choice((20, 21, 22, 23, 0, 1, 2, 3)), rng.randrange(12)),
        visits=visited(rng.choice((9, 10, 11))),
        weeks={week(seen) - back: often for back in range(13)} if often else {week(seen): 1},
        first_seen_at=at - 400 * DAY,
        last_seen_at=seen,
        follows={"org_1": Follow(at, on=rng.random() < 0.5)},
        purchases=Purchases(count=rng.randrange(3), last_at=at - DAY),
        checkins=(CheckIn(at - DAY, f"evt_{n % 5}", "milonga", "ven_1", "boston"),),
        city=rng.choice(("New York", "Boston", None)),
        tier=rng.choice((None, "gold")),
        bot=rng.choice((None,) * 9 + ("headless",)),
    )


def _recent(one: Behaviour, at: int) -> set[str]:
    return {city for city, last in one.cities.items() if last > at - 365 * DAY}


def _level(one: Behaviour) -> str | None:
    classes = {level: count for level, count in one.occasions.items() if level != "milonga" and count}
    return next(iter(classes), None)


BY_HAND = {
    "multi_city_travelers_advanced": lambda one, at: _level(one) == "advanced" and len(_recent(one, at)) >= 3,
    "night_owls_new_york": lambda one, at: (
        sum(one.hours) > 0
        and one.hours.index(max(one.hours)) in (22, 23, 0, 1)
        and ("new_york" in _recent(one, at) or one.city == "New York")
    ),
    "dormant_regulars": lambda one, at: (
        one.last_seen_at // 3_600_000 < (at - 45 * DAY) // 3_600_000
        and sum(one.weeks.get(week(one.last_seen_at) - back, 0) for back in range(1, 13)) / 12 >= 2
    ),
    "traveling_beginners": lambda one, at: (
        _level(one) == "beginner" and len(_recent(one, at)) >= 3 and one.visits.total >= 10
    ),
}
"""The four queries of messaging-platform.md §4.4 as design/decisions.md corrects them, of signed-in people who are no machines."""


def meant(name: str, people: list[Behaviour], now: datetime = NOW) -> set[int]:
    """The numbers of whom a ready-made segment means."""
    at = to_millis(now)
    return {
        one.n for one in people if one.person_type == "user" and one.bot is None and BY_HAND[name](one, at)
    }


async def store(app, people, at: datetime | None = None) -> None:
    """Have these people's behaviour, changed at a moment (now by default)."""
    at = at or app.clock.now()
    documents = [{"_id": one.person_key, **to_fields(one, at)} for one in people]
    for start in range(0, len(documents), 1000):
        part = documents[start : start + 1000]
        await app.analytics.delete(COLLECTION, {"personKey": {"$in": [each["personKey"] for each in part]}})
        await app.analytics.insert(COLLECTION, part)


async def counted(app, people) -> None:
    """Have these people, and a first snapshot of them."""
    await store(app, people)
    await app.facet_rebuild.run("first")
