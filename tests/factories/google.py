"""What Cabeceo uses of Google's identity service, on loopback and in Google's own shapes.

Certificates as ``robot/v1/metadata/x509`` answers them, and Identity Toolkit's ``accounts:lookup`` and
``accounts:update`` as the Auth emulator serves them (its path, and «Bearer owner» as the caller).
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ACCOUNTS = "/identitytoolkit.googleapis.com/v1/projects/{project}/accounts:"


class Google:
    """The service's state: certificates by key id and accounts by uid, and an error to answer everything with."""

    def __init__(self, project: str, certificates: dict[str, str]) -> None:
        self.project = project
        self.certificates = certificates
        self.accounts: dict[str, dict[str, Any]] = {}
        self.failing: tuple[int, bytes] | None = None
        self.host = ""

    def create(self, uid: str, *, claims: dict[str, Any] | None = None) -> None:
        self.accounts[uid] = {
            "localId": uid,
            "validSince": "1700000000",
            "createdAt": "1700000000123",
            "lastLoginAt": "1700000000123",
            **({"customAttributes": json.dumps(claims)} if claims else {}),
        }

    def disable(self, uid: str) -> None:
        self.accounts[uid]["disabled"] = True

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        """Status and JSON of an answer."""
        accounts = ACCOUNTS.format(project=self.project)
        if (method, path) == ("GET", "/certificates"):
            return 200, self.certificates
        if (method, path) == ("POST", accounts + "lookup"):
            users = [self.accounts[uid] for uid in body["localId"] if uid in self.accounts]
            found = {"users": users} if users else {}
            return 200, {"kind": "identitytoolkit#GetAccountInfoResponse", **found}
        if (method, path) == ("POST", accounts + "update"):
            return self._update(body)
        return 404, {"error": {"code": 404, "message": "NOT_FOUND"}}

    def _update(self, body: dict[str, Any]) -> tuple[int, Any]:
        user = self.accounts.get(body["localId"])
        if user is None:
            error = {"message": "USER_NOT_FOUND", "domain": "global", "reason": "invalid"}
            return 400, {"error": {"code": 400, "message": "USER_NOT_FOUND", "errors": [error]}}
        changes = {name: body[name] for name in ("customAttributes", "validSince") if name in body}
        user |= {name: str(value) for name, value in changes.items()}
        return 200, {"kind": "identitytoolkit#SetAccountInfoResponse", "localId": body["localId"]}


@contextmanager
def serve(google: Google) -> Iterator[Google]:
    """Serve on a loopback port; ``google.host`` is its host:port."""

    class Handler(BaseHTTPRequestHandler):
        def _handle(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = json.loads(self.rfile.read(length) or "null")
            if self.path.startswith("/identitytoolkit") and self.headers["Authorization"] != "Bearer owner":
                status, content = 401, b"{}"
            elif google.failing:
                status, content = google.failing
            else:
                status, answer = google.answer(self.command, self.path.partition("?")[0], body)
                content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=UTF-8")
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Cache-Control", "public, max-age=19845, must-revalidate, no-transform")
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _handle  # noqa: N815 - the library's names

        def log_message(self, *_: Any) -> None:
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    google.host = f"127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield google
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
