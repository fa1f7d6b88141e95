"""Signed links in messages: to confirm a consent (double opt-in), and to leave by one click (RFC 8058).

A link names the ledger entry and nobody: what it does follows from the entry.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote

from shared.kernel.clock import to_millis
from shared.kernel.signing import Seal

CONFIRM_WITHIN: Final = timedelta(days=7)
"""How long a link that confirms holds; one that unsubscribes holds for ever."""
ONE_CLICK: Final = "List-Unsubscribe=One-Click"
"""What mail programs send to the address of ``List-Unsubscribe`` (RFC 8058 §3.1)."""


class ConsentLinks:
    """Makes links and reads their tokens.

    Args:
        secrets: the signing secrets, newest first.
        public_url: where people reach this installation, such as ``https://api.tangotiempo.com``.
    """

    def __init__(self, secrets: Sequence[str], public_url: str) -> None:
        self._confirming = Seal(secrets, "consent.confirm")
        self._leaving = Seal(secrets, "consent.unsubscribe")
        self._url = public_url.rstrip("/")

    def confirmation(self, entry_id: str, now: datetime) -> str:
        """A token that confirms a grant within 7 days; it goes to the person's own address and to nobody else."""
        return self._confirming.sign(f"{entry_id}.{to_millis(now + CONFIRM_WITHIN)}")

    def confirms(self, token: str, entry_id: str, now: datetime) -> bool:
        """Whether the token is ours, for that very entry, and still holds."""
        ident, _, expiry = (self._confirming.verify(token) or "").rpartition(".")
        return ident == entry_id and to_millis(now) <= int(expiry)

    def unsubscribe_token(self, entry_id: str) -> str:
        """A token that ends what an entry allowed."""
        return self._leaving.sign(entry_id)

    def left(self, token: str) -> str | None:
        """The entry whose scope the bearer wants to leave; None for a token that does not hold."""
        return self._leaving.verify(token)

    def headers(self, entry_id: str) -> Mapping[str, str]:
        """What a message by e-mail carries so that mail programs offer one click (RFC 2369, RFC 8058)."""
        token = quote(self.unsubscribe_token(entry_id), safe="")
        return {
            "List-Unsubscribe": f"<{self._url}/api/unsubscribe?token={token}>",
            "List-Unsubscribe-Post": ONE_CLICK,
        }
