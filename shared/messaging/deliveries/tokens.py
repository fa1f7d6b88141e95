"""The ``ackToken``: lets a visitor without a sign-in report on one delivery (design/wire.md, Experience)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from shared.kernel.clock import to_millis
from shared.kernel.signing import Seal

GRACE: Final = timedelta(hours=24)
"""How long after the delivery's expiry a report is still taken."""


class AckTokens:
    """Makes and checks ackTokens: HMAC-SHA256 over the delivery's id and its expiry.

    Args:
        secrets: the signing secrets, newest first; all of them verify.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        self._seal = Seal(secrets, "ack")

    def issue(self, delivery_id: str, expires_at: datetime) -> str:
        """The token that goes out with the message."""
        return self._seal.sign(f"{delivery_id}.{to_millis(expires_at)}")

    def holds(self, token: str | None, delivery_id: str, now: datetime) -> bool:
        """Whether the token is ours, for this delivery, and not later than 24 h after the delivery's expiry."""
        value = None if token is None else self._seal.verify(token)
        if value is None:
            return False
        ident, _, expiry = value.rpartition(".")
        return ident == delivery_id and to_millis(now - GRACE) <= int(expiry)
