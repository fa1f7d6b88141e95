"""What standardMiddleware costs around a handler that does nothing, against the usual bare function.

The work: a body like that of ``decide`` becomes a model, an answer with two messages becomes JSON. The usual function does that alone:
``get_json``, pydantic, ``json``. Ours also makes the ids, finds the caller's address, counts against the rate limit, keeps the time budget,
opens a span, writes one log line, counts store operations and sends the security and CORS headers. Left out: the host, sign-in, stores. Log lines are
made whole and then thrown away; there is no exporter of spans and metrics.

Goals (design/performance.md §6, row 13): at most 15 µs; the same bad bodies are refused.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

import azure.functions as func
import orjson
from pydantic import Field, ValidationError

from benchmarks import Case
from shared import wiring
from shared.http.call import Answer, Call
from shared.http.endpoint import endpoint
from shared.kernel import telemetry
from shared.kernel.settings import Settings
from shared.kernel.wire import Wire
from shared.people.access import Role

REQUESTS = 100
SECRET = "benchmark" * 4
Function = Callable[[func.HttpRequest], Awaitable[func.HttpResponse]]


class Ask(Wire):
    release_id: str = Field(pattern=r"^[\w.-]{1,64}$")
    visitor_id: str = Field(max_length=128)
    feature_flags: list[str] = Field(max_length=50)
    locale: str | None = None
    timezone: str | None = None


class Message(Wire):
    delivery_id: str
    campaign_id: str
    channel: str
    content: dict[str, str]
    expires_at: datetime


class Told(Wire):
    decision_id: str
    messages: list[Message]
    next_check_in_seconds: int


GOOD: dict[str, Any] = {
    "releaseId": "2026.11",
    "visitorId": "6f1d2a4e-0b57-4c1e-9a3d-5e8f7c6b1a20",
    "featureFlags": ["beta", "night"],
    "locale": "it",
    "timezone": "Europe/Rome",
}
BAD: list[bytes] = [
    b"",
    b"{",
    b"[]",
    b"null",
    b'{"releaseId": 1}',
    orjson.dumps(GOOD | {"unknown": 1}),
    orjson.dumps(GOOD | {"releaseId": "a b"}),
    orjson.dumps(GOOD | {"featureFlags": "beta"}),
    orjson.dumps({key: value for key, value in GOOD.items() if key != "visitorId"}),
]
TOLD = Told(
    decision_id="dec_01jd",
    messages=[
        Message(
            delivery_id=f"d_{place:026d}",
            campaign_id=f"c_{place:026d}",
            channel="banner",
            content={"title": "Milonga", "body": "Tonight at eight", "href": "https://tangotiempo.com/e/1"},
            expires_at=datetime(2026, 11, 21, 20, 10, tzinfo=UTC),
        )
        for place in range(2)
    ],
    next_check_in_seconds=600,
)


def cases() -> Iterator[Case]:
    """A post with a body, and a get without."""
    telemetry.configure_logging()
    log = logging.getLogger("cabeceo")
    log.propagate, log.handlers = False, [_Discards()]
    app = wiring.App(
        settings=Settings(
            cabeceo_env="test",
            hash_secret=SECRET,
            signing_secrets=[SECRET],
            rate_per_address=1_000_000_000,
        )
    )
    wiring.use(app)
    loop = asyncio.new_event_loop()
    for title, request, ours, usual in zip(
        ("a POST with a body", "a GET"),
        (_request("POST", orjson.dumps(GOOD)), _request("GET", b"")),
        _ours(),
        (_usual_post, _usual_get),
        strict=True,
    ):
        if usual is _usual_post:
            _check_refusals(loop, ours, usual)
        yield Case(
            title=title,
            unit="request",
            units=REQUESTS,
            ways={
                "ours": partial(_run, loop, ours, [request] * REQUESTS),
                "get_json, pydantic, json": partial(_run, loop, usual, [request] * REQUESTS),
            },
            answers=lambda responses: [(one.status_code, orjson.loads(one.get_body())) for one in responses],
        )
    wiring.use(None)
    loop.close()


def _run(
    loop: asyncio.AbstractEventLoop, function: Function, requests: list[func.HttpRequest]
) -> list[func.HttpResponse]:
    async def ask() -> list[func.HttpResponse]:
        return [await function(request) for request in requests]

    return loop.run_until_complete(ask())


def _check_refusals(loop: asyncio.AbstractEventLoop, *functions: Function) -> None:
    requests = [_request("POST", body) for body in BAD]
    for function in functions:
        assert all(400 <= one.status_code < 500 for one in _run(loop, function, requests))


def _request(method: str, body: bytes) -> func.HttpRequest:
    return func.HttpRequest(
        method,
        "https://api.tangotiempo.com/api/experience/decide",
        headers={
            "content-type": "application/json",
            "x-forwarded-for": "203.0.113.7:50000",
            "user-agent": "Mozilla/5.0",
            "origin": "https://tangotiempo.com",
        },
        params={},
        route_params={},
        body=body,
    )


def _ours() -> list[Function]:
    bp = func.Blueprint()

    @endpoint(bp, "POST", "bench", role=Role.ANONYMOUS, summary="", body=Ask, answers={200: Told})
    async def bench_post(_: Call[Ask]) -> Answer:
        return Answer(TOLD)

    @endpoint(bp, "GET", "bench", role=Role.ANONYMOUS, summary="", answers={200: Told})
    async def bench_get(_: Call) -> Answer:
        return Answer(TOLD)

    app = func.FunctionApp()
    app.register_functions(bp)
    return [function.get_user_function() for function in app.get_functions()]


async def _usual_post(request: func.HttpRequest) -> func.HttpResponse:
    try:
        Ask.model_validate(request.get_json())
    except (ValueError, ValidationError):
        return func.HttpResponse(json.dumps({"error": "bad request"}), status_code=422)
    return await _usual_get(request)


async def _usual_get(_: func.HttpRequest) -> func.HttpResponse:
    body = json.dumps(TOLD.model_dump(mode="json", by_alias=True, exclude_none=True))
    return func.HttpResponse(body, mimetype="application/json")


class _Discards(logging.Handler):
    """Makes the text of each line, as the host's handler does, and drops it."""

    def emit(self, record: logging.LogRecord) -> None:
        self.format(record)
