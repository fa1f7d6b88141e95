"""``cohortSegments`` and ``cohortSegmentVersions``: definitions of segments, each version kept as it was (analytics-domain.md §2, 6)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from shared.analytics.segments.filters import Filter, parse
from shared.analytics.segments.ready import READY

MAX_SEGMENTS: Final = 200
"""Segments of one organizer."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One version of a segment; ``organization_id`` None: the site's own. ``ready`` ones stand in the code and never change.

    ``size`` is the number of people when the version was made, as its owner may hear it (None: fewer than 20), at ``sized_at``.
    """

    id: str
    organization_id: str | None
    name: str
    filters: Mapping[str, Any] = field(repr=False)
    version: int
    created_at: datetime
    updated_at: datetime
    size: int | None = None
    sized_at: datetime | None = None
    ready: bool = False

    def tree(self) -> Filter:
        """The filters, typed. What an organizer's segment holds is always signed-in people."""
        raw: Mapping[str, Any] = self.filters
        if self.organization_id is not None:
            raw = {"all": [{"attribute": "person.type", "op": "eq", "value": "user"}, raw]}
        return parse(raw)


_READY_SINCE: Final = datetime.fromisoformat("2026-11-01T00:00:00+00:00")
READY_MADE: Final[Mapping[str, Segment]] = {
    ident: Segment(ident, None, name, filters, 1, _READY_SINCE, _READY_SINCE, ready=True)
    for ident, (name, filters) in READY.items()
}
"""The ready-made segments by id."""
