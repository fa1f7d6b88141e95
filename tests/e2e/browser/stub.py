"""A server that speaks the wire format of design/wire.md (Experience) and remembers what it was asked.

It lets the page be tried against answers that the real server gives rarely or never: hostile text, refusals, silence.
"""

import json
import mimetypes
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from shared.kernel.clock import SystemClock

CONSOLE = Path(__file__).parents[3] / "console"
PEOPLE = [
    {"id": "new-visitor", "label": "New visitor", "description": "Never here before.", "uid": None},
    {"id": "visitor", "label": "Visitor", "description": "Often here.", "uid": None, "visitorId": "often"},
    {"id": "dancer", "label": "Dancer", "description": "Has an account.", "uid": "dancer-uid"},
]
Reply = tuple[int, dict[str, Any]]
RELEASES = ["2025.10.2", "2025.11.0"]


def message(channel: str, number: int = 1, **content: Any) -> dict[str, Any]:
    """A message as ``decide`` answers with it."""
    return {
        "deliveryId": f"d_{channel}{number}",
        "ackToken": f"token-of-d_{channel}{number}",
        "campaignId": f"c_{channel}",
        "campaignVersion": 1,
        "type": "system",
        "channel": channel,
        "priority": 100,
        "content": {"title": f"A {channel}", "body": "Plain words.", "severity": "info", "steps": []}
        | content,
        "reason": {"code": "everyone", "text": "Because it is for everyone"},
        "expiresAt": "2999-01-01T00:00:00Z",
    }


class Stub:
    """The server's state: what it offers and what it was told.

    ``failure`` (status, problem) answers every API call while it is set, ``failures`` answer the next decisions.
    """

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.decides: list[dict[str, Any]] = []
        self.tokens: list[str | None] = []
        self.acks: list[tuple[str, str]] = []
        self.less_of: list[str] = []
        self.failure: Reply | None = None
        self.failures: list[Reply] = []
        self.sign_ins = 0
        self.next_check_in = 300
        self.speak_any_channel = False
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                stub.get(self)

            def do_POST(self) -> None:
                stub.post(self)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def actions(self, delivery_id: str) -> list[str]:
        """What was reported of a delivery, in order."""
        return [action for delivery, action in self.acks if delivery == delivery_id]

    @staticmethod
    def in_seconds(seconds: float) -> str:
        """A moment in the future, as it stands on the wire."""
        return (SystemClock().now() + timedelta(seconds=seconds)).isoformat()

    def get(self, request: BaseHTTPRequestHandler) -> None:
        path = request.path.partition("?")[0]
        if path == "/dev/people":
            return self.answer(request, 200, {"people": PEOPLE, "releases": RELEASES, "release": RELEASES[1]})
        file = CONSOLE / ("index.html" if path == "/" else path.lstrip("/"))
        if not file.is_file():
            return self.answer(request, 404, {"title": "Not found"})
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        return self.send(request, 200, kind, file.read_bytes())

    def post(self, request: BaseHTTPRequestHandler) -> None:
        body = json.loads(request.rfile.read(int(request.headers["Content-Length"])))
        if self.failure and request.path.startswith("/api/"):
            return self.answer(request, *self.failure)
        handle = {
            "/dev/sign-in": self.sign_in,
            "/dev/start-over": self.start_over,
            "/api/messages/ack": self.ack,
            "/api/people/me/less-of-this": self.less,
            "/api/experience/decide": self.decide,
        }[request.path]
        return self.answer(request, *handle(body, request.headers["Authorization"]))

    def sign_in(self, body: dict[str, Any], _token: str | None) -> Reply:
        self.sign_ins += 1
        return 200, {"token": f"t-{body['id']}", "expiresAt": "2999-01-01T00:00:00Z"}

    def start_over(self, _body: dict[str, Any], _token: str | None) -> Reply:
        self.acks.clear()
        return 200, {}

    def ack(self, body: dict[str, Any], _token: str | None) -> Reply:
        if body["ackToken"] != f"token-of-{body['deliveryId']}":
            return 404, {"title": "Not found", "code": "not_found"}
        self.acks.append((body["deliveryId"], body["action"]))
        return 200, {"deliveryId": body["deliveryId"], "deliveryStatus": body["action"]}

    def less(self, body: dict[str, Any], _token: str | None) -> Reply:
        self.less_of.append(body["deliveryId"])
        return 200, {"organizerId": "org", "weight": 0.5, "interruptionsPerWeek": 2, "modalsPerDay": 0}

    def decide(self, body: dict[str, Any], token: str | None) -> Reply:
        if self.failures:
            return self.failures.pop()
        self.decides.append(body)
        self.tokens.append(token)
        closed = {delivery for delivery, action in self.acks if action in {"dismissed", "acknowledged"}}
        due = [
            message
            for message in self.messages
            if message["deliveryId"] not in closed
            and (self.speak_any_channel or message["channel"] in body["channels"])
        ]
        return 200, {
            "decisionId": f"dec_{len(self.decides)}",
            "personType": "user" if token else "ip",
            "messages": due,
            "nextCheckInSeconds": self.next_check_in,
        }

    def answer(self, request: BaseHTTPRequestHandler, status: int, body: dict[str, Any]) -> None:
        kind = "application/json" if status < 400 else "application/problem+json"
        self.send(request, status, kind, json.dumps(body).encode())

    def send(self, request: BaseHTTPRequestHandler, status: int, kind: str, body: bytes) -> None:
        request.send_response(status)
        request.send_header("Content-Type", kind)
        request.send_header("Content-Length", str(len(body)))
        request.send_header("Server-Timing", 'total;dur=3.21, reads;desc="1", writes;desc="2"')
        request.send_header("X-Request-Id", "req-0123456789")
        request.end_headers()
        request.wfile.write(body)
