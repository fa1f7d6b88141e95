"""Every error that a caller may see, in one tree; ``shared.http`` renders it as problem+json.

    AppError
    ├── Malformed 400          not JSON, too deep, a number too large
    ├── Unauthenticated 401    no token, or one that does not hold
    ├── PaymentRequired 402
    ├── Forbidden 403          the role is missing on one's own object
    ├── NotFound 404           absent, or another's
    ├── MethodNotAllowed 405
    ├── Conflict 409           the object's state does not allow it, or the same request still runs
    ├── PreconditionFailed 412 If-Match does not name the present version
    ├── TooLarge 413
    ├── UnsupportedMedia 415
    ├── Invalid 422            a body or parameter does not fit; carries one entry per fault
    ├── PreconditionRequired 428
    ├── TooManyRequests 429
    └── Unavailable 503        a store does not answer in time; the same call may work later

Queue workers read ``retryable``: True puts the message back, False sends it to the poison queue.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a body or parameter; ``pointer`` is a JSON pointer, or ``?name`` of a parameter."""

    pointer: str
    code: str
    detail: str


class AppError(Exception):
    """Root of the tree. ``detail`` is shown to the caller: no secrets, no personal data, no exception text."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Internal error"
    default_code: ClassVar[str] = "internal"
    retryable: ClassVar[bool] = False

    def __init__(
        self,
        detail: str = "",
        *,
        code: str | None = None,
        retry_after: int | None = None,
        faults: Sequence[Fault] = (),
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.code = code or self.default_code
        self.retry_after = retry_after
        self.faults = tuple(faults)


class Malformed(AppError):
    """The body cannot be read at all."""

    status, title, default_code = 400, "Malformed request", "malformed"


class Unauthenticated(AppError):
    """There is no token, or it does not hold; which check failed is never said."""

    status, title, default_code = 401, "Sign-in needed", "unauthenticated"


class PaymentRequired(AppError):
    """There is not enough credit."""

    status, title, default_code = 402, "Not enough credit", "payment_required"


class Forbidden(AppError):
    """The caller lacks the role for something that is their own."""

    status, title, default_code = 403, "Not allowed", "forbidden"


class NotFound(AppError):
    """Absent, or another's: the two look the same on purpose.

    Source: design/architecture.md, HTTP conventions.
    """

    status, title, default_code = 404, "Not found", "not_found"


class MethodNotAllowed(AppError):
    """The path exists, the method does not."""

    status, title, default_code = 405, "Method not allowed", "method_not_allowed"


class Conflict(AppError):
    """The object's state does not allow it, or the same request is still running."""

    status, title, default_code = 409, "Conflict", "conflict"


class PreconditionFailed(AppError):
    """If-Match does not name the present version."""

    status, title, default_code = 412, "Changed in the meantime", "precondition_failed"


class TooLarge(AppError):
    """The body is larger than allowed."""

    status, title, default_code = 413, "Too large", "too_large"


class UnsupportedMedia(AppError):
    """The content type is not JSON."""

    status, title, default_code = 415, "Unsupported media type", "unsupported_media_type"


class Invalid(AppError):
    """A body or parameter does not fit; ``errors`` has one entry for each thing wrong."""

    status, title, default_code = 422, "Not valid", "invalid"


class PreconditionRequired(AppError):
    """A header that this route demands is missing."""

    status, title, default_code = 428, "Header required", "precondition_required"


class TooManyRequests(AppError):
    """A rate limit is reached; ``Retry-After`` says in how many seconds to come back."""

    status, title, default_code = 429, "Too many requests", "rate_limited"
    retryable = True


class Unavailable(AppError):
    """A store or vendor does not answer in time, or is contended; the same call may work later."""

    status, title, default_code = 503, "Temporarily unavailable", "unavailable"
    retryable = True

    def __init__(self, detail: str = "", *, code: str | None = None, retry_after: int = 2) -> None:
        super().__init__(detail, code=code, retry_after=retry_after)
