"""The behaviour document and its typed face; names are those of messaging-platform.md §4.3, so that its queries still run.

Beside them stand: ``n``, ``travelPattern.cities`` (``[{cityId, lastAt}]``) and ``decaysAt``, ``classPreferences.practicaCount`` and
``milongaCount``, ``attendance {checkins, rsvps}``, ``engagement.priorFrequency`` and ``weeks`` (``[{week, visits}]``), ``favorites``
(``[{organizerId, at, on}]``; ``following`` lists those that hold), ``purchases``, ``messages {seen, clicked}``, ``home {city, region,
country}``, ``timezone``, ``tier``, ``standing``, ``suspicion``, ``bot``. Hour and weekday distributions are lists of 24 and 7 (Monday first).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared.analytics.behaviour import figures
from shared.analytics.behaviour.models import Behaviour, CheckIn, Follow, Occasion, Purchases
from shared.clients.analytics.port import Doc
from shared.kernel.clock import from_millis, to_millis
from shared.people.profiles.models import Visits

_OCCASIONS: tuple[Occasion, ...] = ("beginner", "intermediate", "advanced", "practica", "milonga")


def to_fields(behaviour: Behaviour, now: datetime) -> Doc:
    """Every field of the document that is the ingest's to write: all but ``_id`` and ``segments``."""
    moment = to_millis(now)
    cities = figures.cities_at(behaviour, moment)
    return {
        "personKey": behaviour.person_key,
        "personType": behaviour.person_type,
        "n": behaviour.n,
        "checkins": [_checkin(each) for each in behaviour.checkins],
        "travelPattern": {
            "uniqueCities": cities,
            "multiCityScore": figures.multi_city_score(cities),
            "lastCities": figures.last_cities(behaviour.cities),
            "cities": [{"cityId": city, "lastAt": from_millis(at)} for city, at in behaviour.cities.items()],
            "decaysAt": _time(figures.next_loss(behaviour, moment)),
        },
        "classPreferences": {f"{name}Count": behaviour.occasions.get(name, 0) for name in _OCCASIONS}
        | {"primaryLevel": figures.primary_level(behaviour.occasions)},
        "attendance": {"checkins": sum(behaviour.occasions.values()), "rsvps": behaviour.rsvps},
        "sessionTiming": {
            "hourOfDayDistribution": list(behaviour.hours),
            "dayOfWeekDistribution": list(behaviour.weekdays),
            "peakLoginHour": figures.peak(behaviour.hours),
        },
        "engagement": _engagement(behaviour),
        "favorites": [
            {"organizerId": organizer, "at": from_millis(follow.at), "on": follow.on}
            for organizer, follow in behaviour.follows.items()
        ],
        "following": sorted(organizer for organizer, follow in behaviour.follows.items() if follow.on),
        "purchases": {
            "count": behaviour.purchases.count,
            "refunds": behaviour.purchases.refunds,
            "lastAt": _time(behaviour.purchases.last_at),
            "spent": dict(behaviour.purchases.spent),
        },
        "messages": {"seen": behaviour.messages_seen, "clicked": behaviour.messages_clicked},
        "home": {"city": behaviour.city, "region": behaviour.region, "country": behaviour.country},
        "timezone": behaviour.timezone,
        "tier": behaviour.tier,
        "standing": behaviour.standing or None,
        "suspicion": behaviour.suspicion,
        "bot": behaviour.bot,
        "pending": list(behaviour.pending),
        "revision": behaviour.revision,
        "updatedAt": now,
    }


def from_document(document: Mapping[str, Any]) -> Behaviour:
    """The behaviour in a document."""
    engagement, timing = document["engagement"], document["sessionTiming"]
    spent, told, home = document["purchases"], document["messages"], document["home"]
    classes = document["classPreferences"]
    return Behaviour(
        person_key=document["personKey"],
        person_type=document["personType"],
        n=document["n"],
        checkins=tuple(map(_from_checkin, document["checkins"])),
        cities={each["cityId"]: to_millis(each["lastAt"]) for each in document["travelPattern"]["cities"]},
        occasions={name: classes[f"{name}Count"] for name in _OCCASIONS if classes[f"{name}Count"]},
        rsvps=document["attendance"]["rsvps"],
        hours=tuple(timing["hourOfDayDistribution"]),
        weekdays=tuple(timing["dayOfWeekDistribution"]),
        visits=Visits(
            tuple((each["from"], each["to"]) for each in engagement["visits"]), engagement["earlierVisits"]
        ),
        weeks={each["week"]: each["visits"] for each in engagement["weeks"]},
        first_seen_at=_millis(engagement["firstSeenAt"]),
        last_seen_at=_millis(engagement["lastSeenAt"]),
        follows={
            each["organizerId"]: Follow(to_millis(each["at"]), each["on"]) for each in document["favorites"]
        },
        purchases=Purchases(spent["count"], spent["refunds"], _millis(spent["lastAt"]), spent["spent"]),
        messages_seen=told["seen"],
        messages_clicked=told["clicked"],
        city=home["city"],
        region=home["region"],
        country=home["country"],
        timezone=document["timezone"],
        tier=document["tier"],
        standing=bool(document.get("standing")),
        suspicion=document.get("suspicion"),
        bot=document["bot"],
        tags=tuple(document.get("segments", ())),
        pending=tuple(document["pending"]),
        revision=document["revision"],
    )


def _engagement(behaviour: Behaviour) -> Doc:
    return {
        "totalVisits": behaviour.visits.total,
        "visitFrequency": figures.visit_frequency(behaviour),
        "priorFrequency": figures.prior_frequency(behaviour),
        "firstSeenAt": _time(behaviour.first_seen_at),
        "lastSeenAt": _time(behaviour.last_seen_at),
        "weeks": [{"week": week, "visits": visits} for week, visits in sorted(behaviour.weeks.items())],
        "visits": [{"from": start, "to": end} for start, end in behaviour.visits.recent],
        "earlierVisits": behaviour.visits.earlier,
    }


def _checkin(each: CheckIn) -> Doc:
    return {
        "eventId": each.event_id,
        "eventType": each.event_type,
        "venueId": each.venue_id,
        "cityId": each.city_id,
        "timestamp": from_millis(each.at),
    }


def _from_checkin(stored: Mapping[str, Any]) -> CheckIn:
    return CheckIn(
        to_millis(stored["timestamp"]),
        stored["eventId"],
        stored["eventType"],
        stored["venueId"],
        stored["cityId"],
    )


def _time(millis: int | None) -> datetime | None:
    return None if millis is None else from_millis(millis)


def _millis(moment: datetime | None) -> int | None:
    return None if moment is None else to_millis(moment)
