"""Bodies of ``POST /messages/campaigns/{id}/simulate`` (design/wire.md, Experience; docs/explain.md, Simulation)."""

from typing import Annotated, Literal

from pydantic import Field

from shared.kernel.wire import Moment, Wire
from shared.messaging.campaigns.models import Channel, Slug
from shared.messaging.campaigns.schemas import ChangeCampaign
from shared.people.places import LanguageTag, TimeZoneName


class SimulatedPage(Wire):
    """The page that everybody is taken to ask from; what is left out is as each was last known."""

    release_id: Slug | None = None
    feature_flags: Annotated[list[Slug], Field(max_length=50)] = Field(default_factory=list)
    locale: LanguageTag | None = None
    timezone: TimeZoneName | None = None
    page: Annotated[str, Field(max_length=500, pattern=r"^/[^\s\x00-\x1f\x7f]*$")] | None = None
    channels: Annotated[list[Channel], Field(max_length=len(Channel))] | None = None


class SimulateRequest(Wire):
    """``campaign`` are changes to try over the stored campaign, as a PATCH would make them; nothing is stored.

    ``at`` is the moment, by default now, or the campaign's start when that is still to come. ``sample`` reads fewer profiles.
    """

    campaign: ChangeCampaign | None = None
    page: SimulatedPage = SimulatedPage()
    at: Moment | None = None
    sample: Annotated[int, Field(ge=100, le=20_000)] | None = None


class Figure(Wire):
    """A number of people (or messages): ``text`` always says it.

    ``low`` and ``high`` bound it with 95 % confidence where it was estimated. Organizers see numbers rounded to 5, and
    below 20 only «under 20».
    """

    value: int | None
    low: int | None = None
    high: int | None = None
    text: str


class Loss(Wire):
    """One reason code with how many were lost by it: for admins."""

    reason: str
    lost: Figure


class WaterfallRow(Wire):
    """One check, in order: how many it lost of those the checks before had left, and how many are left."""

    check: str
    lost: Figure
    left: Figure
    reasons: list[Loss] = Field(default_factory=list)


class Operations(Wire):
    """Store operations: what messages cost from decision to acknowledgement, the decision's own read aside."""

    reads: int
    writes: int


class Cost(Wire):
    """What it will cost: for each message shown, on the first day, and once everybody has seen it. Null: not told, or not for you."""

    per_message: Operations
    first_day: Operations | None
    everybody: Operations | None
    simulation: Operations | None


class Sample(Wire):
    """How the profiles were chosen, and how the bounds are to be read."""

    profiles: Figure
    population: Figure
    exact: bool
    confidence: float
    method: Literal["wilson_score"]


class Simulation(Wire):
    """What would become of the draft for the profiles there are. ``examples`` are keys of signed-in people, for admins."""

    campaign_id: str
    based_on_version: int
    at: Moment
    sample: Sample
    waterfall: list[WaterfallRow]
    would_see: Figure
    first_day: Figure
    examples: list[str]
    cost: Cost
