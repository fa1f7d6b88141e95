"""The webhook port: one signed message to the one address that the settings name, and what became of it."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, Protocol

Outcome = Literal["taken", "later", "gone"]
"""``taken``: answered with 2xx. ``gone``: answered with 410; nothing more is wanted. ``later``: everything else."""


class Sent(NamedTuple):
    """What became of a try; ``status`` None: there was no answer."""

    outcome: Outcome
    status: int | None


class Webhooks(Protocol):
    """Sends. It never raises for what the other side does."""

    async def send(self, ident: str, body: Mapping[str, Any]) -> Sent:
        """One try. The same id is the same message, however often it is sent: the receiver tells repeats by it."""
        ...

    async def close(self) -> None:
        """Give back connections."""
        ...
