"""HTTP triggers and the admin route as an ASGI application (platform-facts.md §1)."""

import hmac
import json
import re
import uuid
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

import azure.functions as func
from azure.functions.http import HttpRequest, HttpResponseConverter

from dev.host.config import HostJson, Keys
from dev.host.durable.management import Management
from dev.host.invoking import Runtime
from dev.host.loading import Function
from dev.host.queues import queue_value
from dev.host.routing import Router
from dev.host.static import file_answer
from dev.host.timers import timer_value
from shared.clients.queues.port import QueueMessage
from shared.kernel.telemetry import log

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
DevRoutes = Mapping[tuple[str, str], Callable[[func.HttpRequest], Awaitable[func.HttpResponse]]]
"""Routes for development only, by method and exact path, such as ``("POST", "/dev/sign-in")``."""
_BODILESS: Final = (204, 304)
_BY_HAND: Final = ("queueTrigger", "timerTrigger")


@dataclass(frozen=True, slots=True)
class Extras:
    """What is served beside the functions: the files of a folder, and development routes."""

    static: Path | None = None
    routes: DevRoutes = field(default_factory=dict)


class Site:
    """Answers requests: admin route, functions, development routes, files, in this order."""

    def __init__(
        self,
        functions: Sequence[Function],
        settings: HostJson,
        keys: Keys,
        runtime: Runtime,
        *,
        extras: Extras,
        durable: Management,
    ) -> None:
        prefix = settings.extensions.http.route_prefix
        self._functions = {function.name: function for function in functions}
        web = {one.name: one.route for one in functions if one.kind == "httpTrigger"}
        self._router = Router(prefix, web)
        self._ours = tuple(f"{part}/" for part in (prefix.lower(), "admin", "dev", "runtime") if part)
        self._keys, self._runtime, self._extras, self._durable = keys, runtime, extras, durable
        self._limit = settings.body_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry; everything but plain HTTP is ignored."""
        if scope["type"] != "http":
            return
        headers = _headers(scope)
        length = int(headers.get("content-length", 0))
        if length > self._limit:
            await _send(send, func.HttpResponse(status_code=413, headers={"Connection": "close"}))
            return
        body = await _body(receive) if length else b""  # a chunked body without a length arrives empty
        if body is None:
            return
        path = _decoded(scope["raw_path"].decode("latin-1")).removeprefix("/")
        try:
            answer = await self._answer(scope, headers, path, body)
        except Exception:  # noqa: BLE001 - nothing of it reaches the caller
            log().error("request_failed", exc_info=True)
            answer = func.HttpResponse(status_code=500)
        await _send(send, answer)

    async def _answer(self, scope: Scope, headers: Mapping[str, str], path: str, body: bytes) -> Any:
        method = scope["method"].upper()
        found = self._router.match(method, path)
        request = _request(scope, headers, body, found[1] if found else {})
        if path.lower().startswith("admin/"):
            return self._admin(request, path)
        if path.startswith("runtime/"):
            return self._durable.serve(request, path, opened=self._opens(request, self._keys.system))
        if found:
            return await self._run(self._functions[found[0]], request)
        if handler := self._extras.routes.get((method, f"/{path}")):
            return await handler(request)
        static = None if path.lower().startswith(self._ours) else self._extras.static
        return (static and file_answer(static, request, path)) or func.HttpResponse(status_code=404)

    async def _run(self, function: Function, request: func.HttpRequest) -> Any:
        level = function.trigger.get("authLevel", "FUNCTION").lower()
        master = self._opens(request, self._keys.master)
        if function.disabled and not master:
            return func.HttpResponse(status_code=404)
        allowed = level == "anonymous" or (level == "function" and self._opens(request, self._keys.host))
        if not allowed and not master:
            return func.HttpResponse(status_code=401)
        result = await self._runtime.call(function, request)
        return _from_text(result) if isinstance(result, str) else result

    def _opens(self, request: func.HttpRequest, key: str) -> bool:
        given = request.headers.get("x-functions-key") or request.params.get("code", "")
        return hmac.compare_digest(given.split(",")[0].encode(), key.encode())

    def _admin(self, request: func.HttpRequest, path: str) -> func.HttpResponse:
        """``POST /admin/functions/{name}`` with ``{"input": "text"}`` starts a function of a queue or a timer."""
        if not self._opens(request, self._keys.master):
            return func.HttpResponse(status_code=401)
        match = re.fullmatch(r"admin/functions/([^/]+)/?", path, re.IGNORECASE)
        name = match[1].lower() if match and request.method == "POST" else ""
        function = next((one for one in self._functions.values() if one.name.lower() == name), None)
        if function is None or function.kind not in _BY_HAND:
            return func.HttpResponse(status_code=404)
        try:
            text = str(request.get_json().get("input") or "")
        except (ValueError, AttributeError):
            return func.HttpResponse(status_code=400)
        self._runtime.start(self._by_hand(function, text))
        return func.HttpResponse(status_code=202)

    async def _by_hand(self, function: Function, text: str) -> None:
        now = self._runtime.clock.now()
        message = QueueMessage(str(uuid.uuid4()), "", text, 1, now, now + timedelta(days=7), now)
        timer = function.kind == "timerTrigger"
        await self._runtime.attempt(
            function, lambda: timer_value(None, past_due=False) if timer else queue_value(message)
        )


def _headers(scope: Scope) -> dict[str, str]:
    """Lower-case names, several values joined by a comma, and the caller's address appended as the front end does."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    host, port = scope.get("client") or ("127.0.0.1", 0)
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    forwarded = headers.get("x-forwarded-for")
    headers["x-forwarded-for"] = f"{forwarded}, {address}" if forwarded else address
    return headers


async def _body(receive: Receive) -> bytes | None:
    """The whole body, or None when the caller went away."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _decoded(path: str) -> str:
    """A path with everything decoded but ``%2F`` and what is not UTF-8."""

    def decode(match: re.Match[str]) -> str:
        try:
            return "%2F".join(
                unquote(part, errors="strict") for part in re.split("%2F", match[0], flags=re.IGNORECASE)
            )
        except UnicodeDecodeError:
            return match[0]

    return re.sub(r"(?:%[0-9A-Fa-f]{2})+", decode, path)


def _request(
    scope: Scope, headers: Mapping[str, str], body: bytes, route: Mapping[str, str]
) -> func.HttpRequest:
    """What the worker hands to a function; query parameters without a value are dropped."""
    query = scope["query_string"].decode("latin-1")
    params: dict[str, str] = {}
    spelling: dict[str, str] = {}
    for given, value in parse_qsl(query):
        name = spelling.setdefault(given.lower(), given)
        params[name] = f"{params[name]},{value}" if name in params else value
    url = f"{scope['scheme']}://{headers.get('host', '')}{scope['raw_path'].decode('latin-1')}"
    url = f"{url}?{query}" if query else url
    return HttpRequest(
        scope["method"], url, headers=headers, params=params, route_params=route, body_type="bytes", body=body
    )


def _from_text(text: str) -> func.HttpResponse:
    """A returned str, with the host's trap: JSON with ``body`` is a whole response, other JSON is laid out anew."""
    try:
        content = json.loads(text)
    except ValueError:
        return func.HttpResponse(text)
    status, headers = 200, {}
    if isinstance(content, dict) and "body" in (
        parts := {name.lower(): value for name, value in content.items()}
    ):
        content, status = parts["body"], int(parts.get("statuscode") or parts.get("status") or 200)
        headers = {name: str(value) for name, value in (parts.get("headers") or {}).items()}
    body = content if isinstance(content, str) else json.dumps(content, indent=2, ensure_ascii=False)
    return func.HttpResponse(body, status_code=status, headers=headers)


async def _send(send: Send, result: Any) -> None:
    """Send what a function returned; what the worker cannot encode (a dict, None) is a 500 without body."""
    try:
        answer = HttpResponseConverter.encode(result, expected_type=None).value
    except NotImplementedError:
        log().error("request_failed", error="unable to encode outgoing TypedData")
        answer = HttpResponseConverter.encode(func.HttpResponse(status_code=500), expected_type=None).value
    status, body = int(answer["status_code"].value), answer["body"].value
    body = b"" if status in _BODILESS else body
    headers = {name.lower(): datum.value for name, datum in answer["headers"].items()}
    headers.pop("transfer-encoding", None)
    if status not in _BODILESS:
        headers["content-length"] = str(len(body))
    pairs = [(name.encode("latin-1"), str(value).encode("latin-1")) for name, value in headers.items()]
    for morsel in (morsel for cookie in answer["cookies"] or () for morsel in cookie.values()):
        morsel["path"] = morsel["path"] or "/"  # the host's default
        pairs.append((b"set-cookie", morsel.OutputString().encode("latin-1")))
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})
