"""The identity port: who holds an ID token, and what Firebase's directory knows of an account."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


class BadToken(Exception):
    """The token does not hold. The message is for logs and names the failed check, never the token."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What a verified ID token says. Times are seconds since 1970."""

    uid: str
    issued_at: int
    authenticated_at: int
    expires_at: int
    roles: tuple[str, ...] = ()
    organizer_ids: tuple[str, ...] = ()
    claims: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Account:
    """What the directory knows: tokens issued before ``tokens_valid_after`` (seconds) are revoked.

    ``claims`` are the custom claims that the next token will carry.
    """

    uid: str
    disabled: bool = False
    tokens_valid_after: int = 0
    claims: Mapping[str, Any] = field(default_factory=dict, repr=False)


class Certificates(Protocol):
    """Public keys of the token issuer by key id."""

    async def key(self, kid: str) -> Any | None:
        """The RSA public key of a known ``kid``, else None. Raises StoreUnavailable when none could be fetched yet."""
        ...


class Directory(Protocol):
    """The accounts behind the tokens. All methods raise StoreUnavailable when there is no answer in time."""

    async def account(self, uid: str) -> Account | None:
        """An account, or None."""
        ...

    async def set_claims(self, uid: str, claims: Mapping[str, Any]) -> None:
        """Replace the custom claims of an account. Raises Missing."""
        ...

    async def revoke(self, uid: str, *, at: int) -> None:
        """Revoke all tokens issued before ``at`` (seconds since 1970). Raises Missing."""
        ...

    async def close(self) -> None:
        """Give back connections."""
        ...


class Verifier(Protocol):
    """Checks ID tokens by Firebase's rules."""

    async def verify(self, token: str, *, check_revoked: bool = False) -> Identity:
        """Who holds the token. Raises BadToken, or StoreUnavailable when keys or the directory cannot be reached.

        With ``check_revoked`` (done for writes) a revoked token or disabled account is noticed within 60 seconds.
        """
        ...
