"""Broadcasts on the wire (design/wire.md, Messaging)."""

from typing import Annotated, Literal

from pydantic import Field

from shared.kernel.cohorts import Count
from shared.kernel.pagination import DEFAULT_LIMIT, MAX_LIMIT
from shared.kernel.wire import Moment, Wire
from shared.messaging.broadcasts.models import State
from shared.messaging.campaigns.content import Content
from shared.messaging.campaigns.models import Slug
from shared.messaging.targeting.schema import Audience as Condition
from shared.people.places import CountryCode, Name, TimeZoneName
from shared.premium.tiers import SendChannel, Tier


class Exclude(Wire):
    """Who is left out although they belong to the audience.

    ``followersOf``: who follows one of these organizers. ``received``: who was sent one of these broadcasts of the same organizer.
    ``condition``: whom it fits.
    """

    followers_of: Annotated[list[Slug], Field(max_length=10)] = Field(default_factory=list)
    received: Annotated[list[Slug], Field(max_length=5)] = Field(default_factory=list)
    condition: Condition | None = None


class Place(Wire):
    """Where the event is: outside their home region people must have confirmed that they want invitations."""

    region: Name | None = None
    country: CountryCode


class ToFavorites(Wire):
    """The organizer's followers."""

    type: Literal["favorites"]
    exclude: Exclude = Exclude()


class ToCriteria(Wire):
    """People with the marketing opt-in whom a condition fits."""

    type: Literal["criteria"]
    criteria: Condition
    place: Place | None = None
    exclude: Exclude = Exclude()


class ToSegment(Wire):
    """People with the marketing opt-in in a stored segment; without ``version``, its present one."""

    type: Literal["segment"]
    segment_id: Slug
    version: Annotated[int, Field(ge=1)] | None = None
    place: Place | None = None
    exclude: Exclude = Exclude()


class Schedule(Wire):
    """When: a local time and its IANA zone. A time that the clocks skip means the moment an hour later, one that they repeat the first."""

    local_time: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$")]
    timezone: TimeZoneName


class SendBroadcast(Wire):
    """A message to many. ``digest`` is that of a dry run: it is only sent when what was seen there still holds."""

    organizer_id: Slug
    content: Content
    audience: Annotated[ToFavorites | ToCriteria | ToSegment, Field(discriminator="type")]
    channels: Annotated[list[SendChannel], Field(min_length=1, max_length=2)]
    schedule: Schedule | None = None
    digest: Annotated[str, Field(max_length=300)] | None = None


class SendQuery(Wire):
    """Whether to try only."""

    dry_run: bool = False


class Loss(Wire):
    """How many people are lost for one reason."""

    reason: str
    people: Count


class Operations(Wire):
    """What the stores would bill, at the most."""

    reads: int
    writes: int


class SegmentDrift(Wire):
    """How the people of the segment's version have changed since it was made. ``alarming``: more than a fifth came or went."""

    then: Count
    now: Count
    joined: Count
    left: Count
    alarming: bool


class DryRun(Wire):
    """What would become of a broadcast now. ``exact`` False: found on a sample of the audience, or told as organizers may know it.

    ``people`` is the audience before losses, ``recipients`` who would be written to by channel. It costs ``credits`` at most, of which
    the organizer has ``available``; it takes ``seconds`` once it begins, at ``startsAt``. ``drift`` is that of a segment.
    """

    organizer_id: str
    exact: bool
    people: Count
    losses: list[Loss]
    recipients: dict[SendChannel, Count]
    tier: Tier
    prices: dict[SendChannel, int]
    credits: int
    available: int
    drift: SegmentDrift | None = None
    operations: Operations
    seconds: int
    starts_at: Moment
    digest: str


class BroadcastProgress(Wire):
    """How far it is: people frozen into the audience, people done, messages by channel, people lost by reason."""

    people: Count
    done: Count
    delivered: dict[SendChannel, Count]
    losses: list[Loss]


class BroadcastError(Wire):
    """Something that went wrong with a page of the audience, and was tried again."""

    page: int
    code: str
    at: Moment


class BroadcastView(Wire):
    """A broadcast. ``credits`` is what it costs at most, and once it has ended what it cost.

    ``segmentId`` and ``segmentVersion`` are what was pinned when it was accepted, of one to a segment.
    """

    id: str
    organizer_id: str
    state: State
    content: Content
    audience_type: Literal["favorites", "criteria", "segment"]
    segment_id: str | None = None
    segment_version: int | None = None
    channels: list[SendChannel]
    schedule: Schedule | None = None
    starts_at: Moment
    began_at: Moment | None = None
    ended_at: Moment | None = None
    created_at: Moment
    tier: Tier
    credits: int
    failure: str | None = None
    progress: BroadcastProgress
    errors: list[BroadcastError]


class BroadcastsQuery(Wire):
    """Which page; without ``organizerId`` those of all the caller's organizers."""

    organizer_id: Slug | None = None
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT
    cursor: str | None = None


class BroadcastList(Wire):
    """One page of broadcasts, newest first."""

    items: list[BroadcastView]
    next_cursor: str | None = None


class BroadcastReport(Wire):
    """What readers did with it, by now. Each number counts people who ever did so, whatever they did afterwards.

    ``unsubscribed``: consents to the organizer withdrawn in the 7 days after it began. ``replies``: conversations begun about it.
    """

    broadcast_id: str
    state: State
    delivered: Count
    seen: Count
    clicked: Count
    acknowledged: Count
    unsubscribed: Count
    replies: Count
    credits: int
    as_of: Moment
