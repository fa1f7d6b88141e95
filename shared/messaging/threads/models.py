"""Conversations of two: a person, and an organizer or the site's support (messaging-platform.md §4.1, §6.4).

Both sit at the thread on a seat of their own; what one sees, has read or muted is no business of the other's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

Seat = Literal["person", "host"]
SEATS: Final[tuple[Seat, Seat]] = ("person", "host")
OTHER: Final[Mapping[Seat, Seat]] = {"person": "host", "host": "person"}
SenderRole = Literal["user", "organizer", "support"]
ThreadType = Literal["question", "support", "followup"]


@dataclass(frozen=True, slots=True)
class Host:
    """Who a person talks to: an organizer, or the site's support."""

    role: Literal["organizer", "support"]
    id: str

    @property
    def key(self) -> str:
        """The host among participants."""
        return f"{self.role}:{self.id}"


SUPPORT: Final = Host("support", "site")


@dataclass(frozen=True, slots=True)
class Meeting:
    """Who talks to whom about which event: there is one thread for each."""

    person: str
    host: Host
    event_id: str | None = None

    @property
    def person_key(self) -> str:
        """The person among participants."""
        return f"user:{self.person}"


@dataclass(frozen=True, slots=True)
class Last:
    """The latest message that one seat has, with the beginning of its text."""

    message_id: str
    role: SenderRole
    preview: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a seat has read: up to that message, which was the ``received``-th that reached it from the other."""

    message_id: str
    seq: int
    received: int


@dataclass(frozen=True, slots=True)
class Muted:
    """No badge and no push for this thread, until that moment or for good."""

    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Chair:
    """What one seat has of a thread.

    ``last`` None: the thread is in no list of theirs, because nothing reached them yet or they left. ``since`` hides
    messages up to that number for good, ``skipped`` of which had come from the other: they count as read, and are not told as such.
    """

    last: Last | None = None
    received: int = 0
    read: Mark | None = None
    since: int = 0
    skipped: int = 0
    wrote: bool = False
    left: bool = False
    archived: bool = False
    muted: Muted | None = None

    @property
    def unread(self) -> int:
        """Messages of the other that this seat has not read."""
        return self.received - max(self.skipped, self.read.received if self.read else 0)


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread as read. ``seq`` numbers its messages, ``edits`` counts texts that were removed; ``oldest_at`` is the age of what is kept."""

    id: str
    meeting: Meeting
    type: ThreadType
    person_name: str | None
    started_by: Seat
    created_at: datetime
    last_message_at: datetime
    oldest_at: datetime
    seats: Mapping[Seat, Chair]
    seq: int = 0
    edits: int = 0
    update_time: int | None = None

    def role_of(self, seat: Seat) -> SenderRole:
        """What the seat is called on the wire."""
        return "user" if seat == "person" else self.meeting.host.role


@dataclass(frozen=True, slots=True)
class Message:
    """One message, stored as it was sent. ``received`` says for each seat how many had reached it by then.

    ``visible_to`` leaves out a recipient who had blocked the sender, or had left: the message never reaches them.
    ``consent_id`` is the ledger entry that allowed a host to write first.
    """

    id: str
    thread_id: str
    seq: int
    seat: Seat
    role: SenderRole
    body: str
    sent_at: datetime
    visible_to: tuple[Seat, ...]
    received: Mapping[Seat, int]
    consent_id: str | None = None
    removed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """One of the two does not want to hear from the other, in any thread, until that moment or for good."""

    until: datetime | None = None

    def holds(self, now: datetime) -> bool:
        """Whether it is in force."""
        return self.until is None or now < self.until


@dataclass(frozen=True, slots=True)
class Pair:
    """Who of two has blocked the other; ``update_time`` None: nobody ever did."""

    id: str
    person: str
    host: str
    blocks: Mapping[Seat, Block]
    update_time: int | None = None

    def blocked_by(self, seat: Seat, now: datetime) -> Block | None:
        """The block of that seat, if it is in force."""
        block = self.blocks.get(seat)
        return block if block is not None and block.holds(now) else None
