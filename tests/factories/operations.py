"""Every operation of the OpenAPI document, and a request to each that must succeed: for tests that hold of all routes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any
from urllib.parse import urlencode

import blueprints  # noqa: F401 - declares every route
from shared.clients.queues.port import ACTIVITY
from shared.experience.decide.schemas import Message
from shared.http.openapi import openapi_document
from shared.kernel.errors import PreconditionRequired
from shared.people.access import Principal
from shared.people.consent.ledger import keyed_id
from shared.people.consent.links import ONE_CLICK
from shared.people.consent.models import Scope
from shared.people.consent.schemas import GrantConsent
from shared.wiring import App
from tests.factories.app import sign_in
from tests.factories.client import Client, Reply
from tests.factories.experience import ask, publish, work_off
from tests.factories.inbox import item_id, put
from tests.factories.messaging import campaign

UID = "uid-ana"
IDS = {
    "programme": "marketing",
    "channel": "email",
    "organizerId": "org_1",
    "id": "c_test",
    "personKey": UID,
    "asset": "errors",
    "deliveryId": item_id(),
}
"""What stands in the place of each path parameter; a new parameter needs a row, and something in ``a_world``."""
CONSENT = keyed_id("a-seed", Scope("marketing", "email"), "granted")
OTHER_IDS = {"/api/consents/{id}/confirm": {"id": CONSENT}}
"""Where a parameter's name stands for another thing."""


@dataclass(frozen=True)
class Operation:
    """One operation as the contract declares it."""

    name: str
    method: str
    path: str
    role: str
    example: Mapping[str, Any] | None = field(repr=False)
    statuses: frozenset[int] = field(repr=False)
    holes: tuple[str, ...] = field(repr=False)
    parameters: tuple[str, ...] = field(repr=False)
    headers: frozenset[str] = field(repr=False)

    def target(self, query: Mapping[str, str] | None = None, **ids: str) -> str:
        """The path with every parameter filled in."""
        path = self.path.format_map(IDS | OTHER_IDS.get(self.path, {}) | ids)
        return f"{path}?{urlencode(query)}" if query else path


@dataclass(frozen=True)
class World:
    """What the requests are about: a campaign, a person with a message in their inbox, and one that a visitor was shown."""

    app: App
    message: Message


@cache
def operations() -> dict[str, Operation]:
    """Every operation, by its name."""
    return {
        declared["operationId"]: _operation(method, path, declared)
        for path, item in openapi_document()["paths"].items()
        for method, declared in item.items()
    }


async def a_world(app: App) -> World:
    """Fill the stores of an app."""
    await publish(app, campaign())
    (message,) = (await ask(app)).messages
    await ask(app, Principal(UID))
    await app.activity.drain()
    await work_off(app, ACTIVITY)
    await put(app, "c_dj", uid=UID)
    body = {"programme": "marketing", "channel": "email", "wordingVersion": "w-1"}
    await app.consents.grant(UID, GrantConsent.model_validate(body), seed="a-seed")
    await app.favorites.add(UID, "org_1")
    return World(app, message)


def body_of(operation: Operation, world: World) -> Any:
    """The contract's own example, about what there is in this world."""
    if "deliveryId" in (operation.example or {}):
        shown = world.message
        return {"deliveryId": shown.delivery_id, "action": "acknowledged", "ackToken": shown.ack_token}
    if set(operation.example or {}) == {"token"}:
        return {"token": world.app.consent_links.confirmation(CONSENT, world.app.clock.now())}
    return operation.example


def query_of(operation: Operation, world: World) -> dict[str, str]:
    """The parameters that must be sent."""
    if "token" in operation.parameters:
        return {"token": world.app.consent_links.unsubscribe_token(CONSENT)}
    return {}


def token_of(operation: Operation, app: App) -> str | None:
    """Of a person who may; nobody's, where nobody must be signed in."""
    if operation.role == "anonymous":
        return None
    # what an organizer may depends on whose campaign it is
    role = "admin" if operation.role == "organizer" else operation.role
    return sign_in(app, UID, *(() if role == "user" else (role,)))


def headers_of(operation: Operation) -> dict[str, str]:
    """An Idempotency-Key where one is read, and If-Match over the first version where it must be sent."""
    headers = {"Idempotency-Key": "a-key"} if "Idempotency-Key" in operation.headers else {}
    return headers | ({"If-Match": '"1"'} if PreconditionRequired.status in operation.statuses else {})


async def send(client: Client, operation: Operation, world: World, **changes: Any) -> Reply:
    """The request that must succeed, with some of its parts replaced; a millisecond after whatever came before."""
    client.app.clock.advance(timedelta(milliseconds=1))
    usual = {
        "json": body_of(operation, world),
        "body": ONE_CLICK.encode() if operation.path == "/api/unsubscribe" else None,
        "token": token_of(operation, world.app),
        "headers": headers_of(operation),
    }
    target = changes.pop("target", operation.target(query_of(operation, world)))
    return await client.request(operation.method, target, **usual | changes)


def _operation(method: str, path: str, declared: Mapping[str, Any]) -> Operation:
    places = [(one["in"], one["name"]) for one in declared["parameters"]]
    content = declared.get("requestBody", {}).get("content", {}).get("application/json", {})
    return Operation(
        name=declared["operationId"],
        method=method.upper(),
        path=path,
        role=declared["x-role"],
        example=content.get("example"),
        statuses=frozenset(int(status) for status in declared["responses"]),
        holes=tuple(name for place, name in places if place == "path"),
        parameters=tuple(name for place, name in places if place == "query"),
        headers=frozenset(name for place, name in places if place == "header"),
    )
