"""Idempotency-Key (design/architecture.md, HTTP conventions): the first answer again, for seven days.

A create-only record in ``operations`` is claimed before the work, holds a lease while it runs and the answer afterwards.
A worker that dies leaves the lease to run out; the retry then runs with the same ``Call.seed``, so that what was already
done is met again, not done twice.
"""

import asyncio
import math
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

import orjson

from shared.clients.documents.port import Create, Delete, Set, Snapshot
from shared.clients.errors import AlreadyExists, Stale, StoreError
from shared.http.exchange import Exchange
from shared.http.rendering import Rendered, keepable
from shared.http.route import Route
from shared.kernel import telemetry
from shared.kernel.errors import Conflict, Invalid, Malformed, PreconditionRequired
from shared.kernel.ids import hashed_id

KEPT: Final = timedelta(days=7)
_GRACE: Final = timedelta(seconds=5)
"""How much longer than a request's budget its lease lasts."""
_RELEASE_SECONDS: Final = 0.5
_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")
_RUNNING: Final = "The same request is still running."


@dataclass(frozen=True, slots=True)
class Key:
    """An Idempotency-Key of a caller and route. ``seed`` is what ids may be made from; ``fingerprint`` tells bodies apart."""

    seed: str
    fingerprint: str

    @property
    def path(self) -> str:
        """Where its record lies."""
        return f"operations/{hashed_id('http', self.seed)}"


def key_of(exchange: Exchange, route: Route) -> Key | None:
    """The request's key, or None where there is none or the route ignores it.

    Keys are 1 to 255 visible ASCII characters. Two callers, or two routes, never share one. Raises Malformed, and
    PreconditionRequired (428) where the route demands one.
    """
    given = exchange.header("idempotency-key")
    if route.idempotency == "none":
        return None
    if given is None:
        if route.idempotency == "required":
            raise PreconditionRequired("Send an Idempotency-Key.", code="idempotency_key_required")
        return None
    if not _KEY.fullmatch(given):
        raise Malformed(
            "An Idempotency-Key is 1 to 255 visible ASCII characters.", code="bad_idempotency_key"
        )
    caller = exchange.principal.name or f"address:{exchange.address}"
    # an address is personal data: without the secret its hash could be guessed
    seed = hashed_id("seed", exchange.app.hash_secret, caller, route.name, given)
    return Key(seed, _fingerprint(exchange, route))


async def once(exchange: Exchange, key: Key, work: Callable[[], Awaitable[Rendered]]) -> Rendered:
    """The work's answer, or the kept one of an earlier twin.

    Answers below 500 are kept, unless they say to come again. Raises Conflict (still running), Invalid (another body)
    and what the work raises; then nothing is kept.
    """
    documents, claim = exchange.app.documents, await _claim(exchange, key)
    if isinstance(claim, Rendered):
        exchange.headers["Idempotent-Replayed"] = "true"
        return claim
    try:
        rendered = await work()
    except BaseException:
        await _release(exchange, key, claim)
        raise
    if not keepable(rendered):
        await _release(exchange, key, claim)
        return rendered
    try:
        await documents.commit([Set(key.path, _done(exchange, key, rendered), if_updated_at=claim)])
    except StoreError as error:
        telemetry.log().warning("idempotent_answer_not_kept", reason=type(error).__name__)
    return rendered


async def _claim(exchange: Exchange, key: Key) -> int | Rendered:
    """The update time of our own claim, or an earlier answer."""
    documents = exchange.app.documents
    record = _running(exchange, key)
    try:
        return await documents.commit([Create(key.path, record)])
    except AlreadyExists:
        found = await documents.get(key.path)
    if found is None:
        raise Conflict(_RUNNING, code="still_running", retry_after=1)
    if found.data["request"] == record["request"]:
        return found.update_time  # the store had taken our claim, and lost its answer
    earlier = _earlier(exchange.app.clock.now(), key, found)
    if earlier is not None:
        return earlier
    try:
        return await documents.commit([Set(key.path, record, if_updated_at=found.update_time)])
    except Stale:
        raise Conflict(_RUNNING, code="still_running", retry_after=1) from None


def _earlier(now: datetime, key: Key, found: Snapshot) -> Rendered | None:
    """What an earlier twin answered; None when its record is too old, or its worker is gone."""
    record = found.data
    if record["expiresAt"] <= now:
        return None
    if record["fingerprint"] != key.fingerprint:
        raise Invalid("This Idempotency-Key came with another request.", code="idempotency_key_reused")
    if record["state"] == "done":
        return Rendered(record["status"], record["body"], record["mediaType"], dict(record["headers"]))
    left = (record["leaseUntil"] - now).total_seconds()
    if left > 0:
        raise Conflict(_RUNNING, code="still_running", retry_after=min(2, math.ceil(left)))
    return None


async def _release(exchange: Exchange, key: Key, claim: int) -> None:
    """Let a retry run at once; where the store does not take it in time, the lease runs out by itself."""
    try:
        async with asyncio.timeout(_RELEASE_SECONDS):
            await exchange.app.documents.commit([Delete(key.path, if_updated_at=claim)])
    except (StoreError, TimeoutError) as error:
        telemetry.log().warning("idempotency_lease_left", reason=type(error).__name__)


def _running(exchange: Exchange, key: Key) -> dict[str, Any]:
    now = exchange.app.clock.now()
    budget = timedelta(seconds=exchange.app.settings.request_budget_seconds)
    return {
        "kind": "http",
        "state": "running",
        "request": exchange.request_id,
        "fingerprint": key.fingerprint,
        "personKey": exchange.principal.uid,
        "leaseUntil": now + budget + _GRACE,
        "expiresAt": now + KEPT,
    }


def _done(exchange: Exchange, key: Key, rendered: Rendered) -> dict[str, Any]:
    return {
        **_running(exchange, key),
        "state": "done",
        "status": rendered.status,
        "body": rendered.body,
        "mediaType": rendered.media_type,
        "headers": rendered.headers,
    }


def _fingerprint(exchange: Exchange, route: Route) -> str:
    """The same for the same path, query, If-Match and JSON value, however its keys are ordered."""
    raw = exchange.req.get_body() if route.body else b""
    body = orjson.dumps(orjson.loads(raw), option=orjson.OPT_SORT_KEYS) if raw else b""
    parts = (exchange.path.lower(), exchange.query, exchange.header("if-match") or "")
    return sha256("\x1f".join(parts).encode() + b"\x1f" + body).hexdigest()
