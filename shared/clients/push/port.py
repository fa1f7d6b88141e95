"""The push port: one notification to one device at a time, and what became of it (docs/push.md).

A device is known by a Firebase installation id, or by a registration token of Firebase Cloud Messaging.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

MAX_MESSAGES: Final = 500
"""Messages in one call."""
MAX_BYTES: Final = 4000
"""Title, body and link together, in UTF-8: what FCM's 4,096 bytes leave for them."""
MAX_TTL_SECONDS: Final = 28 * 24 * 3600
"""How long FCM keeps a message for a device that is away, at most."""

Outcome = Literal["accepted", "unregistered", "later", "refused"]
"""``accepted``: the vendor has it. ``unregistered``: there is no such device any more; forget it. ``later``: perhaps
sent, perhaps not; try again. ``refused``: it will never be taken.
"""


@dataclass(frozen=True, slots=True)
class PushMessage:
    """A notification.

    ``id`` names what is shown: on the device a message takes the place of an earlier one of the same id, so that a
    try whose answer was lost can be repeated. ``link`` is opened by a tap.
    """

    token: str = field(repr=False)
    id: str
    title: str = field(repr=False)
    body: str = field(repr=False)
    link: str | None = None
    ttl_seconds: int = 24 * 3600

    @property
    def fits(self) -> bool:
        """Whether any vendor could take it."""
        size = len(f"{self.title}{self.body}{self.link or ''}".encode(errors="surrogatepass"))
        return 0 < size <= MAX_BYTES and 0 <= self.ttl_seconds <= MAX_TTL_SECONDS


@dataclass(frozen=True, slots=True)
class PushResult:
    """What became of a message: ``cause`` says why it was not accepted, ``retry_after`` in how many seconds to try again."""

    outcome: Outcome
    vendor_id: str | None = None
    cause: str | None = None
    retry_after: int | None = None


class Push(Protocol):
    """A push service. It never raises for what a vendor does: each message has a result."""

    async def send(self, messages: Sequence[PushMessage]) -> list[PushResult]:
        """One try for each of up to 500 messages; results in their order. Raises ValueError over 500."""
        ...

    async def close(self) -> None:
        """Give back connections."""
        ...


def checked(messages: Sequence[PushMessage]) -> Sequence[PushMessage]:
    """The messages themselves. Raises ValueError for too many."""
    if len(messages) > MAX_MESSAGES:
        raise ValueError(f"{len(messages)} messages; the limit is {MAX_MESSAGES}")
    return messages


TOO_LARGE: Final = PushResult("refused", cause="too_large")
"""Of what does not fit."""
