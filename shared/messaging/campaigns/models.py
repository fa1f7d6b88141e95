"""``messageCampaigns/{id}`` as the messaging document draws it (§4.1): one shape, stored and on the wire."""

from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import Field

from shared.kernel.wire import Moment, Wire
from shared.messaging.campaigns.content import Content, Title
from shared.messaging.experiments.models import Experiment, Rollout
from shared.messaging.targeting.schema import Audience


class Channel(StrEnum):
    """Where a message can appear. A helper is a modal of several steps and counts as one."""

    MODAL = "modal"
    HELPER = "helper"
    BANNER = "banner"
    SNACKBAR = "snackbar"
    TOAST = "toast"
    INBOX = "inbox"
    PUSH = "push"
    SMS = "sms"
    EMAIL = "email"


ON_PAGE: Final = (Channel.MODAL, Channel.HELPER, Channel.BANNER, Channel.SNACKBAR, Channel.TOAST)
"""What ``decide`` can answer with."""
MODAL_LIKE: Final = frozenset({Channel.MODAL, Channel.HELPER})
"""At most one of these a call, and under the modal budget."""

Channels = Annotated[list[Channel], Field(min_length=1, max_length=len(Channel))]
Priority = Annotated[int, Field(ge=0, le=1000)]
"""The higher one is shown first."""
CampaignType = Literal["system", "upgrade", "organizer_broadcast", "organizer_targeted", "user_to_user"]
Status = Literal["draft", "active", "paused", "archived"]
Tier = Literal["basic", "bronze", "silver", "gold"]
Slug = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
"""An id chosen by people: a release, an organizer, a feature flag."""


class Scheduling(Wire):
    """When and how often: ``cooldown_hours`` between two showings, ``max_deliveries_per_user`` in all."""

    start_at: Moment | None = None
    end_at: Moment | None = None
    cooldown_hours: Annotated[float, Field(ge=0, le=24 * 365)] | None = None
    max_deliveries_per_user: Annotated[int, Field(ge=1, le=1000)] | None = None


class Metadata(Wire):
    """Requirements beside the audience; all are ANDed (design/wire.md, Experience)."""

    release_id: Slug | None = None
    role_requirement: Literal["organizer", "operator", "admin"] | None = None
    paid_tier_requirement: Tier | None = None


class Campaign(Wire):
    """A campaign at one version.

    ``audience`` is a condition of the closed grammar (``messaging.targeting``), None everyone. ``rollout`` lets a share of
    the audience in, ``experiment`` deals them variants of the content (``messaging.experiments``). ``transactional``: it
    answers what its reader has just done or been granted, such as a role; the pressure budget counts it and never holds it
    back. The site's own campaigns alone may be.
    """

    id: str
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
    status: Status = "draft"
    version: int = 1
    caps_version: int = 1
    created_at: Moment
    updated_at: Moment
    created_by: str
