"""Bodies and queries of the inbox routes (design/wire.md, Messaging)."""

from typing import Annotated, Any, Final, Literal

from pydantic import Field, model_validator

from shared.kernel.pagination import DEFAULT_LIMIT, MAX_LIMIT
from shared.kernel.wire import Moment, Wire
from shared.messaging.campaigns.content import Content
from shared.messaging.campaigns.models import Slug

Shown = Literal["unread", "read", "snoozed", "archived"]
"""How an item stands at this moment."""
_SHOWN: Final = "`unread`, `read`, `snoozed` or `archived`; without it, what is neither snoozed nor archived."


def _absent() -> Any:
    """Stands where a body has no such field; a factory, so that an explicit null is still refused."""
    return None


class InboxQuery(Wire):
    """Which items, newest first; one that came back from a snooze counts as new."""

    state: Shown | None = Field(None, description=_SHOWN)
    organizer_id: Slug | None = None
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT
    cursor: str | None = None


class InboxItem(Wire):
    """One message in the inbox. ``arrivedAt`` is when it came, or came back; ``revision`` counts its reader's changes."""

    delivery_id: str
    campaign_id: str
    organizer_id: str | None = None
    content: Content
    state: Shown
    created_at: Moment
    arrived_at: Moment
    expires_at: Moment
    read_at: Moment | None = None
    archived_at: Moment | None = None
    snoozed_until: Moment | None = None
    revision: int


class InboxList(Wire):
    """One page of items, newest first."""

    items: list[InboxItem]
    next_cursor: str | None = None


class InboxCounts(Wire):
    """What is in the inbox now, without what is snoozed or archived: how much of it unread, and in all."""

    unread: int
    total: int


class InboxChange(Wire):
    """What to change; a field left out stays. ``snoozedUntil`` null ends a snooze early."""

    read: bool = Field(default_factory=_absent)
    archived: bool = Field(default_factory=_absent)
    snoozed_until: Moment | None = Field(default_factory=_absent)

    @model_validator(mode="after")
    def _not_both(self) -> "InboxChange":
        if self.archived and self.snoozed_until is not None:
            raise ValueError("an item is archived or snoozed, not both")
        return self


class ReadAllQuery(Wire):
    """Whose items to mark."""

    organizer_id: Slug | None = Field(None, description="The sender's; without it, everybody's.")


class ReadAll(Wire):
    """How many items were marked; ``complete`` false asks for the same call again: there are more."""

    updated: int
    complete: bool
