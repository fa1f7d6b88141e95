"""The decorator that makes a function an HTTP route: its role, its schemas and its errors in one declaration.

The declaration feeds the middleware, the OpenAPI document and the system tests; a route cannot exist without a role.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import azure.functions as func
from pydantic import BaseModel

from shared.http.call import Answer, Call
from shared.kernel.errors import AppError
from shared.people.access import Role

Handler = Callable[[Call[Any, Any]], Awaitable[Answer]]


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
    idempotency: str = "none"  # none | optional | required
    if_match: bool = False
    event: str | None = None
    description: str = ""
    example: dict[str, Any] | None = None
    answer_example: dict[str, Any] | None = None
    tag: str = ""


ROUTES: list[Route] = []
"""Every route that was declared, in the order of import."""


def endpoint(
    bp: func.Blueprint,
    method: str,
    path: str,
    *,
    role: Role,
    summary: str,
    answers: dict[int, type[BaseModel] | None],
    body: type[BaseModel] | None = None,
    query: type[BaseModel] | None = None,
    errors: Sequence[type[AppError]] = (),
    idempotency: str = "none",
    if_match: bool = False,
    event: str | None = None,
    description: str = "",
    example: dict[str, Any] | None = None,
    answer_example: dict[str, Any] | None = None,
) -> Callable[[Handler], Handler]:
    """Register ``async def handler(call) -> Answer`` under the function's own name.

    Args:
        bp: the blueprint that carries the route.
        method: GET, POST, PATCH, PUT or DELETE.
        path: route template without the prefix, such as ``messages/campaigns/{id}``.
        role: who may call; Role.ANONYMOUS for everyone.
        summary: one line for the reference.
        answers: success status to body model (None for an empty body).
        body: model of the JSON body, if the route takes one.
        query: model of the query parameters, if it takes any; others are refused.
        errors: errors beside those that any route may answer with.
        idempotency: whether an Idempotency-Key is ``none`` (ignored), ``optional`` or ``required``.
        if_match: whether If-Match is read (and an ETag sent).
        event: name of the telemetry event to report, if the route has one.
        description: Markdown for the reference.
        example: example body. answer_example: example answer of the first status.
    """
    raise NotImplementedError
