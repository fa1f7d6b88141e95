"""One request on its way through the middleware, and what will be told beside its answer."""

import re
from dataclasses import dataclass, field
from typing import Final

import azure.functions as func

from shared.http.addresses import client_address
from shared.people.access import NOBODY, Principal
from shared.wiring import App

_CORRELATION: Final = re.compile(r"[A-Za-z0-9._-]{8,128}")
_ORIGIN_OF_URL: Final = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")


@dataclass(slots=True)
class Exchange:
    """A request with its ids, its caller and the headers that the middleware itself adds to the answer."""

    app: App
    req: func.HttpRequest
    request_id: str
    correlation_id: str
    address: str
    path: str
    query: str
    principal: Principal = NOBODY
    headers: dict[str, str] = field(default_factory=dict)

    def header(self, name: str) -> str | None:
        """A header of the request; several of one name come joined with commas."""
        headers = self.req.headers
        return headers[name] if name in headers else None  # noqa: SIM401 - its get() raises and catches


def receive(req: func.HttpRequest, app: App) -> Exchange:
    """A request as it arrives. The caller's correlation id is kept when it is 8 to 128 harmless characters."""
    request_id = app.ids.new("req")
    given = req.headers.get("x-correlation-id", "")
    path, _, query = _ORIGIN_OF_URL.sub("", req.url).partition("#")[0].partition("?")
    return Exchange(
        app=app,
        req=req,
        request_id=request_id,
        correlation_id=given if _CORRELATION.fullmatch(given) else request_id,
        address=client_address(req.headers.get("x-forwarded-for"), app.settings.trusted_proxies),
        path=path or "/",
        query=query,
    )
