"""The declaration of one HTTP route: what feeds the middleware, the OpenAPI document and the system tests."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

from pydantic import BaseModel

from shared.http.call import Answer, Call
from shared.kernel.errors import AppError
from shared.people.access import Role

Handler = Callable[[Call[Any, Any]], Awaitable[Answer]]
Idempotency = Literal["none", "optional", "required"]


@dataclass(frozen=True, slots=True)
class Route:
    """One declared route; ``path`` is without the ``api`` prefix, in the host's template syntax."""

    name: str
    method: str
    path: str
    role: Role
    summary: str
    answers: dict[int, type[BaseModel] | None]
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    errors: tuple[type[AppError], ...] = ()
    idempotency: Idempotency = "none"
    if_match: bool = False
    scope: str | None = None
    event: str | None = None
    description: str = ""
    example: dict[str, Any] | None = None
    answer_example: dict[str, Any] | None = None
    tag: str = ""
    media_type: str = "application/json"


ROUTES: Final[list[Route]] = []
"""Every route that was declared, in the order of import."""
