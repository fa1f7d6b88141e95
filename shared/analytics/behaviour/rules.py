"""What events add to a person's behaviour: pure, and the same whatever their order.

Everything is a sum over distinct events, or keeps the greatest so many by a key: which of both is said at each field
(docs/decisions/0016). Visits are intervals, as in the profile (docs/decisions/0007).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Final

from shared.analytics.behaviour.figures import week_of
from shared.analytics.behaviour.models import (
    MAX_CHECKINS,
    MAX_CITIES,
    MAX_CURRENCIES,
    MAX_FAVORITES,
    MAX_WEEKS,
    Behaviour,
    CheckIn,
    Follow,
    Occasion,
)
from shared.analytics.ingest.rows import Row
from shared.people.profiles.models import Visits
from shared.people.profiles.rules import record_visits

_PRESENT: Final = frozenset({"visit", "login"})
"""What our own servers report of somebody being on the site; whatever a browser reports says so as well."""


def record(behaviour: Behaviour, rows: Iterable[Row]) -> Behaviour:
    """The behaviour with more events, none of which it has counted before; those of machines are left out."""
    counted = [row for row in rows if row.bot is None]
    for row in counted:
        rule = _RULES.get(row.type)
        behaviour = behaviour if rule is None else rule(behaviour, row)
    moments = sorted(row.at for row in counted if row.source == "browser" or row.type in _PRESENT)
    if not moments:
        return behaviour
    first, last = behaviour.first_seen_at, behaviour.last_seen_at
    return replace(
        _visited(behaviour, moments),
        first_seen_at=moments[0] if first is None else min(first, moments[0]),
        last_seen_at=moments[-1] if last is None else max(last, moments[-1]),
    )


def _visited(behaviour: Behaviour, moments: list[int]) -> Behaviour:
    """Moments of presence, ascending. Weeks are those of the kept visits, and of the earlier ones as they were let go."""
    visits = behaviour.visits
    let_go = Counter(behaviour.weeks) - _weeks(visits)
    for moment in moments:
        after = record_visits(visits, [moment])
        if after.earlier > visits.earlier:
            let_go[week_of(min(moment, visits.recent[0][0]))] += 1
        visits = after
    weeks = let_go + _weeks(visits)
    oldest = max(weeks) - MAX_WEEKS
    return replace(
        behaviour,
        visits=visits,
        weeks={week: number for week, number in sorted(weeks.items()) if week > oldest},
    )


def _weeks(visits: Visits) -> Counter[int]:
    return Counter(week_of(start) for start, _ in visits.recent)


def _login(behaviour: Behaviour, row: Row) -> Behaviour:
    """Sums by local hour and weekday."""
    if row.hour is None or row.weekday is None:
        return behaviour
    return replace(
        behaviour,
        hours=_raised(behaviour.hours, row.hour),
        weekdays=_raised(behaviour.weekdays, row.weekday),
    )


def _checked_in(behaviour: Behaviour, row: Row) -> Behaviour:
    """The latest check-ins; each city's latest one; a sum by occasion."""
    kind: Occasion = row.metadata["eventType"]
    new = CheckIn(row.at, row.about or "", kind, row.metadata.get("venueId"), row.city)
    kept = sorted([*behaviour.checkins, new], key=lambda each: (-each.at, each.event_id))[:MAX_CHECKINS]
    behaviour = replace(behaviour, checkins=tuple(kept), occasions=_added(behaviour.occasions, kind))
    if row.city is None:
        return behaviour
    cities = {**behaviour.cities, row.city: max(row.at, behaviour.cities.get(row.city, row.at))}
    ranked = sorted(cities, key=lambda city: (-cities[city], city))[:MAX_CITIES]
    return replace(behaviour, cities={city: cities[city] for city in ranked})


def _took_class(behaviour: Behaviour, row: Row) -> Behaviour:
    """A sum by level."""
    return replace(behaviour, occasions=_added(behaviour.occasions, row.metadata["level"]))


def _followed(behaviour: Behaviour, row: Row) -> Behaviour:
    """Each organizer's latest word; of two of one moment «no» holds."""
    organizer = row.organizer or ""
    new, known = Follow(row.at, on=row.metadata["on"]), behaviour.follows.get(organizer)
    if known is not None and (known.at, not known.on) >= (new.at, not new.on):
        return behaviour
    follows = {**behaviour.follows, organizer: new}
    ranked = sorted(follows, key=lambda name: (-follows[name].at, name))[:MAX_FAVORITES]
    return replace(behaviour, follows={name: follows[name] for name in ranked})


def _answered(behaviour: Behaviour, row: Row) -> Behaviour:
    return replace(behaviour, rsvps=behaviour.rsvps + bool(row.metadata["on"]))


def _paid(behaviour: Behaviour, row: Row) -> Behaviour:
    """Sums, by currency; the latest purchase."""
    paid, bought = behaviour.purchases, row.type == "purchase"
    spent, currency = dict(paid.spent), row.metadata["currency"]
    if currency in spent or len(spent) < MAX_CURRENCIES:
        spent[currency] = spent.get(currency, 0) + row.metadata["amount"] * (1 if bought else -1)
    last = max(paid.last_at or row.at, row.at) if bought else paid.last_at
    purchases = replace(
        paid,
        count=paid.count + bought,
        refunds=paid.refunds + (not bought),
        last_at=last,
        spent=dict(sorted(spent.items())),
    )
    return replace(behaviour, purchases=purchases)


def _read(behaviour: Behaviour, _row: Row) -> Behaviour:
    return replace(behaviour, messages_seen=behaviour.messages_seen + 1)


def _clicked(behaviour: Behaviour, _row: Row) -> Behaviour:
    return replace(behaviour, messages_clicked=behaviour.messages_clicked + 1)


_RULES: Final[Mapping[str, Callable[[Behaviour, Row], Behaviour]]] = {
    "login": _login,
    "checkin": _checked_in,
    "class_level": _took_class,
    "favorite": _followed,
    "rsvp": _answered,
    "purchase": _paid,
    "refund": _paid,
    "message_seen": _read,
    "message_clicked": _clicked,
}


def _raised(counts: tuple[int, ...], place: int) -> tuple[int, ...]:
    return (*counts[:place], counts[place] + 1, *counts[place + 1 :])


def _added(counts: Mapping[Occasion, int], kind: Occasion) -> Mapping[Occasion, int]:
    return {**counts, kind: counts.get(kind, 0) + 1}
