"""The decorator that makes a function an HTTP route: its role, its schemas and its errors in one declaration.

The declaration feeds the middleware, the OpenAPI document and the system tests; a route cannot exist without a role.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import azure.functions as func
from pydantic import BaseModel

from shared.http.middleware import serve
from shared.http.route import ROUTES, Handler, Idempotency, Route
from shared.kernel.errors import AppError
from shared.people.access import Role

__all__ = ["ROUTES", "Handler", "Route", "endpoint"]


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
    idempotency: Idempotency = "none",
    if_match: bool = False,
    scope: str | None = None,
    event: str | None = None,
    description: str = "",
    example: dict[str, Any] | None = None,
    answer_example: dict[str, Any] | None = None,
    media_type: str = "application/json",
) -> Callable[[Handler], Handler]:
    """Register ``async def handler(call) -> Answer`` under the function's own name, and give it back unchanged.

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
        scope: what one of our own servers may do here; a key with that scope passes as the role does.
        event: name of the telemetry event to report, if the route has one.
        description: Markdown for the reference.
        example: an example body.
        answer_example: an example answer of the first success status.
        media_type: of the answer, where a handler gives ``Answer(raw=…)`` instead of a model.
    """
    declared = Route(
        name="",
        method=method,
        path=path,
        role=role,
        summary=summary,
        answers=answers,
        body=body,
        query=query,
        errors=tuple(errors),
        idempotency=idempotency,
        if_match=if_match,
        scope=scope,
        event=event,
        description=description,
        example=example,
        answer_example=answer_example,
        media_type=media_type,
    )
    return partial(_register, bp, declared)


def _register(bp: func.Blueprint, declared: Route, handler: Handler) -> Handler:
    name = handler.__name__
    route = replace(declared, name=name, tag=_area(handler.__module__))

    async def function(req: func.HttpRequest) -> func.HttpResponse:
        return await serve(route, handler, req)

    function.__name__ = function.__qualname__ = name
    function.__module__ = handler.__module__
    trigger = bp.route(
        route=route.path,
        trigger_arg_name="req",
        methods=[route.method],
        auth_level=func.AuthLevel.ANONYMOUS,  # whose roles are checked is ours to say, not a key's
    )
    bp.function_name(name)(trigger(function))
    ROUTES.append(route)
    return handler


def _area(module: str) -> str:
    """``blueprints.messaging.campaigns_http`` belongs to ``messaging``: the tag of its routes."""
    parts = module.split(".")
    return parts[1] if len(parts) > 2 else parts[-1]  # noqa: PLR2004 - package, area, module
