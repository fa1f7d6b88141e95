"""What Cabeceo uses of Firebase Cloud Messaging, on loopback and in FCM's own shapes."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ERROR_TYPE = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
REFUSALS = {
    "UNREGISTERED": (404, "NOT_FOUND"),
    "SENDER_ID_MISMATCH": (403, "PERMISSION_DENIED"),
    "QUOTA_EXCEEDED": (429, "RESOURCE_EXHAUSTED"),
    "THIRD_PARTY_AUTH_ERROR": (401, "UNAUTHENTICATED"),
    "INVALID_ARGUMENT": (400, "INVALID_ARGUMENT"),
    "UNAVAILABLE": (503, "UNAVAILABLE"),
    "INTERNAL": (500, "INTERNAL"),
}


class Fcm:
    """The service's state: what it took, and what it answers to which token (an error code, or raw status and body)."""

    def __init__(self, project: str) -> None:
        self.project = project
        self.taken: list[dict[str, Any]] = []
        self.requests = 0
        self.troubles: dict[str, str | tuple[int, bytes]] = {}
        self.headers: dict[str, str] = {}
        self.url = ""

    def answer(self, path: str, body: dict[str, Any]) -> tuple[int, bytes]:
        """Status and body of an answer."""
        self.requests += 1
        if path != f"/v1/projects/{self.project}/messages:send":
            return 404, b"{}"
        message = body["message"]
        trouble = self.troubles.get(message.get("token", ""))
        if isinstance(trouble, tuple):
            return trouble
        if trouble is not None:
            status, name = REFUSALS[trouble]
            detail = {"@type": ERROR_TYPE, "errorCode": trouble}
            error = {"code": status, "message": "no", "status": name, "details": [detail]}
            return status, json.dumps({"error": error}).encode()
        self.taken.append(message)
        return 200, json.dumps({"name": f"projects/{self.project}/messages/{len(self.taken)}"}).encode()


@contextmanager
def serve(fcm: Fcm) -> Iterator[Fcm]:
    """Serve on a loopback port; ``fcm.url`` is its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            status, content = fcm.answer(self.path, json.loads(self.rfile.read(length)))
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            for name, value in fcm.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fcm.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield fcm
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
