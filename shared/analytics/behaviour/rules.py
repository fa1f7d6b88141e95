"""What events add to a person's behaviour: pure, and the same whatever their order.

Everything is a sum over distinct events, or keeps the greatest so many by a key: which of both is said at each field
(docs/decisions/0016). Visits are intervals, as in the profile (docs/decisions/0007).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

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
    Purchases,
)
from shared.analytics.ingest.rows import Row
from shared.people.profiles.models import MAX_VISITS, Visits
from shared.people.profiles.rules import record_visits

Changed = dict[str, Any]
"""Fields of a behaviour with their new values."""
Rule = Callable[[Behaviour, list[Row]], Changed]

_PRESENT: Final = frozenset({"visit", "login"})
"""What our own servers report of somebody being on the site; whatever a browser reports says so as well."""


def record(behaviour: Behaviour, rows: Iterable[Row]) -> Behaviour:
    """The behaviour with more events, none of which it has counted before; those of machines are left out."""
    rows = list(rows)
    counted = [row for row in rows if row.bot is None]
    reasons = [row.bot for row in rows if row.bot is not None]
    return judged(_counted(behaviour, counted), reasons)


def judged(behaviour: Behaviour, reasons: Iterable[str | None]) -> Behaviour:
    """The behaviour whose person is taken for a machine when there are reasons to, and nothing is known of them but those."""
    told = [reason for reason in (*reasons, behaviour.suspicion) if reason is not None]
    suspicion = min(told, default=None)
    known = (
        behaviour.visits.total,
        sum(behaviour.hours),
        behaviour.occasions,
        behaviour.rsvps,
        behaviour.follows,
        behaviour.purchases.count,
        behaviour.purchases.refunds,
        behaviour.messages_seen,
        behaviour.messages_clicked,
    )
    return replace(behaviour, suspicion=suspicion, bot=None if any(known) else suspicion)


def _counted(behaviour: Behaviour, counted: list[Row]) -> Behaviour:
    told: dict[Rule, list[Row]] = {}
    for row in counted:
        if row.type in _RULES:
            told.setdefault(_RULES[row.type], []).append(row)
    changed: dict[str, Any] = {}
    for rule, theirs in told.items():
        changed |= rule(behaviour, theirs)
    moments = sorted(row.at for row in counted if row.source == "browser" or row.type in _PRESENT)
    if moments:
        changed |= _visited(behaviour, moments)
    return replace(behaviour, **changed) if changed else behaviour


def _visited(behaviour: Behaviour, moments: list[int]) -> Changed:
    """Moments of presence, ascending. Weeks are those of the kept visits, and of the earlier ones as they were let go."""
    visits, first, last = behaviour.visits, behaviour.first_seen_at, behaviour.last_seen_at
    let_go = Counter(behaviour.weeks) - _weeks(visits)
    room = len(visits.recent) + len(moments) <= MAX_VISITS
    for some in [moments] if room else [[moment] for moment in moments]:
        after = record_visits(visits, some)
        if after.earlier > visits.earlier:
            let_go[week_of(min(*some, visits.recent[0][0]))] += 1
        visits = after
    weeks = let_go + _weeks(visits)
    oldest = max(weeks) - MAX_WEEKS
    return {
        "visits": visits,
        "weeks": {week: number for week, number in sorted(weeks.items()) if week > oldest},
        "first_seen_at": moments[0] if first is None else min(first, moments[0]),
        "last_seen_at": moments[-1] if last is None else max(last, moments[-1]),
    }


def _weeks(visits: Visits) -> Counter[int]:
    return Counter(week_of(start) for start, _ in visits.recent)


def _logged_in(behaviour: Behaviour, rows: list[Row]) -> Changed:
    """Sums by local hour and weekday."""
    hours, weekdays = list(behaviour.hours), list(behaviour.weekdays)
    for row in rows:
        if row.hour is not None and row.weekday is not None:
            hours[row.hour] += 1
            weekdays[row.weekday] += 1
    return {"hours": tuple(hours), "weekdays": tuple(weekdays)}


def _danced(behaviour: Behaviour, rows: list[Row]) -> Changed:
    """The latest check-ins; each city's latest one; a sum by occasion, to which classes elsewhere add their level."""
    occasions, cities = dict(behaviour.occasions), dict(behaviour.cities)
    came = list(behaviour.checkins)
    for row in rows:
        kind: Occasion = row.metadata["eventType" if row.type == "checkin" else "level"]
        occasions[kind] = occasions.get(kind, 0) + 1
        if row.type == "checkin":
            came.append(CheckIn(row.at, row.about or "", kind, row.metadata.get("venueId"), row.city))
            if row.city is not None:
                cities[row.city] = max(row.at, cities.get(row.city, row.at))
    ranked = sorted(cities, key=lambda city: (-cities[city], city))[:MAX_CITIES]
    return {
        "checkins": tuple(sorted(came, key=lambda each: (-each.at, each.event_id))[:MAX_CHECKINS]),
        "occasions": occasions,
        "cities": {city: cities[city] for city in ranked},
    }


def _followed(behaviour: Behaviour, rows: list[Row]) -> Changed:
    """Each organizer's latest word; of two of one moment «no» holds."""
    follows = dict(behaviour.follows)
    for row in rows:
        organizer = row.organizer or ""
        new, known = Follow(row.at, on=row.metadata["on"]), follows.get(organizer)
        if known is None or (known.at, not known.on) < (new.at, not new.on):
            follows[organizer] = new
    ranked = sorted(follows, key=lambda name: (-follows[name].at, name))[:MAX_FAVORITES]
    return {"follows": {name: follows[name] for name in ranked}}


def _answered(behaviour: Behaviour, rows: list[Row]) -> Changed:
    return {"rsvps": behaviour.rsvps + sum(bool(row.metadata["on"]) for row in rows)}


def _paid(behaviour: Behaviour, rows: list[Row]) -> Changed:
    """Sums, by currency; the latest purchase."""
    paid = behaviour.purchases
    spent = dict(paid.spent)
    bought = [row.at for row in rows if row.type == "purchase"]
    for row in rows:
        currency, amount = row.metadata["currency"], row.metadata["amount"]
        if currency in spent or len(spent) < MAX_CURRENCIES:
            spent[currency] = spent.get(currency, 0) + (amount if row.type == "purchase" else -amount)
    return {
        "purchases": Purchases(
            paid.count + len(bought),
            paid.refunds + len(rows) - len(bought),
            max([*bought, *([] if paid.last_at is None else [paid.last_at])], default=None),
            dict(sorted(spent.items())),
        )
    }


def _read(behaviour: Behaviour, rows: list[Row]) -> Changed:
    return {"messages_seen": behaviour.messages_seen + len(rows)}


def _clicked(behaviour: Behaviour, rows: list[Row]) -> Changed:
    return {"messages_clicked": behaviour.messages_clicked + len(rows)}


_RULES: Final[Mapping[str, Rule]] = {
    "login": _logged_in,
    "checkin": _danced,
    "class_level": _danced,
    "favorite": _followed,
    "rsvp": _answered,
    "purchase": _paid,
    "refund": _paid,
    "message_seen": _read,
    "message_clicked": _clicked,
}
"""Each changes fields of its own, so that none needs to know of the others."""
