"""EventMetric and live snapshots on the wire, in snake_case (analytics-domain.md §2, design/wire.md)."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from shared.analytics.uniques import Count
from shared.kernel.wire import Moment

Day = Annotated[date, Field(strict=False)]


class Snake(BaseModel):
    """A body in snake_case; nothing unknown."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class MetricsQuery(Snake):
    """Social days, both included; the last 30 unless told otherwise, 400 at most."""

    from_: Day | None = Field(None, alias="from", description="The first social day.")
    to: Day | None = Field(None, description="The last social day.")


class EventMetric(Snake):
    """A day of an event. Money is in minor units of ``currency``, refunds taken off; all currencies in ``revenue_by_currency``.

    ``conversion_rate`` is buyers over viewers, both different people; null when nobody viewed. ``occupancy`` is the share of seats
    taken at the latest word. ``suspected_bots`` counts by reason what was left out.
    """

    event_id: str
    organization_id: str | None
    date: str
    views: int
    add_to_cart: int
    checkouts_started: int
    tickets_sold: int
    refunds: int
    revenue: int
    currency: str | None
    revenue_by_currency: dict[str, int]
    conversion_rate: float | None
    checkins: int
    rsvps: int
    occupancy: float | None
    unique_viewers: Count
    unique_buyers: Count
    suspected_bots: dict[str, int]
    as_of: Moment


class EventMetrics(Snake):
    """Days of an event, and all of them together: uniques of the whole are no sum. ``lag_seconds`` is how old the latest change is."""

    items: list[EventMetric]
    total: EventMetric
    as_of: Moment
    lag_seconds: int


class Socket(Snake):
    """Where the same snapshots come by themselves: a WebSocket address to connect to until ``expires_at``."""

    url: str
    expires_at: Moment


class LiveEvent(Snake):
    """Today, and now. ``active_checkouts`` began within 30 minutes and have not ended in a purchase. ``lag_seconds`` is how old the latest change is."""

    event_id: str
    organization_id: str | None
    date: str
    views: int
    add_to_cart: int
    active_checkouts: int
    tickets_sold: int
    revenue_by_currency: dict[str, int]
    seats_taken: int | None
    seats: int | None
    occupancy: float | None
    exact: bool = True
    as_of: Moment
    lag_seconds: int
    socket: Socket | None = None


class LiveOrganization(Snake):
    """Today's events of an organization, those with most views first, 100 at most."""

    organization_id: str
    events: list[LiveEvent]
    exact: bool = True
    as_of: Moment
    lag_seconds: int
    socket: Socket | None = None
