"""Signed values that leave the server and come back: acknowledgement tokens and list cursors."""

import hashlib
import hmac
from collections.abc import Sequence

from itsdangerous import BadSignature, Signer


class Seal:
    """Signs short texts with HMAC-SHA256; several secrets at once while one is being replaced.

    Args:
        secrets: newest first; the first one signs, all of them verify.
        purpose: keeps a value made for one use from being accepted for another.
    """

    def __init__(self, secrets: Sequence[str], purpose: str) -> None:
        if not secrets:
            raise ValueError("at least one secret is needed")
        # itsdangerous signs with the last key of the list; deriving the keys is done once here, not once a signature there
        keys = [hmac.digest(secret.encode(), purpose.encode(), "sha256") for secret in reversed(secrets)]
        self._signer = Signer(keys, sep=".", key_derivation="none", digest_method=hashlib.sha256)

    def sign(self, value: str) -> str:
        """The value with its signature behind the last full stop; the value stays readable."""
        return self._signer.sign(value).decode()

    def verify(self, signed: str) -> str | None:
        """The value that was signed, or None when the signature does not hold."""
        try:
            return self._signer.unsign(signed).decode()
        except (BadSignature, UnicodeError):
            return None
