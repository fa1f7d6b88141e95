"""Two who turned out to be one: pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from shared.analytics.behaviour.models import (
    MAX_CHECKINS,
    MAX_CITIES,
    MAX_CURRENCIES,
    MAX_FAVORITES,
    MAX_WEEKS,
    Behaviour,
    Purchases,
)
from shared.analytics.behaviour.rules import judged
from shared.people.profiles.rules import joined_visits

KeyT = TypeVar("KeyT")


def joined(person: Behaviour, visitor: Behaviour) -> Behaviour:
    """The person's behaviour with the visitor's: sums add up, lists keep the greatest of both, visits are united."""
    follows = dict(person.follows)
    for organizer, follow in visitor.follows.items():
        known = follows.get(organizer)
        if known is None or (follow.at, not follow.on) > (known.at, not known.on):
            follows[organizer] = follow
    cities = {
        city: max(person.cities.get(city, 0), visitor.cities.get(city, 0))
        for city in {**person.cities, **visitor.cities}
    }
    checkins = {(each.event_id, each.at): each for each in (*visitor.checkins, *person.checkins)}
    latest = sorted(checkins.values(), key=lambda each: (-each.at, each.event_id))[:MAX_CHECKINS]
    weeks = _sum(person.weeks, visitor.weeks)
    oldest = max(weeks, default=0) - MAX_WEEKS
    moments = [at for at in (person.first_seen_at, visitor.first_seen_at) if at is not None]
    lasts = [at for at in (person.last_seen_at, visitor.last_seen_at) if at is not None]
    both = replace(
        person,
        checkins=tuple(latest),
        cities=dict(sorted(cities.items(), key=lambda each: (-each[1], each[0]))[:MAX_CITIES]),
        occasions=_sum(person.occasions, visitor.occasions),
        rsvps=person.rsvps + visitor.rsvps,
        hours=tuple(map(sum, zip(person.hours, visitor.hours, strict=True))),
        weekdays=tuple(map(sum, zip(person.weekdays, visitor.weekdays, strict=True))),
        visits=joined_visits(person.visits, visitor.visits),
        weeks={week: number for week, number in sorted(weeks.items()) if week > oldest},
        first_seen_at=min(moments, default=None),
        last_seen_at=max(lasts, default=None),
        follows=dict(sorted(follows.items(), key=lambda each: (-each[1].at, each[0]))[:MAX_FAVORITES]),
        purchases=_paid(person.purchases, visitor.purchases),
        messages_seen=person.messages_seen + visitor.messages_seen,
        messages_clicked=person.messages_clicked + visitor.messages_clicked,
    )
    return judged(both, [visitor.suspicion])


def _paid(one: Purchases, other: Purchases) -> Purchases:
    spent = {name: one.spent.get(name, 0) + other.spent.get(name, 0) for name in {**one.spent, **other.spent}}
    lasts = [at for at in (one.last_at, other.last_at) if at is not None]
    return Purchases(
        one.count + other.count,
        one.refunds + other.refunds,
        max(lasts, default=None),
        dict(sorted(spent.items())[:MAX_CURRENCIES]),
    )


def _sum(one: Mapping[KeyT, int], other: Mapping[KeyT, int]) -> dict[KeyT, int]:
    return dict(Counter(one) + Counter(other))
