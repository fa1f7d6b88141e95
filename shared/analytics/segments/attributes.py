"""THE behaviour table: everything a segment can ask about a person, one row each.

Validation, the JSON Schema of filters, ``docs/reference/behaviour.md`` and the facets are made from it, so a new attribute
is one row (messaging-platform.md §4.3, 5.1; design/decisions.md, Analytics).
"""

import json
from collections.abc import Mapping
from typing import Final

from shared.analytics.segments.kinds import (
    EXPECTS,
    MAX_DEPTH,
    MAX_LEAVES,
    MAX_VALUES,
    OPERATORS,
    Attribute,
    Kind,
)

_BEHAVIOUR: Final = "`userBehaviorAnalytics`"
_HOURS_WIDTH: Final = 20
"""Hours since 1970: enough until 2089."""
_COUNT_WIDTH: Final = 16


def _moment(name: str, field: str, description: str, example: int) -> Attribute:
    return Attribute(
        name,
        Kind.MOMENT,
        lambda traits: getattr(traits, field),
        _BEHAVIOUR,
        description,
        ("before", {"days_ago": example}),
        width=_HOURS_WIDTH,
    )


def _count(name: str, field: str, description: str, example: int, width: int = _COUNT_WIDTH) -> Attribute:
    return Attribute(
        name,
        Kind.NUMBER,
        lambda traits: getattr(traits, field),
        _BEHAVIOUR,
        description,
        ("gte", example),
        width=width,
    )


def _weekly(name: str, field: str, description: str) -> Attribute:
    return Attribute(
        name,
        Kind.NUMBER,
        lambda traits: getattr(traits, field),
        _BEHAVIOUR,
        description,
        ("gte", 2),
        width=17,
        scale=1000,
    )


def _seen(name: str, field: str, description: str, example: str) -> Attribute:
    return Attribute(
        name,
        Kind.TEXTS,
        lambda traits: getattr(traits, field),
        _BEHAVIOUR,
        description,
        ("contains", example),
    )


def _home(part: str, description: str, example: str) -> Attribute:
    return Attribute(
        f"home.{part}",
        Kind.TEXT,
        lambda traits: getattr(traits, part),
        _BEHAVIOUR,
        description,
        ("eq", example),
    )


_ROWS: Final = (
    Attribute(
        "person.type",
        Kind.CHOICE,
        lambda traits: traits.person_type,
        _BEHAVIOUR,
        "`user` a signed-in person, `ip` a visitor. The segments of an organizer hold signed-in people only.",
        ("eq", "user"),
        choices=("user", "ip"),
    ),
    Attribute(
        "person.tier",
        Kind.CHOICE,
        lambda traits: traits.tier,
        _BEHAVIOUR,
        "The paid tier; unknown for people without one.",
        ("in", ["silver", "gold"]),
        choices=("basic", "bronze", "silver", "gold"),
    ),
    _seen("person.tags", "tags", "Tags computed in the last night, such as `power_user`.", "power_user"),
    _seen("follows.organizers", "follows", "Ids of the organizers the person favourited.", "org_la_viruta"),
    Attribute(
        "class.primary_level",
        Kind.CHOICE,
        lambda traits: traits.level,
        _BEHAVIOUR,
        "The level of most of the classes the person came to.",
        ("eq", "advanced"),
        choices=("beginner", "intermediate", "advanced"),
    ),
    _count("class.beginner", "beginner_classes", "Beginner classes so far.", 3),
    _count("class.intermediate", "intermediate_classes", "Intermediate classes so far.", 3),
    _count("class.advanced", "advanced_classes", "Advanced classes so far.", 3),
    _count("travel.unique_cities", "unique_cities", "Cities danced in during the last 365 days.", 3, width=6),
    _count(
        "travel.multi_city_score",
        "multi_city_score",
        "0, 3, 5, 8, 10 for 1, 2, 3, 4, 5 and more cities in the last 365 days.",
        5,
        width=4,
    ),
    _seen(
        "travel.cities",
        "cities",
        "Ids of the cities danced in during the last 365 days, at most 32.",
        "boston",
    ),
    Attribute(
        "login.peak_hour",
        Kind.HOUR,
        lambda traits: traits.peak_hour,
        _BEHAVIOUR,
        "The hour of the person's own day in which they come most often.",
        ("during", {"from": 22, "to": 2}),
    ),
    Attribute(
        "login.night_share",
        Kind.NUMBER,
        lambda traits: traits.night_share,
        _BEHAVIOUR,
        "Percent of the visits at 22, 23, 0 and 1 o'clock of the person's own day, rounded down.",
        ("gte", 40),
        width=7,
    ),
    _count("login.total", "logins", "Visits whose local hour is known.", 8),
    _count("visits.total", "visits", "Visits so far, at most 1,048,575.", 10, width=20),
    _weekly(
        "visits.frequency",
        "visit_frequency",
        "Visits a week in the 12 weeks up to the last visit, to three decimals, at most 131.071.",
    ),
    _weekly(
        "visits.prior_frequency",
        "prior_frequency",
        "Visits a week in the 12 weeks before the week of the last one, to three decimals: it stays as it is while the person is away.",
    ),
    _moment("visits.first_at", "first_seen_at", "When the person first came.", 30),
    _moment("visits.last_at", "last_seen_at", "When the person last came.", 45),
    _count("attendance.total", "checkins", "Events the person came to so far.", 10),
    _moment("attendance.last_at", "last_checkin_at", "When the person last came to an event.", 30),
    _seen("attendance.events", "events", "Ids of the events of the latest 20 check-ins.", "evt_friday"),
    _seen("attendance.venues", "venues", "Ids of the venues of the latest 20 check-ins.", "ven_salon"),
    Attribute(
        "attendance.types",
        Kind.TEXTS,
        lambda traits: traits.event_types,
        _BEHAVIOUR,
        "Kinds of events of the latest 20 check-ins.",
        ("contains", "practica"),
        choices=("beginner", "intermediate", "advanced", "practica", "milonga"),
    ),
    _count("rsvp.total", "rsvps", "Events the person said they would come to, so far.", 3),
    _count("purchases.total", "purchases", "Purchases so far.", 1),
    _moment("purchases.last_at", "last_purchase_at", "When the person last bought something.", 90),
    _home("country", "Where the person lives, as the profile has it: ISO 3166-1 alpha-2, in capitals.", "AR"),
    _home("region", "The state or region of the home, as the profile has it.", "Massachusetts"),
    _home("city", "The city of the home, as the profile has it.", "Boston"),
)
ATTRIBUTES: Final[Mapping[str, Attribute]] = {row.name: row for row in _ROWS}
"""Every attribute by its name."""


def render_reference() -> str:
    """The reference page of behaviour attributes and operators, in Markdown."""
    lines = [_INTRODUCTION]
    for row in ATTRIBUTES.values():
        op, wanted = row.example
        leaf = json.dumps({"attribute": row.name, "op": op, "value": wanted})
        value = ", ".join(f"`{choice}`" for choice in row.choices) or EXPECTS[row.kind]
        ops = " ".join(f"`{each}`" for each in row.operators)
        lines.append(f"| `{row.name}` | {row.description} | {value} | {ops} | {row.source} | `{leaf}` |")
    lines += ["", "| operator | holds when the attribute |", "| --- | --- |"]
    lines += [f"| `{op}` | {operator.meaning} |" for op, operator in OPERATORS.items()]
    return "\n".join(lines) + "\n"


_INTRODUCTION: Final = f"""# Behaviour that segments can ask for

The `filters` of a segment are a comparison `{{attribute, op, value}}`, or a group `{{all: […]}}` (each part holds), `{{any: […]}}` (at
least one does) or `{{not: […]}}` (none does). Groups nest {MAX_DEPTH} deep at most, with {MAX_LEAVES} comparisons in all and {MAX_VALUES} values in a
list. A comparison with a value that is not known is false, so its `not` is true; ask `exists` when the difference matters.

Relative dates stay relative: `{{"days_ago": 45}}` is counted back from the `as_of` of each answer. Moments are kept to the hour.

| attribute | what it is | value | operators | where it comes from | example |
| --- | --- | --- | --- | --- | --- |"""
