"""Whether this instance lives and can work, and what it offers."""

import asyncio
from collections.abc import Awaitable

import azure.functions as func

from shared.http.call import Answer, Call
from shared.http.endpoint import endpoint
from shared.http.openapi import openapi_json
from shared.kernel.errors import Unavailable
from shared.kernel.wire import Wire
from shared.people.access import Role
from shared.wiring import app

bp = func.Blueprint()

_PATIENCE_SECONDS = 1.0


class Health(Wire):
    """The process answers."""

    status: str


class Readiness(Wire):
    """The stores that every decision needs answer."""

    status: str
    stores: list[str]


@endpoint(
    bp,
    "GET",
    "health",
    role=Role.ANONYMOUS,
    summary="Is the process alive?",
    description="Asks no store, so that a slow store never restarts the app.",
    answers={200: Health},
    answer_example={"status": "alive"},
)
async def health(_call: Call) -> Answer:
    """Alive, if this is answered at all."""
    return Answer(Health(status="alive"))


@endpoint(
    bp,
    "GET",
    "ready",
    role=Role.ANONYMOUS,
    summary="Can it work: do documents and queues answer within a second?",
    description="Figures are not asked for: without them people are served all the same, and events wait in their queue.",
    answers={200: Readiness},
    errors=[Unavailable],
    answer_example={"status": "ready", "stores": ["documents", "queues"]},
)
async def ready(_call: Call) -> Answer:
    """Ready, or which store does not answer."""
    stores = {"documents": app().documents.ping(), "queues": app().queues.ping()}
    answers = await asyncio.gather(*map(_answers, stores.values()))
    dark = [name for name, answered in zip(stores, answers, strict=True) if not answered]
    if dark:
        raise Unavailable(f"No answer from: {', '.join(dark)}.", code="not_ready")
    return Answer(Readiness(status="ready", stores=list(stores)))


@endpoint(
    bp,
    "GET",
    "openapi.json",
    role=Role.ANONYMOUS,
    summary="This contract, as OpenAPI 3.1.",
    answers={200: None},
)
async def openapi(_call: Call) -> Answer:
    """The contract, made from the declared routes."""
    body, version = openapi_json()
    return Answer(raw=body, etag=version, headers={"Cache-Control": "no-cache"})


async def _answers(ping: Awaitable[None]) -> bool:
    try:
        await asyncio.wait_for(ping, _PATIENCE_SECONDS)
    except Exception:  # noqa: BLE001 - whatever it is, the store is not there
        return False
    return True
