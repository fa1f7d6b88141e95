"""Firebase's rules for ID tokens, to the letter (firebase.google.com, «Verify ID tokens»; reliability.md, part 1).

A JWT library's usual check is laxer: it takes a list of audiences, times written as text, an empty or endless subject and
a sign-in in the future. So PyJWT checks the signature alone and every claim is checked here. Clock tolerance is zero, as
in Firebase's own Admin SDK.
"""

import base64
import re
from collections.abc import Mapping
from typing import Any, Final

import jwt

from shared.clients.identity.port import Account, BadToken, Certificates, Directory, Identity
from shared.kernel.clock import Clock

MAX_TOKEN: Final = 8192
"""Longest token looked at, in characters; Firebase's own are about 1,000 and carry at most 1,000 of custom claims."""
MAX_NAMES: Final = 100
"""Most entries of a ``roles`` or ``organizerIds`` claim."""
REVOCATION_SECONDS: Final = 60
"""How long an account's state may be remembered."""
MAX_ACCOUNTS: Final = 10_000
"""Accounts remembered at once."""

_COMPACT: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_SUBJECT: Final = re.compile(r"(?!\.{1,2}\Z|__.*__\Z)[!-.0-~]{1,128}")
"""Visible ASCII without a slash: the subject becomes a document's id, where Firestore forbids what is left out here."""
_FOREIGN_HEADERS: Final = frozenset({"jku", "jwk", "x5u", "x5c", "crit", "b64", "zip", "enc"})
"""Header members that name a key or change how a token is read; Firebase uses none and none is ever followed."""
_LAST_MOMENT: Final = 253_402_300_799
"""The end of the year 9999, in seconds: greater numbers are milliseconds or mischief."""
_SIGNATURE_ONLY: Final = {
    f"verify_{claim}": False for claim in ("exp", "nbf", "iat", "aud", "iss", "sub", "jti")
}


class TokenVerifier:
    """Checks ID tokens of one Firebase project.

    Args:
        certificates: the issuer's public keys.
        directory: the accounts, asked only when revocation matters.
        project: the Firebase project's id: audience and end of the issuer.
        clock: tells the time.
    """

    def __init__(self, certificates: Certificates, directory: Directory, project: str, clock: Clock) -> None:
        self._certificates = certificates
        self._directory = directory
        self._project = project
        self._clock = clock
        self._accounts: dict[str, tuple[float, Account]] = {}

    async def verify(self, token: str, *, check_revoked: bool = False) -> Identity:
        """Who holds the token. Raises BadToken, or StoreUnavailable when keys or the directory cannot be reached.

        With ``check_revoked`` a revoked token, and a disabled or deleted account, is noticed within 60 seconds.
        """
        key = await self._certificates.key(_key_id(token))
        if key is None:
            raise BadToken("kid is not known")
        identity = _identity(_signed_claims(token, key), self._project, self._clock.now().timestamp())
        if check_revoked:
            account = await self._account(identity.uid)
            if account is None:
                raise BadToken("account is gone")
            if account.disabled:
                raise BadToken("account is disabled")
            if identity.issued_at < account.tokens_valid_after:
                raise BadToken("revoked")
        return identity

    async def _account(self, uid: str) -> Account | None:
        asked_at = self._clock.monotonic()
        known = self._accounts.get(uid)
        if known and asked_at - known[0] < REVOCATION_SECONDS:
            return known[1]
        account = await self._directory.account(uid)
        self._accounts.pop(uid, None)
        if account is not None:
            if len(self._accounts) >= MAX_ACCOUNTS:
                self._accounts.pop(next(iter(self._accounts)))
            self._accounts[uid] = (asked_at, account)
        return account


def _key_id(token: object) -> str:
    """The ``kid`` of a token that has the right shape and header."""
    if not isinstance(token, str) or len(token) > MAX_TOKEN:
        raise BadToken("not a text of a token's size")
    if not _COMPACT.fullmatch(token) or not all(map(_canonical, token.split("."))):
        raise BadToken("not three parts of base64url")
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError as error:
        raise BadToken("header cannot be read") from error
    if header.get("alg") != "RS256":
        raise BadToken("alg is not RS256")
    if _FOREIGN_HEADERS & header.keys():
        raise BadToken("header names a key or an extension")
    kid = header.get("kid")
    if not isinstance(kid, str) or not kid:
        raise BadToken("kid is missing")
    return kid


def _canonical(part: str) -> bool:
    """Whether no other text stands for the same bytes: unused bits at the end must be zero."""
    try:
        decoded = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError:
        return False
    return base64.urlsafe_b64encode(decoded).decode().rstrip("=") == part


def _signed_claims(token: str, key: Any) -> dict[str, Any]:
    try:
        claims: dict[str, Any] = jwt.decode(token, key, algorithms=["RS256"], options=_SIGNATURE_ONLY)  # type: ignore[arg-type]
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        raise BadToken("signature or payload does not hold") from error
    return claims


def _identity(claims: Mapping[str, Any], project: str, now: float) -> Identity:
    audience, issuer, subject = claims.get("aud"), claims.get("iss"), claims.get("sub")
    expires_at, issued_at, authenticated_at = (_moment(claims, name) for name in ("exp", "iat", "auth_time"))
    if not isinstance(audience, str) or audience != project:
        raise BadToken("aud is not this project")
    if issuer != f"https://securetoken.google.com/{project}":
        raise BadToken("iss is not this project's")
    if not isinstance(subject, str) or not _SUBJECT.fullmatch(subject):
        raise BadToken("sub is not a uid")
    if expires_at <= now:
        raise BadToken("expired")
    if issued_at > now:
        raise BadToken("iat is in the future")
    if authenticated_at > now:
        raise BadToken("auth_time is in the future")
    return Identity(
        uid=subject,
        issued_at=issued_at,
        authenticated_at=authenticated_at,
        expires_at=expires_at,
        roles=_names(claims.get("roles")),
        organizer_ids=_names(claims.get("organizerIds")),
        claims=claims,
    )


def _moment(claims: Mapping[str, Any], name: str) -> int:
    value = claims.get(name)
    # a bool is an int to isinstance
    if type(value) is not int or not 0 <= value <= _LAST_MOMENT:
        raise BadToken(f"{name} is not a moment")
    return value


def _names(claim: object) -> tuple[str, ...]:
    """A claim that lists names. One that is malformed in any way grants nothing, and the person stays signed in."""
    if not isinstance(claim, list) or len(claim) > MAX_NAMES:
        return ()
    names = [name for name in claim if isinstance(name, str) and 0 < len(name) <= 128]  # noqa: PLR2004 - as an id
    return tuple(names) if len(names) == len(claim) else ()
