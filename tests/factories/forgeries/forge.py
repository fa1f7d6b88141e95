"""What a forger works with."""

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from shared.clients.identity.embedded import LocalIssuer

ABSENT: Any = object()
"""As a value: the claim or header member is left out."""


@dataclass
class Forge:
    """What a forger works with: the real issuer's signature (for claims it would never sign), and another's key."""

    issuer: LocalIssuer
    attacker: LocalIssuer
    project: str
    now: int
    good: str = field(init=False)

    def __post_init__(self) -> None:
        self.good = self.issuer.sign(self.payload())

    def payload(self, **changes: Any) -> dict[str, Any]:
        usual = {
            "iss": f"https://securetoken.google.com/{self.project}",
            "aud": self.project,
            "auth_time": self.now - 100,
            "user_id": "dancer",
            "sub": "dancer",
            "iat": self.now - 50,
            "exp": self.now + 3550,
            "firebase": {"identities": {}, "sign_in_provider": "password"},
        }
        return {name: value for name, value in {**usual, **changes}.items() if value is not ABSENT}

    def header(self, **changes: Any) -> dict[str, Any]:
        usual = {"alg": "RS256", "kid": self.issuer.kid, "typ": "JWT"}
        return {name: value for name, value in {**usual, **changes}.items() if value is not ABSENT}

    def parts(self) -> list[str]:
        return self.good.split(".")

    def raw(self, header: bytes, payload: bytes) -> str:
        """Any bytes at all, under the real signature."""
        start = f"{encode(header)}.{encode(payload)}"
        signature = self.issuer._key.sign(start.encode(), PKCS1v15(), SHA256())
        return f"{start}.{encode(signature)}"


Make = Callable[[Forge], str]


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def resolved(forge: Forge, value: Any) -> Any:
    return value(forge) if callable(value) else value


JUNK: dict[str, Any] = {
    "absent": ABSENT,
    "null": None,
    "empty text": "",
    "zero": 0,
    "true": True,
    "false": False,
    "negative": -1,
    "fraction": 1.5,
    "list": [],
    "object": {},
    "nested": {"$gt": ""},
    "NaN": float("nan"),
    "infinity": float("inf"),
}
