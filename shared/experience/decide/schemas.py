"""Bodies of ``POST /experience/decide`` (design/wire.md, Experience)."""

from typing import Annotated, Literal

from pydantic import Field

from shared.experience.explain.schemas import Because, TraceRow
from shared.kernel.wire import Moment, Wire
from shared.messaging.campaigns.content import Content
from shared.messaging.campaigns.models import CampaignType, Channel, Slug
from shared.people.places import CountryCode, GeoPoint, LanguageTag, Name
from shared.people.visitors import VisitorId


class Geo(Wire):
    """Where the page believes its reader to be: for what is displayed only, never for paid campaigns or quiet hours."""

    city: Name | None = None
    region: Name | None = None
    country: CountryCode | None = None
    location: GeoPoint | None = None


class DecideRequest(Wire):
    """What a page knows of itself and its reader.

    ``visitorId`` alone identifies a visitor when it is sent; the network address only without it. ``timezone`` that is
    no IANA zone counts as not sent: browsers know zones that we may not.
    """

    release_id: Slug
    feature_flags: Annotated[list[Slug], Field(max_length=50)] = Field(default_factory=list)
    visitor_id: VisitorId | None = None
    locale: LanguageTag | None = None
    timezone: Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9_+/-]+$")] | None = None
    geo: Geo | None = None
    page: Annotated[str, Field(max_length=500, pattern=r"^/[^\s\x00-\x1f\x7f]*$")] | None = None
    channels: Annotated[list[Channel], Field(max_length=len(Channel))] | None = None


class DecideQuery(Wire):
    """Whether to explain."""

    explain: bool = Field(
        default=False, description="Adds the trace: to admins of all campaigns, to organizers of their own."
    )


class Message(Wire):
    """One message to render now. Report on it at ``/messages/ack``; visitors send its ``ackToken``.

    ``variant`` is the key of the one that its reader was dealt, whose words ``content`` has. ``reason`` tells the reader why
    they see it; who wants less of it says so at ``/people/me/less-of-this``.

    Not to be shown any more after ``expiresAt``: what it counted against caps is free again by then.
    """

    delivery_id: str
    ack_token: str
    campaign_id: str
    campaign_version: int
    type: CampaignType
    channel: Channel
    priority: int
    content: Content
    variant: str | None = None
    reason: Because
    expires_at: Moment


class DecideAnswer(Wire):
    """What to show, and after how many seconds to ask again."""

    decision_id: str
    person_type: Literal["ip", "user"]
    messages: list[Message]
    next_check_in_seconds: int
    trace: list[TraceRow] | None = None
