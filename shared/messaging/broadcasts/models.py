"""``messageBroadcasts/{id}`` and what lies below it (docs/broadcasts.md).

``audiencePages/{n}`` hold whom a broadcast is for, as it was frozen; ``audienceParts/{n}-{k}`` what became of the people of a part of
a page, written in the commits that wrote their messages. The broadcast itself carries the sums of the pages that are done.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Final, Literal, get_args

from shared.messaging.campaigns.content import Content
from shared.messaging.campaigns.models import Campaign
from shared.people.profiles.models import Home
from shared.premium.tiers import AudienceKind, SendChannel, Tier

State = Literal["scheduled", "freezing", "sending", "paused", "cancelling", "cancelled", "settled", "failed"]
STATES: Final[tuple[State, ...]] = get_args(State)
ENDED: Final[frozenset[State]] = frozenset({"cancelled", "settled", "failed"})
SEPARATOR: Final = "\x1f"
"""Between the people of a page: no id contains it."""
MAX_ERRORS: Final = 20
"""Errors that a broadcast remembers, latest last."""

Tally = Mapping[str, int]
"""Messages by channel, or people by the reason why they got none."""


@dataclass(frozen=True, slots=True)
class Exclusions:
    """Who is left out: followers of organizers, who received broadcasts, and whoever a condition fits."""

    followers_of: tuple[str, ...] = ()
    received: tuple[str, ...] = ()
    condition: Mapping[str, Any] | None = None

    @property
    def by_profile(self) -> bool:
        """Whether the profile must be read to know."""
        return bool(self.followers_of) or self.condition is not None


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom it is for. ``place`` is where the event is, for the rule on confirmed opt-ins."""

    kind: AudienceKind
    condition: Mapping[str, Any] | None = None
    segment_id: str | None = None
    segment_version: int | None = None
    place: Home | None = None
    exclude: Exclusions = Exclusions()


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed on when the broadcast was accepted; none of it changes later.

    ``limit`` is how many people it goes to at most, ``credits`` what it costs at most.
    """

    tier: Tier
    prices: Mapping[SendChannel, int]
    limit: int
    credits: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that went wrong with a page; it was tried again."""

    page: int
    code: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Frozen:
    """The audience so far: ``position`` is where the next page begins, ``digest`` a chain over all people in their order."""

    pages: int = 0
    people: int = 0
    position: str | None = None
    complete: bool = False
    digest: str = ""
    lost: Tally = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Progress:
    """What became of the pages that are done."""

    pages: int = 0
    people: int = 0
    delivered: Tally = field(default_factory=dict)
    pending: int = 0
    lost: Tally = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Broadcast:
    """A broadcast as read; ``update_time`` guards its next change.

    ``state`` moves as ``rules.TRANSITIONS`` says; ``resume_to`` is the state that a pause interrupted. ``open`` until there is nothing
    left to do, its webhook included. ``local_time`` and ``timezone`` are how its sender said ``start_at``. ``push_at`` is when the next round of
    pending pushes begins, ``push_after`` how far the present one has come, ``push_quiet`` when the first of its quiet hours end.
    """

    id: str
    organizer_id: str
    actor: str
    content: Content
    content_hash: str
    audience: Audience
    channels: tuple[SendChannel, ...]
    terms: Terms
    start_at: datetime
    created_at: datetime
    updated_at: datetime
    state: State = "scheduled"
    resume_to: State | None = None
    local_time: str | None = None
    timezone: str | None = None
    reservation_id: str | None = None
    frozen: Frozen = Frozen()
    progress: Progress = Progress()
    errors: tuple[Trouble, ...] = ()
    failures: int = 0
    push_tries: int = 0
    push_after: str | None = None
    push_at: datetime | None = None
    push_quiet: datetime | None = None
    began_at: datetime | None = None
    ended_at: datetime | None = None
    credits: int | None = None
    failure: str | None = None
    open: bool = True
    expires_at: datetime | None = None
    update_time: int | None = None

    @property
    def ended(self) -> bool:
        """Whether no message will follow."""
        return self.state in ENDED

    def campaign(self) -> Campaign:
        """What its deliveries are deliveries of."""
        return Campaign(
            id=self.id,
            type="organizer_broadcast" if self.audience.kind == "favorites" else "organizer_targeted",
            name=self.content.title,
            organizer_id=self.organizer_id,
            content=self.content,
            delivery_channels=list(self.channels),
            status="active",
            created_at=self.created_at,
            updated_at=self.created_at,
            created_by=self.actor,
        )


@dataclass(frozen=True, slots=True)
class Page:
    """People of the audience, in their order; "" stands where somebody was erased.

    Of followers ``begin`` and ``end`` say between which places of the shards they are (None: from the first, to the last).
    """

    number: int
    people: tuple[str, ...]
    begin: str | None = None
    end: str | None = None


NESTED: Final[Mapping[str, type]] = {"terms": Terms, "frozen": Frozen, "progress": Progress}


def plain(thing: Any) -> dict[str, Any]:
    """The fields of one of the small classes here, by their names in the store."""
    return {camel(each.name): _plain(getattr(thing, each.name)) for each in fields(thing)}


def camel(name: str) -> str:
    """``start_at`` as ``startAt``."""
    head, *tail = name.split("_")
    return head + "".join(word.capitalize() for word in tail)


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return dict(value)
    return plain(value) if hasattr(value, "__dataclass_fields__") else value
