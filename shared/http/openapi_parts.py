"""The parts of the OpenAPI document that are the same for every route: headers, problems, sign-in."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, Final

from shared.http.codes import CODES, codes_of

LOCATED: Final = (201, 202)
"""Successes that tell in Location where to look."""
NO_CONTENT: Final = 204

INFO: Final = {
    "title": "Cabeceo",
    "version": "1",
    "summary": "Messaging, experience, engagement, analytics and community of tangotiempo.com.",
    "description": (
        "Times are RFC 3339 in UTC. Fields that are null are left out, except among the values that a trace compares. Unknown fields and parameters are refused. "
        "Every refusal is `application/problem+json` with a stable `code`; see [the list](/api/docs/errors). "
        "Writes that take an `Idempotency-Key` may be repeated: the first answer comes again for seven days."
    ),
}

SECURITY: Final = {
    "idToken": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A Firebase ID token. Its claims `roles` and `organizerIds` say what the caller may do.",
    },
    "serverKey": {
        "type": "http",
        "scheme": "bearer",
        "description": "`sk_…`: the key of one of our own servers, which may do what its scopes say.",
    },
}

_TEXT: Final = {"type": "string"}
_NUMBER: Final = {"type": "integer", "minimum": 0}

HEADERS: Final[dict[str, dict[str, Any]]] = {
    "X-Request-Id": {"description": "Names this request in our logs.", "schema": _TEXT},
    "X-Correlation-Id": {"description": "The caller's own id, or the request's.", "schema": _TEXT},
    "Server-Timing": {
        "description": "What the answer cost: milliseconds and store operations.",
        "schema": _TEXT,
    },
    "RateLimit-Limit": {"description": "Requests in a window.", "schema": _NUMBER},
    "RateLimit-Remaining": {"description": "Requests left now.", "schema": _NUMBER},
    "RateLimit-Reset": {"description": "Seconds until all are back.", "schema": _NUMBER},
    "RateLimit-Policy": {"description": "The limit and its window in seconds.", "schema": _TEXT},
    "Retry-After": {"description": "Seconds to wait before the same request may work.", "schema": _NUMBER},
    "ETag": {"description": "The version of what is sent.", "schema": _TEXT},
    "Location": {
        "description": "Where the new resource is, or the work that was accepted.",
        "schema": {"type": "string", "format": "uri-reference"},
    },
    "Idempotent-Replayed": {
        "description": "`true` when this is the kept answer of an earlier twin.",
        "schema": _TEXT,
    },
    "WWW-Authenticate": {"description": "How to sign in.", "schema": _TEXT},
}

ALWAYS: Final = (
    "X-Request-Id",
    "X-Correlation-Id",
    "Server-Timing",
    "RateLimit-Limit",
    "RateLimit-Remaining",
    "RateLimit-Reset",
    "RateLimit-Policy",
)
"""Headers of every answer."""

REQUEST_HEADERS: Final[dict[str, dict[str, Any]]] = {
    "X-Correlation-Id": {
        "description": "Comes back in the answer and stands in our logs, if it is 8 to 128 of `A-Z a-z 0-9 . _ -`; any other is ignored.",
        "schema": _TEXT,
    },
    "Idempotency-Key": {
        "description": "Makes a repeat harmless: the same key and body give the first answer again, for 7 days.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
        "example": "5e0c1b4a-6f0e-4d53-9d0e-1f9f3f0d7a10",
    },
    "If-Match": {
        "description": "The version that is meant to be changed; another one is refused with 412.",
        "schema": _TEXT,
        "example": '"17"',
    },
    "If-None-Match": {
        "description": "A version the caller has already; it is answered with 304.",
        "schema": _TEXT,
        "example": '"17"',
    },
}

PARAMETERS: Final[dict[str, str]] = {
    "asset": "A file of the page, or `errors`.",
    "channel": "Where messages appear.",
    "dryRun": "true: only try what would become of it, and write nothing.",
    "cursor": "`nextCursor` of the page before; it belongs to its list, filters and caller.",
    "decisionId": "`decisionId` of the answer that it was made for.",
    "deliveryId": "The delivery: one message to one reader.",
    "id": "Which one: the `id` that lists and answers give.",
    "limit": "How many items a page has at most.",
    "eventId": "The event of the calendar.",
    "organizerId": "The organizer.",
    "personKey": "A signed-in person: their Firebase uid.",
    "programme": "What the messages are about.",
    "queue": "`activity`, `broadcasts` or `signals`.",
    "day": "A social day, such as `2026-11-21`.",
    "reason": "Why events are taken for a machine's: `no_user_agent`, `user_agent` or `too_many_views`.",
    "reportId": "The report.",
    "state": "Only those in this state.",
    "status": "Only those in this state.",
    "threadId": "The thread.",
    "token": "From the link in the message.",
    "type": "Only those of this type.",
}
"""What parameters mean that say nothing of themselves: the same on every route."""

_FAULT: Final = {
    "type": "object",
    "required": ["pointer", "code", "detail"],
    "properties": {
        "pointer": {
            "type": "string",
            "description": "A JSON pointer into the body, or `?name` of a parameter.",
        },
        "code": {"type": "string"},
        "detail": {"type": "string"},
    },
}

PROBLEM_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "description": "RFC 9457.",
    "required": ["type", "title", "status", "code", "instance", "requestId"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "enum": sorted(CODES)},
        "detail": {"type": "string"},
        "instance": {"type": "string", "format": "uri-reference"},
        "requestId": {"type": "string"},
        "errors": {"type": "array", "items": _FAULT},
    },
}


def phrase(status: int) -> str:
    """What HTTP calls a status."""
    return HTTPStatus(status).phrase


def headers(names: Iterable[str]) -> dict[str, Any]:
    """References to headers of answers."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def problem_responses() -> dict[str, Any]:
    """One answer for each status that is a refusal, with the codes it may carry."""
    return {
        f"Problem{status}": _problem_response(status)
        for status in sorted({code.status for code in CODES.values()})
    }


def _problem_response(status: int) -> dict[str, Any]:
    codes = codes_of(status)
    extra = {401: ["WWW-Authenticate"], 409: ["Retry-After"], 429: ["Retry-After"], 503: ["Retry-After"]}
    narrowed = {"properties": {"status": {"const": status}, "code": {"enum": [code.name for code in codes]}}}
    example: dict[str, Any] = {
        "type": f"/api/docs/errors#{codes[0].name}",
        "title": codes[0].title,
        "status": status,
        "code": codes[0].name,
        "instance": "/api/people/me",
        "requestId": "req_01jd3k6zj4v9wq2m5t7x8y0abc",
    }
    if status == HTTPStatus.UNPROCESSABLE_ENTITY:
        example["errors"] = [{"pointer": "/timezone", "code": "missing", "detail": "Field required"}]
    return {
        "description": "\n".join(f"- `{code.name}`: {code.meaning}" for code in codes),
        "headers": headers([*ALWAYS, *extra.get(status, [])]),
        "content": {
            "application/problem+json": {
                "schema": {"allOf": [{"$ref": "#/components/schemas/Problem"}, narrowed]},
                "example": example,
            }
        },
    }
