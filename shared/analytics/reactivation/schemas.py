"""``GET /analytics/reactivation`` on the wire (design/wire.md, Analytics; messaging-platform.md §10)."""

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import Field

from shared.kernel.cohorts import Count
from shared.kernel.wire import Moment, Wire

Ident = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
Day = Annotated[date, Field(strict=False)]
Channel = Literal["inbox", "push"]
DEFAULT_WITHIN: Final = 14
"""Days."""


class ReactivationQuery(Wire):
    """Which messages: those of these days (UTC), of the last 30 days whose answers are in unless told otherwise."""

    organization_id: Ident | None = Field(
        None, description="Only this organization's messages; an organizer of one need not say it."
    )
    campaign_id: Ident | None = Field(None, description="Only this broadcast.")
    channel: Channel | None = Field(None, description="Only what went this way.")
    from_: Day | None = Field(None, alias="from", description="The first day (UTC).")
    to: Day | None = Field(None, description="The last day (UTC).")
    within_days: Annotated[int, Field(ge=1, le=30)] = Field(
        DEFAULT_WITHIN, description="So many days to come back in."
    )


class Rate(Wire):
    """A share of people; but for chance it lies between ``low`` and ``high`` in 95 of 100 cases."""

    value: float
    low: float
    high: float


class Group(Wire):
    """People who had stayed away for 30 days, and those who came back in time; ``rate`` None where a number is not told."""

    dormant: Count
    returned: Count
    rate: Rate | None = None


class Reactivation(Wire):
    """Dormant people whom a message reached, and those whom none did, each with as many days to come back in.

    Nobody was left out by lot: who was written to may differ from who was not in more than the message. ``exact``: everybody was counted, and
    the numbers are told as they are; else they are off by ``bound`` people at most, or drawn from a sample whose chance is in the rates.
    ``complete``: everybody has had their days. ``difference`` is the share of those written to less the other.
    """

    organization_id: str | None = None
    campaign_id: str | None = None
    channel: Channel | None = None
    first_day: date
    last_day: date
    within_days: int
    dormant_days: int
    reached: Group
    comparison: Group
    difference: Rate | None = None
    complete: bool
    exact: bool
    bound: int
    as_of: Moment
    lag_seconds: int
