"""THE attribute table: everything a condition can ask about a person and a request, one row each.

Validation, the JSON Schema of a condition, ``docs/reference/attributes.md`` and the evaluator all read it, so a new
attribute is one row here (messaging-platform.md §5.1; design/wire.md, Experience).
"""

import json
from collections.abc import Mapping
from typing import Final

from shared.messaging.targeting import readings
from shared.messaging.targeting.kinds import (
    EXPECTS,
    MAX_DEPTH,
    MAX_LEAVES,
    MAX_VALUES,
    OPERATORS,
    Attribute,
    Kind,
    Op,
)
from shared.people.access import Role

_MEASURE: Final[tuple[Op, ...]] = ("lt", "lte", "gt", "gte", "exists")


_ROWS: Final = (
    Attribute(
        "person.type",
        Kind.CHOICE,
        readings.person_type,
        "profile `type`, `roles`",
        "`ip` a visitor without sign-in, `user` a signed-in person, `organizer` a signed-in person with that role.",
        ("in", ["user", "organizer"]),
        choices=("ip", "user", "organizer"),
    ),
    Attribute(
        "person.roles",
        Kind.TEXTS,
        lambda facts: facts.profile.roles,
        "profile `roles`",
        "The roles a person holds; nobody holds one before signing in.",
        ("contains", "organizer"),
        choices=(Role.ORGANIZER, Role.OPERATOR, Role.ADMIN),
    ),
    Attribute(
        "person.tier",
        Kind.CHOICE,
        lambda facts: facts.profile.tier,
        "profile `tier`",
        "The paid tier, lowest first; unknown for people without one.",
        ("gte", "silver"),
        choices=("basic", "bronze", "silver", "gold"),
        allowed=("eq", "in", "lt", "lte", "gt", "gte", "exists"),
    ),
    Attribute(
        "person.segments",
        Kind.TEXTS,
        lambda facts: facts.profile.segments,
        "profile `segments`",
        "Tags that the backend computed, such as `dormant_over_30`.",
        ("containsAny", ["dormant_over_30", "power_user"]),
    ),
    Attribute(
        "person.favorites",
        Kind.TEXTS,
        lambda facts: facts.profile.favorites,
        "profile `favorites`",
        "Ids of the organizers the person favourited.",
        ("contains", "org_la_viruta"),
    ),
    Attribute(
        "person.home.country",
        Kind.TEXT,
        lambda facts: facts.profile.home.country,
        "profile `home.country`",
        "Where the person says they live: ISO 3166-1 alpha-2, in capitals.",
        ("eq", "AR"),
    ),
    Attribute(
        "person.home.region",
        Kind.TEXT,
        lambda facts: facts.profile.home.region,
        "profile `home.region`",
        "The state or region of the home, as the person wrote it.",
        ("in", ["Massachusetts", "MA"]),
    ),
    Attribute(
        "person.home.city",
        Kind.TEXT,
        lambda facts: facts.profile.home.city,
        "profile `home.city`",
        "The city of the home, as the person wrote it.",
        ("eq", "Boston"),
    ),
    Attribute(
        "person.daysSinceFirstSeen",
        Kind.NUMBER,
        lambda facts: readings.days(facts.profile.first_seen_at, facts.now),
        "profile `firstSeenAt`, the clock",
        "Days of 24 hours since we first met, with their fraction.",
        ("lt", 14),
        allowed=_MEASURE,
    ),
    Attribute(
        "person.daysSinceRoleChange",
        Kind.NUMBER,
        lambda facts: readings.days(facts.profile.role_changed_at, facts.now),
        "profile `roleChangedAt`, the clock",
        "Days since the roles last changed, with their fraction; unknown when they never did.",
        ("lte", 30),
        allowed=_MEASURE,
    ),
    Attribute(
        "release.id",
        Kind.TEXT,
        lambda facts: facts.release_id,
        "request `releaseId`",
        "The release of the site that the page runs.",
        ("startsWith", "2025.11"),
    ),
    Attribute(
        "release.firstVisit",
        Kind.FLAG,
        readings.first_visit,
        "request `releaseId`, profile `releaseState.lastSeenReleaseId`",
        "Whether the person has not met this release yet; unknown when the request names none.",
        ("eq", True),
    ),
    Attribute(
        "release.acknowledged",
        Kind.FLAG,
        readings.acknowledged,
        "request `releaseId`, profile `releaseState.acknowledgedReleases`",
        "Whether the person acknowledged a message about this release; unknown when the request names none.",
        ("eq", False),
    ),
    Attribute(
        "visits.total",
        Kind.NUMBER,
        lambda facts: facts.profile.visits.total,
        "profile `visits`",
        "Visits so far. Requests less than 30 minutes apart are one visit; the present one counts once it is recorded.",
        ("gte", 3),
    ),
    Attribute(
        "visits.last7Days",
        Kind.NUMBER,
        readings.last_week,
        "profile `visits`, the clock",
        "Visits that began in the last 7 times 24 hours, at most 32.",
        ("gte", 2),
    ),
    Attribute(
        "visits.daysSinceLast",
        Kind.NUMBER,
        readings.days_since_last,
        "profile `visits`, the clock",
        "Days between the last visit and the present one, with their fraction: it stays the same while the visit "
        "lasts. Unknown on a first visit.",
        ("gt", 45),
        allowed=_MEASURE,
    ),
    Attribute(
        "request.locale",
        Kind.LANGUAGE,
        lambda facts: facts.locale,
        "request `locale`, else profile `locale`",
        "The reader's language (BCP 47). `es` covers `es-AR`; capitals do not matter.",
        ("in", ["es", "pt-BR"]),
    ),
    Attribute(
        "request.timezone",
        Kind.TEXT,
        lambda facts: facts.timezone,
        "request `timezone`, else profile `timezone`",
        "The reader's IANA zone: for what is shown on the page only.",
        ("startsWith", "America/"),
    ),
    Attribute(
        "request.page",
        Kind.TEXT,
        lambda facts: facts.page,
        "request `page`",
        "The path of the page that asks.",
        ("startsWith", "/events"),
    ),
    Attribute(
        "request.featureFlags",
        Kind.TEXTS,
        lambda facts: facts.feature_flags,
        "request `featureFlags`",
        "Feature flags that are on in the page.",
        ("contains", "beta_inbox"),
    ),
)
ATTRIBUTES: Final[Mapping[str, Attribute]] = {row.name: row for row in _ROWS}
"""Every attribute by its name."""


def render_reference() -> str:
    """The reference page of attributes and operators, in Markdown."""
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


_INTRODUCTION: Final = f"""# Attributes of conditions

A campaign's `audience` is a condition: a comparison `{{attribute, op, value}}`, or a group `{{all: […]}}` (each part holds),
`{{any: […]}}` (at least one does) or `{{not: […]}}` (none does). Groups nest {MAX_DEPTH} deep at most, with {MAX_LEAVES}
comparisons in all and {MAX_VALUES} values in a list. No audience means everyone.

A comparison with a value that is not known is false, so its `not` is true; ask `exists` when the difference matters.

| attribute | what it is | value | operators | where it comes from | example |
| --- | --- | --- | --- | --- | --- |"""
