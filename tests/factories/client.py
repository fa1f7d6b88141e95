"""An HTTP client in the same process: finds the function as the host would, and calls it with a real request."""

import re
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any
from urllib.parse import unquote, urlsplit

import azure.functions as func
import orjson

from blueprints import BLUEPRINTS
from shared import wiring
from shared.wiring import App
from tests.factories.durable import Engine

BASE = "http://localhost:7071"
_HOLE = re.compile(r"\\\{(\\\*)?(\w+)[^{}]*\\\}")


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: Any
    body: bytes

    @cached_property
    def json(self) -> Any:
        """The body, read as JSON."""
        return orjson.loads(self.body)

    @property
    def code(self) -> str | None:
        """The problem's code; None for an answer that is not a problem."""
        return self.json["code"] if "problem" in self.headers["Content-Type"] else None


class Client:
    """Sends requests to the functions of some blueprints; by default to all of the app's.

    The host's habits are kept: functions in order of their names, the first match wins, case does not matter; the front
    end appends the caller's address to ``X-Forwarded-For``. Functions with a durable client get one of ``durable``, or of
    an engine of their own.
    """

    def __init__(
        self, app: App, *blueprints: Any, address: str = "203.0.113.7", durable: Engine | None = None
    ) -> None:
        self.app = app
        self.durable = durable
        self.address = address
        self._functions = _functions(blueprints)

    async def request(
        self,
        method: str,
        target: str,
        *,
        json: Any = None,
        body: bytes | None = None,
        token: str | None = None,
        headers: dict[str, str] | None = None,
        address: str | None = None,
    ) -> Reply:
        """One request. ``json`` is encoded and typed; ``body`` is sent as it is; ``address`` is where it comes from."""
        sent = {name.lower(): value for name, value in (headers or {}).items()}
        if json is not None:
            body = orjson.dumps(json)
            sent.setdefault("content-type", "application/json")
        if token is not None:
            sent.setdefault("authorization", f"Bearer {token}")
        hops = [sent["x-forwarded-for"]] if "x-forwarded-for" in sent else []
        sent["x-forwarded-for"] = ", ".join([*hops, f"{address or self.address}:50000"])
        function, clients, route_params = self._find(method, _decoded(urlsplit(BASE + target).path))
        wiring.use(self.app)
        asked = func.HttpRequest(
            method, BASE + target, headers=sent, params={}, route_params=route_params, body=body or b""
        )
        if clients and self.durable is None:
            self.durable = Engine(self.app)
        answer = await function(
            asked, **{name: self.durable.management.binding() for name in clients if self.durable}
        )
        answer.headers.setdefault("Content-Type", answer.mimetype)
        return Reply(answer.status_code, answer.headers, answer.get_body())

    async def get(self, target: str, **rest: Any) -> Reply:
        """GET."""
        return await self.request("GET", target, **rest)

    async def post(self, target: str, **rest: Any) -> Reply:
        """POST."""
        return await self.request("POST", target, **rest)

    async def put(self, target: str, **rest: Any) -> Reply:
        """PUT."""
        return await self.request("PUT", target, **rest)

    async def patch(self, target: str, **rest: Any) -> Reply:
        """PATCH."""
        return await self.request("PATCH", target, **rest)

    async def delete(self, target: str, **rest: Any) -> Reply:
        """DELETE."""
        return await self.request("DELETE", target, **rest)

    def _find(self, method: str, path: str) -> tuple[Any, list[str], dict[str, str]]:
        for pattern, methods, function, clients in self._functions:
            found = pattern.fullmatch(path)
            if found and method in methods:
                return function, clients, {name: value for name, value in found.groupdict().items() if value}
        raise LookupError(f"no function for {method} {path}")


@cache
def _functions(blueprints: tuple[Any, ...]) -> list[tuple[re.Pattern[str], set[str], Any, list[str]]]:
    """The HTTP functions in the host's order, from an app object of their own: one can tell its functions only once."""
    app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
    for blueprint in blueprints or BLUEPRINTS:
        app.register_functions(blueprint)
    ordered = sorted(app.get_functions(), key=lambda function: function.get_function_name().lower())
    return [
        (
            _pattern(trigger.route),
            {str(method) for method in trigger.methods},
            function.get_user_function(),
            [one.name for one in function.get_bindings() if one.type == "durableClient"],
        )
        for function in ordered
        if (trigger := function.get_trigger()).get_binding_name() == "httpTrigger"
    ]


def _decoded(path: str) -> str:
    """As the host routes it: an encoded slash stays as it is."""
    return unquote(re.sub("%(?=2f)", "%25", path, flags=re.IGNORECASE))


def _pattern(template: str) -> re.Pattern[str]:
    text = _HOLE.sub(
        lambda hole: f"(?P<{hole[2]}>{'.*' if hole[1] else '[^/]+'})", re.escape(f"/api/{template}")
    )
    return re.compile(f"{text}/?", re.IGNORECASE)
