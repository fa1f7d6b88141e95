"""What a condition can ask about a request: rows of the attribute table (messaging-platform.md §5.1)."""

from typing import Final

from shared.messaging.targeting import readings
from shared.messaging.targeting.kinds import Attribute, Kind

OF_REQUESTS: Final = (
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
        display_only=True,
    ),
    Attribute(
        "request.geo.country",
        Kind.TEXT,
        lambda facts: facts.geo.country,
        "request `geo.country`",
        "Where the page believes its reader to be: ISO 3166-1 alpha-2, in capitals.",
        ("in", ["AR", "UY"]),
        display_only=True,
    ),
    Attribute(
        "request.geo.region",
        Kind.TEXT,
        lambda facts: facts.geo.region,
        "request `geo.region`",
        "The state or region where the page believes its reader to be.",
        ("eq", "Massachusetts"),
        display_only=True,
    ),
    Attribute(
        "request.geo.city",
        Kind.TEXT,
        lambda facts: facts.geo.city,
        "request `geo.city`",
        "The city where the page believes its reader to be.",
        ("eq", "Boston"),
        display_only=True,
    ),
    Attribute(
        "request.geo.location",
        Kind.POINT,
        lambda facts: facts.geo.location,
        "request `geo.location`",
        "The point where the page believes its reader to be.",
        ("within", {"lat": 42.36, "lon": -71.06, "km": 40}),
        display_only=True,
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
    Attribute(
        "time.local",
        Kind.CLOCK,
        readings.clock_of_reader,
        "request `timezone`, else profile `timezone`, the clock",
        "The time of day where the reader is; `zone` names another place. Unknown without a zone.",
        ("during", {"from": "18:00", "to": "00:00", "zone": "America/New_York"}),
        display_only=True,
    ),
)
"""What the page said, and what follows from it together with the profile."""
