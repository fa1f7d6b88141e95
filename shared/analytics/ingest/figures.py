"""Which figures an event belongs to, and how each is made of its events."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Final, TypeVar

from shared.analytics.behaviour import models as behaviours
from shared.analytics.behaviour import rules as behaviour_rules
from shared.analytics.behaviour import stored as behaviour_stored
from shared.analytics.behaviour.models import Behaviour
from shared.analytics.eventdays import models as eventdays
from shared.analytics.eventdays.models import EventDay
from shared.analytics.heatmaps import models as heatmaps
from shared.analytics.heatmaps.models import HeatDay
from shared.analytics.ingest.folding import Rule, Shape
from shared.analytics.ingest.rows import Row
from shared.analytics.intake.metadata import REACHED

BEHAVIOURS: Final[Shape[Behaviour]] = Shape(
    behaviours.COLLECTION, behaviour_stored.from_document, behaviour_stored.to_fields
)
EVENT_DAYS: Final[Shape[EventDay]] = Shape(eventdays.COLLECTION, eventdays.from_document, eventdays.to_fields)
HEAT_DAYS: Final[Shape[HeatDay]] = Shape(heatmaps.COLLECTION, heatmaps.from_document, heatmaps.to_fields)

KeyT = TypeVar("KeyT")
ABOUT_EVENTS: Final = frozenset({*eventdays.COUNTERS, "purchase", "refund", "seat_change"})


def by_person(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Events by who did them; what reached somebody is no deed of theirs."""
    return _grouped((row.person, row) for row in rows if row.type != REACHED)


def by_event_day(rows: Iterable[Row]) -> dict[tuple[str, str], list[Row]]:
    """Events by the event they are about and the day."""
    return _grouped(
        ((row.about, row.day), row) for row in rows if row.about is not None and row.type in ABOUT_EVENTS
    )


def by_heat_day(rows: Iterable[Row]) -> dict[tuple[str, str], list[Row]]:
    """Logins by scope and day."""
    return _grouped((key, row) for row in rows for key in heatmaps.counts_for(row))


def behaviour_rules_of(groups: Mapping[str, list[Row]]) -> dict[str, Rule[Behaviour]]:
    """What each person's events do to their behaviour."""
    return {person: partial(behaviour_rules.record, rows=rows) for person, rows in groups.items()}


def event_day_rules_of(
    groups: Mapping[tuple[str, str], list[Row]], numbers: Mapping[str, int]
) -> tuple[dict[str, Rule[EventDay]], dict[str, EventDay]]:
    """What each day's events do to it, and the days before there were any."""
    fresh = {eventdays.key_of(*key): EventDay(*key) for key in groups}
    rules: dict[str, Rule[EventDay]] = {
        eventdays.key_of(*key): partial(eventdays.record, rows=rows, numbers=numbers)
        for key, rows in groups.items()
    }
    return rules, fresh


def heat_day_rules_of(
    groups: Mapping[tuple[str, str], list[Row]],
) -> tuple[dict[str, Rule[HeatDay]], dict[str, HeatDay]]:
    """What each day's logins do to it, and the days before there were any."""
    fresh = {day.key: day for day in (HeatDay(*key) for key in groups)}
    rules: dict[str, Rule[HeatDay]] = {
        HeatDay(*key).key: partial(heatmaps.record, rows=rows) for key, rows in groups.items()
    }
    return rules, fresh


def _grouped(pairs: Iterable[tuple[KeyT, Row]]) -> dict[KeyT, list[Row]]:
    groups: dict[KeyT, list[Row]] = {}
    for key, row in pairs:
        groups.setdefault(key, []).append(row)
    return groups
