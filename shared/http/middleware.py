"""standardMiddleware: the one pipeline around every HTTP function (messaging-platform.md §7).

Ids → caller → rate limit → role → parameters and body → idempotency → the handler → problem+json, security headers,
CORS, cost and report. Within a budget of seconds, whatever the stores do.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import azure.functions as func

from shared import wiring
from shared.clients.errors import StoreError
from shared.http import idempotency, parsing, security
from shared.http.authentication import authenticate, authorise
from shared.http.call import Call
from shared.http.exchange import Exchange, receive
from shared.http.limits import charge
from shared.http.rendering import Rendered, conditional, of_store, problem, render, response
from shared.http.route import Handler, Route
from shared.kernel import telemetry
from shared.kernel.errors import AppError, Unavailable
from shared.kernel.telemetry import Operation

Work = Callable[[Exchange], Awaitable[Rendered]]


async def serve(route: Route, handler: Handler, req: func.HttpRequest) -> func.HttpResponse:
    """Answer one request to a declared route."""
    return await surround(
        req, route.name, lambda exchange: _handle(route, handler, exchange), event=route.event
    )


async def surround(
    req: func.HttpRequest, name: str, work: Work, *, event: str | None = None
) -> func.HttpResponse:
    """Answer one request with what the work gives, or the problem that it raises; report it, as ``event`` if it has one."""
    app = wiring.app()
    started = app.clock.monotonic()
    exchange = receive(req, app)
    bound = telemetry.bind(
        request_id=exchange.request_id, correlation_id=exchange.correlation_id, function=name
    )
    try:
        with telemetry.counted() as bill, telemetry.span(name) as span:
            rendered = await _within_budget(exchange, work)
            span.set_attribute("http.response.status_code", rendered.status)
        milliseconds = (app.clock.monotonic() - started) * 1000
        telemetry.event(
            event or "http_request",
            milliseconds=milliseconds,
            bill=bill,
            route=name,
            method=req.method,
            status=rendered.status,
        )
        return response(rendered, _headers(exchange, milliseconds, bill))
    finally:
        telemetry.unbind(bound)


async def _within_budget(exchange: Exchange, work: Work) -> Rendered:
    """What the work gives, in time; any error becomes a problem."""
    try:
        async with asyncio.timeout(exchange.app.settings.request_budget_seconds):
            return await work(exchange)
    except AppError as error:
        return problem(error, exchange)
    except TimeoutError:
        telemetry.log().warning("request_out_of_time")
        return problem(Unavailable(code="out_of_time"), exchange)
    except StoreError as error:
        telemetry.log().warning("store_error", exc_info=error)
        return problem(of_store(error), exchange)
    except Exception as error:  # noqa: BLE001 - the last line before the host, which would send an empty 500
        telemetry.log().error("unhandled_error", exc_info=error)
        return problem(AppError(), exchange)


async def _handle(route: Route, handler: Handler, exchange: Exchange) -> Rendered:
    try:
        exchange.principal = await authenticate(exchange, route)
    finally:
        charge(exchange)  # a bad token counts as well, for its address
    authorise(exchange.principal, route)
    call = _parse(route, exchange)
    key = idempotency.key_of(exchange, route)
    if key is None:
        return conditional(render(await handler(call)), exchange)

    async def work() -> Rendered:
        try:
            return render(await handler(replace(call, seed=key.seed)))
        except AppError as error:
            return problem(error, exchange)

    return await idempotency.once(exchange, key, work)


def _parse(route: Route, exchange: Exchange) -> Call[Any, Any]:
    """Everything a handler gets; whatever does not fit is raised here, before any work."""
    raw = exchange.req.get_body()
    parsing.check_size(raw)
    return Call(
        path=parsing.path_parameters(exchange.req.route_params),
        query=parsing.query_parameters(exchange.query, route.query),
        body=parsing.json_body(raw, exchange.header("content-type"), route.body) if route.body else None,
        principal=exchange.principal,
        address=exchange.address,
        request_id=exchange.request_id,
        if_match=parsing.if_match(exchange.header("if-match")) if route.if_match else None,
        versions=parsing.versions(exchange.header("if-none-match")),
        raw=raw,
        user_agent=exchange.header("user-agent"),
    )


def _headers(exchange: Exchange, milliseconds: float, bill: Counter[Operation]) -> dict[str, str]:
    cost = [
        f"total;dur={milliseconds:.1f}",
        *(f'{kind}s;desc="{number}"' for kind, number in sorted(bill.items())),
    ]
    return {
        **security.HEADERS,
        **security.cors(exchange.header("origin"), exchange.app.settings.cors_origins),
        **exchange.headers,
        "X-Request-Id": exchange.request_id,
        "X-Correlation-Id": exchange.correlation_id,
        "Server-Timing": ", ".join(cost),
    }
