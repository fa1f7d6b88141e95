"""The queue port: Azure Storage Queue's semantics (platform-facts.md §4, reliability.md).

At least once, unordered, hidden while worked on, 7 days at most. Bodies are text of up to 48 KiB in UTF-8; the real
client and the host agree on base64. Each call counts one ``queue`` operation.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

MAX_BODY: Final = 48 * 1024
MAX_TTL_SECONDS: Final = 7 * 24 * 3600
POISON_SUFFIX: Final = "-poison"

ACTIVITY: Final = "activity"
"""What people do: packed visits and behavioural events."""
SIGNALS: Final = "signals"
"""Typed events between areas: ``role.changed``, ``role.check``, ``tier.changed``, ``profile.changed``."""
BROADCASTS: Final = "broadcasts"
"""Wake-ups of broadcasts: start one, or look at it again."""
ALL_QUEUES: Final = (ACTIVITY, BROADCASTS, SIGNALS)


@dataclass(frozen=True, slots=True)
class QueueMessage:
    """A message as received; ``receipt`` is good until another receive or change of the message."""

    id: str
    receipt: str
    body: str
    dequeue_count: int
    inserted_at: datetime
    expires_at: datetime
    next_visible_at: datetime


class Queues(Protocol):
    """A queue service. All methods raise StoreUnavailable when there is no answer in time."""

    async def send(
        self, queue: str, body: str, *, delay_seconds: int = 0, ttl_seconds: int = MAX_TTL_SECONDS
    ) -> str:
        """Add a message and give its id; the queue is made when missing. Raises Refused over 48 KiB or 7 days."""
        ...

    async def receive(
        self, queue: str, *, limit: int = 16, visibility_seconds: int = 30
    ) -> list[QueueMessage]:
        """Take up to 32 visible messages and hide them; each one's dequeue count rises."""
        ...

    async def hide(self, queue: str, message: QueueMessage, *, visibility_seconds: int) -> QueueMessage:
        """Hide a received message for longer, or show it again (0); gives it with its new receipt. Raises Stale when
        another has received it meanwhile, Missing when it is gone.
        """
        ...

    async def delete(self, queue: str, message: QueueMessage) -> None:
        """Remove a received message. Raises Stale when another has received it meanwhile, Missing when it is gone."""
        ...

    async def length(self, queue: str) -> int:
        """About how many messages there are, hidden ones included; 0 for a queue that was never used."""
        ...

    async def oldest(self, queue: str) -> datetime | None:
        """When the message at the front came in, left as it is; None where none is visible. The front is about the oldest."""
        ...

    async def ping(self) -> None:
        """Reach the service at all."""
        ...

    async def close(self) -> None:
        """Give back connections."""
        ...
