"""The twin of Firebase Auth: a key pair and accounts in a folder, and tokens like Firebase's own.

What checks the tokens is the same for both (``tokens.TokenVerifier``).
"""

import asyncio
import base64
import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from shared.clients.errors import Missing, Refused, StoreUnavailable
from shared.clients.identity.port import Account
from shared.clients.local_files import kept
from shared.kernel.clock import Clock

RESERVED_CLAIMS: Final = frozenset(
    {"acr", "amr", "at_hash", "aud", "auth_time", "azp", "cnf", "c_hash"}
    | {"exp", "iat", "iss", "jti", "nbf", "nonce", "sub", "firebase"}
)
MAX_CLAIMS: Final = 1000
"""Characters of an account's custom claims in JSON (firebase.google.com, «Control access with custom claims»)."""
MAX_UID: Final = 128

_SCHEMA: Final = (
    "CREATE TABLE IF NOT EXISTS accounts (uid TEXT PRIMARY KEY, disabled INTEGER NOT NULL DEFAULT 0, "
    "tokens_valid_after INTEGER NOT NULL DEFAULT 0, claims TEXT NOT NULL DEFAULT '{}')"
)


class LocalIssuer:
    """Issues ID tokens, publishes its certificate and keeps accounts; it is Certificates and Directory in one.

    Args:
        folder: ``issuer/`` inside it holds the key pair (made at first start, mode 600) and the accounts.
        project: the Firebase project to issue for.
        clock: tells the time.
    """

    def __init__(self, folder: Path, project: str, clock: Clock) -> None:
        self._project = project
        self._clock = clock
        self._accounts = folder / "issuer" / "accounts.sqlite"
        pem = kept(folder / "issuer" / "key.pem", _new_key_pair)
        self._key, self._certificate = _read(pem)
        self.kid = self._certificate.fingerprint(hashes.SHA256()).hex()[:40]

    # Certificates

    async def key(self, kid: str) -> Any | None:
        """The public key, under its only ``kid``."""
        return self._certificate.public_key() if kid == self.kid else None

    def certificates(self) -> dict[str, str]:
        """What Google's certificate address answers: ``{kid: X.509 certificate in PEM}``."""
        return {self.kid: self._certificate.public_bytes(serialization.Encoding.PEM).decode()}

    # Directory

    async def account(self, uid: str) -> Account | None:
        """An account, or None. Raises Refused for what cannot be a uid."""
        return await asyncio.to_thread(self._account, uid)

    async def set_claims(self, uid: str, claims: Mapping[str, Any]) -> None:
        """Replace the custom claims of an account. Raises Missing, and Refused for reserved names or over 1,000 characters."""
        await asyncio.to_thread(self._change, uid, "claims", _claims_text(claims))

    async def revoke(self, uid: str, *, at: int) -> None:
        """Revoke all tokens issued before ``at`` (seconds since 1970). Raises Missing."""
        await asyncio.to_thread(self._change, uid, "tokens_valid_after", at)

    async def close(self) -> None:
        """Nothing is held open."""

    # What Firebase's sign-in pages and console do

    def create(self, uid: str, *, claims: Mapping[str, Any] | None = None) -> None:
        """Add an account, or give one that exists these claims. Raises Refused."""
        values = (_checked_uid(uid), _claims_text(claims or {}))
        self._write(
            "INSERT INTO accounts (uid, claims) VALUES (?, ?) ON CONFLICT (uid) DO UPDATE SET claims = excluded.claims",
            values,
        )

    def disable(self, uid: str, *, disabled: bool = True) -> None:
        """Disable an account, or enable it again. Raises Missing."""
        self._change(uid, "disabled", int(disabled))

    def delete(self, uid: str) -> None:
        """Delete an account; an absent one is fine."""
        self._write("DELETE FROM accounts WHERE uid = ?", (uid,))

    def token(
        self, uid: str, *, claims: Mapping[str, Any] | None = None, valid_for: int = 3600, age: int = 0
    ) -> str:
        """An ID token with the account's custom claims; as with Firebase's custom sign-in, a missing account is made.

        Args:
            uid: whose token it is.
            claims: put over the payload last, whatever they say: tests forge with it.
            valid_for: seconds from issue to expiry.
            age: seconds since sign-in and issue.
        """
        account = self._account(uid)
        if account is None:
            self.create(uid)
        issued_at = int(self._clock.now().timestamp()) - age
        payload = {
            **(account.claims if account else {}),
            "iss": f"https://securetoken.google.com/{self._project}",
            "aud": self._project,
            "auth_time": issued_at,
            "user_id": uid,
            "sub": uid,
            "iat": issued_at,
            "exp": issued_at + valid_for,
            "firebase": {"identities": {}, "sign_in_provider": "custom"},
        }
        return self.sign(payload | dict(claims or {}))

    def sign(self, payload: Mapping[str, Any], headers: Mapping[str, Any] | None = None) -> str:
        """Any payload under this issuer's signature; ``headers`` take the place of the usual ones: tests forge with it."""
        usual = {"alg": "RS256", "kid": self.kid, "typ": "JWT"}
        parts = [
            _base64url(json.dumps(part).encode()) for part in (usual if headers is None else headers, payload)
        ]
        signature = self._key.sign(".".join(parts).encode(), padding.PKCS1v15(), hashes.SHA256())
        return ".".join([*parts, _base64url(signature)])

    def _account(self, uid: str) -> Account | None:
        query = "SELECT uid, disabled, tokens_valid_after, claims FROM accounts WHERE uid = ?"
        row = self._execute(query, (_checked_uid(uid),))[0]
        return Account(row[0], bool(row[1]), row[2], json.loads(row[3])) if row else None

    def _change(self, uid: str, column: str, value: str | int) -> None:
        query = f"UPDATE accounts SET {column} = ? WHERE uid = ?"  # noqa: S608 - the columns are ours
        if not self._write(query, (value, _checked_uid(uid))):
            raise Missing("no such account")

    def _write(self, query: str, values: tuple[Any, ...]) -> int:
        return self._execute(query, values)[1]

    def _execute(self, query: str, values: tuple[Any, ...]) -> tuple[Any, int]:
        try:
            with closing(sqlite3.connect(self._accounts, timeout=3.0)) as db, db:
                db.execute("PRAGMA synchronous = OFF")  # a power cut may take a local sign-in with it
                db.execute(_SCHEMA)
                cursor = db.execute(query, values)
                return cursor.fetchone(), cursor.rowcount
        except sqlite3.OperationalError as error:
            raise StoreUnavailable("the accounts file cannot be used now") from error


@cache
def _read(pem: bytes) -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
    """Checking a key takes a tenth of a second: once per process."""
    key = cast("rsa.RSAPrivateKey", serialization.load_pem_private_key(pem, password=None))
    return key, x509.load_pem_x509_certificate(pem)


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _checked_uid(uid: str) -> str:
    if not 0 < len(uid) <= MAX_UID:
        raise Refused("not a uid")
    return uid


def _claims_text(claims: Mapping[str, Any]) -> str:
    text = json.dumps(dict(claims))
    if len(text) > MAX_CLAIMS or RESERVED_CLAIMS & claims.keys():
        raise Refused("not fit for claims")
    return text


def _new_key_pair() -> bytes:
    """A private key and its self-signed certificate, both in PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "cabeceo local issuer")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2000, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2100, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + certificate.public_bytes(serialization.Encoding.PEM)
