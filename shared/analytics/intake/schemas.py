"""``POST /track`` on the wire (design/wire.md, Analytics)."""

from typing import Annotated, Any, Literal

from pydantic import Field

from shared.kernel.wire import Moment, Wire
from shared.people.visitors import VisitorId


class TrackEvent(Wire):
    """One event. Without ``eventId`` a repeat counts again; without ``timestamp`` it happened now."""

    event_id: str | None = Field(None, pattern=r"^[\x21-\x7e]{1,128}$")
    event_type: str = Field(pattern=r"^[a-z][a-z0-9_.]{0,47}$")
    timestamp: Moment | None = None
    person_key: str | None = Field(None, max_length=128)
    metadata: dict[str, Any] = Field(default_factory=dict, max_length=50)


class TrackRequest(Wire):
    """Up to 500 events."""

    events: Annotated[list[TrackEvent], Field(min_length=1, max_length=500)]
    visitor_id: VisitorId | None = None


class TrackItem(Wire):
    """What became of one event; ``code`` says why it was refused."""

    index: int
    event_id: str
    status: Literal["accepted", "refused"]
    code: str | None = None


class TrackAnswer(Wire):
    """How many were accepted, and each event in order."""

    accepted: int
    items: list[TrackItem]
