"""The one shape of every queue message (design/architecture.md, rule 3): ``{v, kind, id, key, at, data}``.

The Functions host copies top-level JSON names over a message's own metadata (platform-facts.md §3: ``id``,
``dequeueCount``, ``expirationTime`` …), so the envelope travels one level down, under ``cabeceo``.
"""

from datetime import datetime
from typing import Any, Final

import orjson
from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

MAX_BYTES: Final = 48 * 1024
"""What fits a queue message before base64 (platform-facts.md §4)."""


class BadEnvelope(ValueError):
    """The message is not one of ours: it goes to the poison queue, never back."""


class Envelope(BaseModel):
    """One message: what happened (``kind``), to whom (``key``), when, and its particulars."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    v: int = 1
    kind: str
    id: str
    key: str
    at: AwareDatetime
    data: dict[str, Any]

    def encode(self) -> str:
        """The text for the queue. Raises ValueError over 48 KiB."""
        body = orjson.dumps({"cabeceo": self.model_dump()})
        if len(body) > MAX_BYTES:
            raise ValueError(f"message of {len(body)} bytes; the limit is {MAX_BYTES}")
        return body.decode()

    @classmethod
    def decode(cls, text: str | bytes) -> "Envelope":
        """Read a message. Raises BadEnvelope."""
        try:
            return cls.model_validate(orjson.loads(text)["cabeceo"])
        except (orjson.JSONDecodeError, KeyError, TypeError, ValidationError) as error:
            raise BadEnvelope("not an envelope") from error


def envelope(kind: str, ident: str, key: str, at: datetime, data: dict[str, Any]) -> Envelope:
    """An envelope of the present version."""
    return Envelope(kind=kind, id=ident, key=key, at=at, data=data)
