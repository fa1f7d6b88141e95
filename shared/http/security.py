"""Headers that keep browsers from doing harm with an answer, and CORS for the configured front ends only."""

from collections.abc import Sequence
from typing import Final

HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Cache-Control": "no-store",
    "Vary": "Origin",
}
"""On every answer, unless the answer says otherwise."""

PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Content-Security-Policy of our own pages: scripts from this origin alone."""

_EXPOSED: Final = (
    "ETag, Location, X-Request-Id, X-Correlation-Id, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, "
    "RateLimit-Policy, Retry-After, Idempotent-Replayed, Server-Timing"
)
_ACCEPTED: Final = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Correlation-Id"
_PREFLIGHT_SECONDS: Final = 7200


def cors(origin: str | None, allowed: Sequence[str]) -> dict[str, str]:
    """What lets a configured front end read the answer; nothing for any other. Cookies are never part of it."""
    if origin is None or origin not in allowed:
        return {}
    return {"Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": _EXPOSED}


def preflight(origin: str | None, allowed: Sequence[str], methods: str) -> dict[str, str]:
    """What a browser asks before the real request."""
    if not cors(origin, allowed):
        return {}
    return {
        "Access-Control-Allow-Methods": methods,
        "Access-Control-Allow-Headers": _ACCEPTED,
        "Access-Control-Max-Age": str(_PREFLIGHT_SECONDS),
    }
