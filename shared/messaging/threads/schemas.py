"""Bodies and queries of the thread routes (design/wire.md, Messaging)."""

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, model_validator

from shared.kernel.pagination import DEFAULT_LIMIT, MAX_LIMIT
from shared.kernel.texts import sendable
from shared.kernel.wire import Moment, Wire
from shared.messaging.campaigns.models import Slug
from shared.messaging.threads.models import SenderRole, ThreadType

MAX_BODY: Final = 4_000
"""Characters (Unicode code points) of a message."""

Text = Annotated[str, Field(min_length=1, max_length=MAX_BODY), AfterValidator(sendable)]
"""Plain text, stored as sent and never HTML (reliability.md, Part 2: unicode abuse)."""
PersonKey = Annotated[str, Field(pattern=r"^[^/\x00-\x1f\x7f]{1,128}$")]
Id = Annotated[str, Field(pattern=r"^[a-z]+_[a-z0-9]{20,40}$")]
ClientId = Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,128}$")]
Limit = Annotated[int, Field(ge=1, le=MAX_LIMIT)]


class Recipient(Wire):
    """An organizer, or (for those who speak for one) a person."""

    organizer_id: Slug | None = None
    person_key: PersonKey | None = None

    @model_validator(mode="after")
    def _one(self) -> "Recipient":
        if (self.organizer_id is None) == (self.person_key is None):
            raise ValueError("name an organizer or a person")
        return self


class SendMessage(Wire):
    """A message, into a thread or to a recipient; the thread of the two about the event is found or begun.

    ``organizerId`` says for whom the caller writes to a person, where they speak for several organizers.
    """

    thread_id: Id | None = None
    recipient: Recipient | None = None
    organizer_id: Slug | None = None
    event_id: Slug | None = None
    type: ThreadType
    body: Text
    client_message_id: ClientId | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "SendMessage":
        if self.thread_id is not None and (self.recipient or self.event_id or self.organizer_id):
            raise ValueError("a thread has its participants and its event")
        return self


class Sent(Wire):
    """A message that was sent; a repeat of the call gets the same."""

    thread_id: str
    message_id: str
    sent_at: Moment
    status: Literal["sent"] = "sent"


class ThreadsQuery(Wire):
    """Whose threads, latest first; by default one's own."""

    organizer_id: Slug | None = Field(None, description="Those of this organizer, for whom one speaks.")
    support: bool = Field(default=False, description="Those of support, for operators.")
    archived: bool = Field(default=False, description="Those in the archive instead of the others.")
    limit: Limit = DEFAULT_LIMIT
    cursor: str | None = None


class MessagesQuery(Wire):
    """Which messages, latest first."""

    limit: Limit = DEFAULT_LIMIT
    cursor: str | None = None


class LastMessage(Wire):
    """The latest message, with the first 140 characters of its text."""

    message_id: str
    sender_role: SenderRole
    preview: str
    sent_at: Moment


class ThreadView(Wire):
    """A thread as one of its two participants sees it.

    ``role`` is the caller's own. ``otherLastReadMessageId`` is how far the other has read. ``muted`` and ``blocked`` are the
    caller's own doing; whether the other blocked is never told, and ``blocked`` only where a single thread is read.
    """

    thread_id: str
    type: ThreadType
    role: SenderRole
    person_key: str
    person_name: str | None = None
    organizer_id: str | None = None
    event_id: str | None = None
    created_at: Moment
    last_message: LastMessage
    unread: int
    last_read_message_id: str | None = None
    other_last_read_message_id: str | None = None
    archived: bool
    muted: bool
    muted_until: Moment | None = None
    blocked: bool | None = None
    blocked_until: Moment | None = None


class ThreadList(Wire):
    """One page of threads, latest message first."""

    items: list[ThreadView]
    next_cursor: str | None = None


class ThreadChange(Wire):
    """Into one's archive or out of it; the next message takes the thread out."""

    archived: bool


class MessageView(Wire):
    """One message. ``status`` is ``read`` once its recipient has read so far; ``removed`` by an operator's decision, without its text."""

    message_id: str
    sender_role: SenderRole
    mine: bool
    body: str
    sent_at: Moment
    status: Literal["sent", "read"]
    removed: bool | None = None


class MessageList(Wire):
    """One page of messages, latest first."""

    items: list[MessageView]
    next_cursor: str | None = None


class PutReceipt(Wire):
    """The latest message that was read."""

    last_read_message_id: Id


class Receipt(Wire):
    """How far the caller has read, and what is left."""

    last_read_message_id: str
    unread: int


class Until(Wire):
    """Until when; without it, for good. At most ten years ahead."""

    until: Moment | None = None
