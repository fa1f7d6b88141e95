"""The extension's HTTP API of orchestrations, and the durableClient binding that names it (platform-facts.md §6)."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import unquote

import azure.functions as func

from dev.host.durable.engine import AlreadyExists, Engine
from dev.host.durable.history import Kind, read, written
from dev.host.durable.store import Instance

WEBHOOK: Final = "runtime/webhooks/durabletask/"
"""Path of the public API, which takes the system key as ``?code=``."""
_ROUTES: Final = (
    ("POST", r"orchestrators/(?P<name>[^/]+)(/(?P<ident>[^/]+))?", "start"),
    ("GET", r"instances/?", "list"),
    ("DELETE", r"instances/?", "purge_by"),
    ("GET", r"instances/(?P<ident>[^/]+)", "status"),
    ("DELETE", r"instances/(?P<ident>[^/]+)", "purge"),
    ("POST", r"instances/(?P<ident>[^/]+)/(?P<verb>raiseEvent)/(?P<name>[^/]+)", "act"),
    ("POST", r"instances/(?P<ident>[^/]+)/(?P<verb>terminate|suspend|resume|restart)", "act"),
    ("POST", r"instances/[^/]+/rewind", "rewind"),
    ("GET|POST|DELETE", r"entities(/.*)?", "entities"),
)
_VERBS: Final = (
    ("statusQueryGetUri", "", ""),
    ("sendEventPostUri", "/raiseEvent/{eventName}", ""),
    ("terminatePostUri", "/terminate", "reason={text}&"),
    ("rewindPostUri", "/rewind", "reason={text}&"),
    ("purgeHistoryDeleteUri", "", ""),
    ("restartPostUri", "/restart", ""),
    ("suspendPostUri", "/suspend", "reason={text}&"),
    ("resumePostUri", "/resume", "reason={text}&"),
)

Reply = tuple[int, Any]
"""Status and JSON value."""
Query = Mapping[str, str]
Given = Mapping[str, str]


class Management:
    """Answers the API for one engine. ``address`` is where the host is served, such as ``http://127.0.0.1:7071``."""

    def __init__(self, engine: Engine, key: str, address: str = "http://127.0.0.1:7071") -> None:
        self._engine, self._key, self.address = engine, key, address

    @property
    def rpc_path(self) -> str:
        """Path of the API for the app itself; a secret in it takes the place of a key."""
        return f"runtime/rpc/{self._key}/durabletask/"

    def binding(self) -> str:
        """The JSON that a durableClient parameter receives."""
        base = f"{self.address}/{WEBHOOK}"
        start = f"{base}orchestrators/{{functionName}}[/{{instanceId}}]"
        wait = "timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}"
        return json.dumps(
            {
                "taskHubName": self._engine.options.hub_name,
                "creationUrls": {
                    "createNewInstancePostUri": f"{start}?code={self._key}",
                    "createAndWaitOnNewInstancePostUri": f"{start}?{wait}&code={self._key}",
                },
                "managementUrls": self._links("INSTANCEID"),
                "baseUrl": base.rstrip("/"),
                "requiredQueryStringParameters": f"code={self._key}",
                "rpcBaseUrl": f"{self.address}/{self.rpc_path}",
                "httpBaseUrl": base.rstrip("/"),
            }
        )

    def _links(self, ident: str) -> dict[str, str]:
        required = f"taskHub={self._engine.options.hub_name}&connection=AzureWebJobsStorage&code={self._key}"
        base = f"{self.address}/{WEBHOOK}instances/{ident}"
        return {"id": ident} | {name: f"{base}{path}?{query}{required}" for name, path, query in _VERBS}

    def serve(self, request: func.HttpRequest, path: str, *, opened: bool) -> func.HttpResponse:
        """Answer the app itself under a secret path, and others whose system key ``opened`` the API."""
        prefix = self.rpc_path if path.startswith("runtime/rpc/") else WEBHOOK
        if not path.startswith(prefix):
            return func.HttpResponse(status_code=404)
        if prefix == WEBHOOK and not opened:
            return func.HttpResponse(status_code=401)
        status, value = self.answer(
            request.method, path.removeprefix(prefix), request.params, request.get_body()
        )
        body = b"" if value is None else json.dumps(value).encode()
        headers = {}
        if status == HTTPStatus.ACCEPTED and isinstance(value, dict):
            at = value.get("statusQueryGetUri") or request.url
            headers = {"Location": at, "Retry-After": "10" if "statusQueryGetUri" in value else "5"}
        return func.HttpResponse(body, status_code=status, headers=headers, mimetype="application/json")

    def answer(self, method: str, path: str, query: Query, body: bytes) -> Reply:
        """Status and JSON value, given the path below the API's own."""
        for methods, pattern, action in _ROUTES:
            match = re.fullmatch(pattern, path, re.IGNORECASE)
            if match and method in methods.split("|"):
                return self._answer(
                    action, {k: unquote(v) for k, v in match.groupdict("").items()}, query, body
                )
        return 404, None

    def _answer(self, action: str, given: Given, query: Query, body: bytes) -> Reply:
        if action == "start":
            return self._start(given["name"], given["ident"], query, body)
        if action in ("list", "purge_by"):
            return self._many(query, purge=action == "purge_by")
        if action in ("rewind", "entities"):
            return 501, f"The local host serves no {action}."
        one = self._engine.store.instance(given["ident"])
        if one is None:
            return 404, None
        if action in ("status", "purge"):
            return self._status(one, query) if action == "status" else self._purge([one])
        return self._act(one, given, query, body)

    def _act(self, one: Instance, given: Given, query: Query, body: bytes) -> Reply:
        verb = given["verb"]
        if verb == "restart":
            return self._restart(one, query)
        if one.ended:
            return 410, None
        if verb == "raiseEvent":
            return self._raise(one, given["name"], body)
        if verb == "terminate":
            self._engine.terminate(one, query.get("reason", ""))
        else:
            self._engine.suspend(one, suspended=verb == "suspend")
        return 202, None

    def _start(self, name: str, ident: str, query: Query, body: bytes) -> Reply:
        try:
            text = body.decode()
            if text:
                json.loads(text)
            return 202, self._links(
                self._engine.start(name, text or None, ident or None, query.get("version"))
            )
        except AlreadyExists as error:
            return 409, {"Message": str(error), "ExceptionMessage": str(error)}
        except LookupError as error:
            return 400, {"Message": str(error.args[0]), "ExceptionMessage": str(error.args[0])}
        except ValueError:
            return 400, {"Message": "Invalid JSON content", "ExceptionMessage": "Invalid JSON content"}

    def _raise(self, one: Instance, name: str, body: bytes) -> Reply:
        try:
            self._engine.raise_event(one, name, json.dumps(json.loads(body)))
        except ValueError:
            return 400, {"Message": "Invalid JSON content"}
        return 202, None

    def _restart(self, one: Instance, query: Query) -> Reply:
        fresh = query.get("restartWithNewInstanceId", "true").lower() != "false"
        try:
            ident = self._engine.start(one.name, one.input, None if fresh else one.id, one.version)
        except AlreadyExists as error:
            return 409, {"Message": str(error)}
        return 202, self._links(ident)

    def _many(self, query: Query, *, purge: bool) -> Reply:
        found = [one for one in self._engine.store.instances() if _asked(one, query)]
        if purge:
            return self._purge(found)
        return 200, [self._said(one, query) for one in found]

    def _purge(self, found: list[Instance]) -> Reply:
        ended = [one for one in found if one.ended]
        for one in ended:
            self._engine.purge(one)
        return (200, {"instancesDeleted": len(ended)}) if ended else (404, None)

    def _status(self, one: Instance, query: Query) -> Reply:
        if not one.ended:
            return 202, self._said(one, query)
        loud = query.get("returnInternalServerErrorOnFailure", "").lower() == "true"
        return 500 if loud and one.status == "Failed" else 200, self._said(one, query)

    def _said(self, one: Instance, query: Query) -> dict[str, Any]:
        said = {
            "name": one.name,
            "instanceId": one.id,
            "runtimeStatus": one.status,
            "input": _value(one.input) if query.get("showInput", "true").lower() == "true" else None,
            "customStatus": _value(one.custom_status),
            "output": _value(one.output),
            "createdTime": written(one.created_at),
            "lastUpdatedTime": written(one.updated_at),
        }
        if query.get("showHistory", "").lower() == "true":
            said["historyEvents"] = list(
                self._events(one, query.get("showHistoryOutput", "").lower() == "true")
            )
        return said

    def _events(self, one: Instance, outputs: bool) -> Iterator[dict[str, Any]]:  # noqa: FBT001 - private
        for item in self._engine.store.history(one.id):
            more = {key: item[key] for key in ("Name", "Reason", "FireAt") if item.get(key)}
            if outputs and item.get("Result"):
                more["Result"] = _value(item["Result"])
            yield {"EventType": Kind(item["EventType"]).name, "Timestamp": item["Timestamp"], **more}


def _value(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def _asked(one: Instance, query: Query) -> bool:
    """Whether an instance is one of those that the query parameters name."""
    statuses = {word.lower() for word in query.get("runtimeStatus", "").split(",") if word}
    since, until = _moment(query, "createdTimeFrom"), _moment(query, "createdTimeTo")
    return (
        one.id.startswith(query.get("instanceIdPrefix", ""))
        and (not statuses or one.status.lower() in statuses)
        and (since is None or one.created_at >= since)
        and (until is None or one.created_at <= until)
    )


def _moment(query: Query, name: str) -> datetime | None:
    return read(query[name]) if query.get(name) else None
