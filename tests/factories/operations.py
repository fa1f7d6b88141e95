"""Every operation of the OpenAPI document, and a request to each that must succeed: for tests that hold of all routes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any
from urllib.parse import urlencode

import blueprints  # noqa: F401 - declares every route
from shared.clients.queues.port import ACTIVITY
from shared.http.openapi import openapi_document
from shared.kernel.errors import PreconditionRequired
from shared.wiring import App
from tests.factories.app import sign_in
from tests.factories.client import Client, Reply
from tests.factories.experience import ask, publish, work_off
from tests.factories.messaging import campaign
from tests.factories.needs import ANA, IDS, NEEDS, UID, Request


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
    fields: tuple[str, ...] = field(repr=False)
    headers: frozenset[str] = field(repr=False)


@dataclass(frozen=True)
class World:
    """An app with something in its stores, an operation, and the request to it that must succeed."""

    app: App
    operation: Operation
    request: Request

    @property
    def body(self) -> Any:
        """The JSON body, if there is one."""
        return self.operation.example if self.request.json is None else self.request.json

    @property
    def token(self) -> str | None:
        """Of a person who may; nobody's, where nobody must be signed in."""
        role = self.operation.role
        if role == "anonymous":
            return None
        # what an organizer may depends on whose campaign it is
        role = "admin" if role in ("organizer", "staff") else role
        return sign_in(self.app, UID, *(() if role == "user" else (role,)))

    @property
    def headers(self) -> dict[str, str]:
        """An Idempotency-Key where one is read, If-Match over the first version where it must be sent."""
        operation = self.operation
        headers = {"Idempotency-Key": "a-key"} if "Idempotency-Key" in operation.headers else {}
        headers |= {"If-Match": '"1"'} if PreconditionRequired.status in operation.statuses else {}
        return headers | dict(self.request.headers)

    def target(self, query: Mapping[str, str] | None = None, **ids: str) -> str:
        """The path with every parameter filled in."""
        path = self.operation.path.format_map(IDS | self.request.ids | ids)
        query = {**self.request.query, **(query or {})}
        return f"{path}?{urlencode(query)}" if query else path

    async def send(self, client: Client, **changes: Any) -> Reply:
        """The request, with some of its parts replaced; a millisecond after whatever came before."""
        client.app.clock.advance(timedelta(milliseconds=1))  # type: ignore[attr-defined]
        if "body" not in changes:
            changes = {"json": self.body, "body": self.request.raw, **changes}
        if "token" not in changes:
            changes["token"] = self.token
        target = changes.pop("target", self.target())
        return await client.request(self.operation.method, target, **{"headers": self.headers} | changes)


async def a_world(app: App, operation: Operation) -> World:
    """A campaign, a person, and what the operation's request is about."""
    await publish(app, campaign())
    await ask(app, ANA)
    request = await NEEDS[operation.name](app) if operation.name in NEEDS else Request()
    await drain(app)
    await work_off(app, ACTIVITY)
    return World(app, operation, request)


async def drain(app: App) -> None:
    """Let everything that leaves the answers' path arrive."""
    for hand_over in app.draining:
        await hand_over()


@cache
def operations() -> dict[str, Operation]:
    """Every operation, by its name."""
    return {
        declared["operationId"]: _operation(method, path, declared)
        for path, item in openapi_document()["paths"].items()
        for method, declared in item.items()
    }


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
        fields=tuple(_fields(content.get("schema", {}))),
        headers=frozenset(name for place, name in places if place == "header"),
    )


def _fields(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The fields of a body."""
    if "$ref" in schema:
        schema = openapi_document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    found: Mapping[str, Any] = schema.get("properties", {})
    return found
