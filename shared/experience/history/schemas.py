"""Bodies of ``GET /experience/decisions/{decisionId}`` (design/wire.md, Experience; docs/explain.md)."""

from typing import Literal

from pydantic import Field

from shared.experience.explain.schemas import CheckRow, TraceRow
from shared.experience.history.models import Why
from shared.kernel.wire import Moment, Wire
from shared.messaging.campaigns.models import Channel


class DecisionQuery(Wire):
    """Whether to compare."""

    replay: Literal["now"] | None = Field(
        None, description="Makes the decision again with what is there today, and tells what differs."
    )


class Place(Wire):
    """Where the page believed its reader to be."""

    city: str | None = None
    region: str | None = None
    country: str | None = None


class Asked(Wire):
    """What the page had said."""

    release_id: str | None
    feature_flags: list[str]
    locale: str | None
    timezone: str | None
    page: str | None
    geo: Place
    channels: list[Channel]


class SentMessage(Wire):
    """One message of the decision; ``deliveryId`` is for admins."""

    delivery_id: str | None
    campaign_id: str
    campaign_version: int
    channel: Channel


class Outcome(Wire):
    """What became of a campaign."""

    campaign_version: int
    shown: bool
    channel: Channel | None
    check: str
    reason: str


class ChangedCheck(Wire):
    """A check that comes out otherwise; null on the side where it was not made."""

    check: str
    then: CheckRow | None
    now: CheckRow | None


class ChangedRow(Wire):
    """A campaign that comes out otherwise, and the checks that make it so."""

    campaign_id: str
    then: Outcome | None
    now: Outcome | None
    checks: list[ChangedCheck]


class Difference(Wire):
    """What would be otherwise today.

    ``campaigns``: the person and the moment as they were, with today's campaigns. ``person``: today's campaigns for the person
    as they are now, at this moment; null when they are not found under that key any more.
    """

    at: Moment
    campaigns: list[ChangedRow]
    person: list[ChangedRow] | None


class KeptDecision(Wire):
    """A decision of the last 7 days, made again with the campaigns of its moment.

    ``exact``: it came out as it did then. ``missing`` names campaigns whose version cannot be judged any more; then it may
    not. ``asked`` is for admins.
    """

    decision_id: str
    at: Moment
    expires_at: Moment
    why: Why
    person_type: Literal["ip", "user"]
    asked: Asked | None
    messages: list[SentMessage]
    next_check_in_seconds: int
    exact: bool
    missing: list[str]
    trace: list[TraceRow]
    difference: Difference | None = None
