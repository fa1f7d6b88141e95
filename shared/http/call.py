"""What a route's function receives and gives back: everything parsed and authorised, nothing of the host's types."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic

from pydantic import BaseModel
from typing_extensions import TypeVar

from shared.people.access import Principal

BodyT = TypeVar("BodyT", default=None)
QueryT = TypeVar("QueryT", default=None)


@dataclass(frozen=True, slots=True)
class Call(Generic[BodyT, QueryT]):
    """One request, after the middleware.

    ``seed`` is a stable text when the caller sent an Idempotency-Key (a function of caller, route and key): ids made
    from it make a repeat harmless even when the stored answer was lost. ``address`` is the caller's network address,
    counted through the trusted proxies; it is personal data and must be hashed before it is kept. ``raw`` is the body as it
    came, for routes whose body is not JSON. ``versions`` are those that the caller has already (If-None-Match): a handler that
    knows one of them to stand answers with its ETag alone.
    """

    body: BodyT
    query: QueryT
    path: Mapping[str, str]
    principal: Principal
    address: str
    request_id: str
    if_match: str | None = None
    seed: str | None = None
    versions: frozenset[str] = frozenset()
    raw: bytes = field(default=b"", repr=False)
    user_agent: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What to send: a body (None sends none), a status and headers. ``etag`` is the version, without quotes.

    ``raw`` is sent as it is instead of a body, as ``media_type``: pages, scripts and ready-made documents.
    """

    body: BaseModel | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    etag: str | None = None
    raw: bytes | None = None
    media_type: str = "application/json"
