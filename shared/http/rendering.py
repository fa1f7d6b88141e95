"""From a handler's Answer or an error to bytes and headers: JSON in camelCase, problem+json (RFC 9457), ETags."""

from dataclasses import dataclass, field, replace
from typing import Any, Final

import azure.functions as func
import orjson
from pydantic_core import to_json

from shared.clients.errors import AlreadyExists, Contended, Missing, Stale, StoreError, StoreUnavailable
from shared.http.call import Answer
from shared.http.exchange import Exchange
from shared.http.parsing import versions
from shared.kernel.errors import (
    AppError,
    Conflict,
    MethodNotAllowed,
    NotFound,
    Unauthenticated,
    Unavailable,
)

JSON: Final = "application/json"
PROBLEM: Final = "application/problem+json"
TYPES: Final = "/api/docs/errors#"
"""Where a problem's ``type`` is explained."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """An answer as bytes; what an Idempotency-Key keeps and gives again."""

    status: int
    body: bytes = b""
    media_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)


def render(answer: Answer) -> Rendered:
    """An Answer as bytes. Fields that are None are left out, everywhere."""
    headers = dict(answer.headers)
    if answer.etag is not None:
        headers["ETag"] = f'"{answer.etag}"'
    if answer.raw is not None:
        return Rendered(answer.status, answer.raw, answer.media_type, headers)
    if answer.body is None:
        return Rendered(answer.status, headers=headers)
    body = to_json(answer.body, by_alias=True, exclude_none=True)
    return Rendered(answer.status, body, JSON, headers)


def problem(error: AppError, exchange: Exchange, *, allow: str | None = None) -> Rendered:
    """An error as RFC 9457 has it, with our stable ``code``, the request id and one entry per fault."""
    body: dict[str, Any] = {
        "type": TYPES + error.code,
        "title": error.title,
        "status": error.status,
        "code": error.code,
        "instance": exchange.path[:500],
        "requestId": exchange.request_id,
    }
    if error.detail:
        body["detail"] = error.detail
    if error.faults:
        body["errors"] = [
            {"pointer": fault.pointer, "code": fault.code, "detail": fault.detail} for fault in error.faults
        ]
    headers: dict[str, str] = {}
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, MethodNotAllowed) and allow:
        headers["Allow"] = allow
    return Rendered(error.status, orjson.dumps(body), PROBLEM, headers)


def of_store(error: StoreError) -> AppError:
    """What a caller is told when a service did not catch what a store answered; Refused is a mistake of ours."""
    if isinstance(error, StoreUnavailable):
        return Unavailable()
    if isinstance(error, Contended):
        return Unavailable(code="contended", retry_after=1)
    if isinstance(error, AlreadyExists | Stale):
        return Conflict("It was changed at the same time; read it again.", code="changed_meanwhile")
    if isinstance(error, Missing):
        return NotFound()
    return AppError()


def keepable(rendered: Rendered) -> bool:
    """Whether an Idempotency-Key keeps this answer: not when it is a failure of ours or says to come again."""
    return rendered.status < AppError.status and "Retry-After" not in rendered.headers


def conditional(rendered: Rendered, exchange: Exchange) -> Rendered:
    """304 without a body when a GET names the version that it would be sent."""
    etag = rendered.headers.get("ETag")
    if exchange.req.method == "GET" and rendered.status == 200 and etag:  # noqa: PLR2004
        known = versions(exchange.header("if-none-match"))
        if "*" in known or etag.strip('"') in known:
            return replace(rendered, status=304, body=b"")
    return rendered


def response(rendered: Rendered, headers: dict[str, str]) -> func.HttpResponse:
    """The host's response: what the middleware adds, and over it what the answer itself says."""
    merged = {**headers, **rendered.headers}
    told = "".join(merged.values())
    if "\r" in told or "\n" in told:
        raise ValueError("a header with a line break")
    answer = func.HttpResponse(rendered.body, status_code=rendered.status, mimetype=rendered.media_type)
    # adding and checking them one by one takes longer than reading a body
    answer.headers._list.extend(merged.items())  # noqa: SLF001
    return answer
