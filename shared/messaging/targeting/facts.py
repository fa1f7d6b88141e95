"""What a decision knows when it judges a condition: the person's profile and the request."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from shared.people.profiles.models import Point, Profile


@dataclass(frozen=True, slots=True)
class Geo:
    """Where the page believes its reader to be: for what is displayed only."""

    city: str | None = None
    region: str | None = None
    country: str | None = None
    location: Point | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """A person at a moment, on a page. ``locale`` and ``timezone`` are the request's, else the profile's.

    ``experiments`` works out ``key:variant`` for each running experiment that the person falls into; it is called only
    when a condition asks.
    """

    profile: Profile
    now: datetime
    release_id: str | None = None
    feature_flags: frozenset[str] = frozenset()
    locale: str | None = None
    timezone: str | None = None
    page: str | None = None
    geo: Geo = Geo()
    experiments: Callable[[], Collection[str]] = tuple
