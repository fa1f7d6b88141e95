"""Bodies and queries of the campaign routes (design/wire.md, Experience)."""

from typing import Annotated, Any, Literal

from pydantic import Field

from shared.kernel.pagination import DEFAULT_LIMIT, MAX_LIMIT
from shared.kernel.wire import Wire
from shared.messaging.campaigns.content import Content, Title
from shared.messaging.campaigns.models import (
    Campaign,
    CampaignType,
    Channels,
    Metadata,
    Priority,
    Scheduling,
    Slug,
    Status,
)
from shared.messaging.experiments.models import Experiment, Rollout
from shared.messaging.targeting.schema import Audience

Limit = Annotated[int, Field(ge=1, le=MAX_LIMIT)]


def _absent() -> Any:
    """Stands where a body has no such field; a factory, so that an explicit null is still refused."""
    return None


class CreateCampaign(Wire):
    """A new campaign, as a draft or active at once. Organizers name their own ``organizerId``.

    ``transactional``: it answers what its reader has just done or been granted, such as a role, and so passes the pressure
    budget, which still counts it; only for types ``system`` and ``upgrade``.
    """

    type: CampaignType
    name: Title
    organizer_id: Slug | None = None
    audience: Audience | None = None
    content: Content
    delivery_channels: Channels
    priority: Priority = 100
    transactional: bool = False
    scheduling: Scheduling = Scheduling()
    metadata: Metadata = Metadata()
    rollout: Rollout | None = None
    experiment: Experiment | None = None
    status: Literal["draft", "active"] = "draft"


class ChangeCampaign(Wire):
    """Fields to replace, each as a whole; fields left out stay. Type and organizer never change.

    What people have used of the campaign's caps, and what they acknowledged, stays theirs unless ``resetCaps``. While a
    campaign is active, what deals people their places stays: seeds, the experiment's key, the order of its variants.
    """

    name: Title = Field(default_factory=_absent)
    audience: Audience | None = Field(default_factory=_absent, description="null: everyone.")
    content: Content = Field(default_factory=_absent)
    delivery_channels: Channels = Field(default_factory=_absent)
    priority: Priority = Field(default_factory=_absent)
    transactional: bool = Field(default_factory=_absent)
    scheduling: Scheduling = Field(default_factory=_absent)
    metadata: Metadata = Field(default_factory=_absent)
    rollout: Rollout | None = Field(default_factory=_absent, description="null: the whole audience.")
    experiment: Experiment | None = Field(default_factory=_absent, description="null: one text for all.")
    status: Status = Field(default_factory=_absent)
    reset_caps: bool = False


class CampaignsQuery(Wire):
    """Filters of the list."""

    status: Status | None = None
    type: CampaignType | None = None
    organizer_id: Slug | None = Field(
        None, description="Those of this organizer; without it an organizer gets those of all of theirs."
    )
    limit: Limit = DEFAULT_LIMIT
    cursor: str | None = None


class VersionsQuery(Wire):
    """Which versions, newest first."""

    limit: Limit = DEFAULT_LIMIT
    cursor: str | None = None


class CampaignList(Wire):
    """One page of campaigns, or of one campaign's versions, newest first."""

    items: list[Campaign]
    next_cursor: str | None = None
