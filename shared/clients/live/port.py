"""The live port: a message to everybody who listens to a group, and the way in for those who want to (analytics-domain.md §5).

It only saves listeners from asking: who hears nothing asks, and loses nothing. So it is never waited for, and never tried again.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple, Protocol


class Access(NamedTuple):
    """Where to listen: a WebSocket address that lets in until ``expires_at``, and hears one group from then on."""

    url: str
    expires_at: datetime


class Live(Protocol):
    """A service of groups. It never raises for what the other side does."""

    async def publish(self, group: str, body: Mapping[str, Any]) -> bool:
        """One try; whether the service took it. ``body`` as JSON is at most 1 MB (Azure Web PubSub's limit)."""
        ...

    def access(self, group: str) -> Access:
        """The way in to one group: to hear, and to do nothing else."""
        ...

    async def close(self) -> None:
        """Give back connections."""
        ...
