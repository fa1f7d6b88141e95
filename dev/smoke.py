"""The README's first minutes, by machine: ``make run`` on fresh data, the page and the API asked, then a polite stop.

``python dev/smoke.py`` uses the standard library alone, so that it can run before anything is installed.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from http import HTTPStatus
from pathlib import Path

ROOT = Path(__file__).parent.parent
PATIENCE = 240  # seconds; the first `make run` installs what it needs


def ask(base: str, path: str, body: object = None) -> tuple[int, str]:
    """One request; the status and the text of the answer."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(base + path, data, {"Content-Type": "application/json"})  # noqa: S310 - loopback
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - as above
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def wait_until_ready(base: str, server: "subprocess.Popen[bytes]") -> None:
    """Until the API says that it is ready; gives up when the server has ended or patience has."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if server.poll() is not None:
            sys.exit(f"make run ended with status {server.returncode}")
        try:
            if ask(base, "/api/ready")[0] == HTTPStatus.OK:
                return
        except OSError:
            time.sleep(0.1)
    sys.exit("make run did not become ready")


def check(base: str) -> None:
    """What a newcomer would try."""
    wanted = {
        "/": (None, 200, "<!doctype html"),
        "/api/health": (None, 200, "status"),
        "/api/docs": (None, 200, "swagger"),
        "/api/openapi.json": (None, 200, '"openapi"'),
        "/api/experience/decide": (
            {"releaseId": "2026.11", "featureFlags": [], "visitorId": "6f1d2a4e-0b57-4c1e-9a3d-5e8f7c6b1a20"},
            200,
            "decisionid",
        ),
        "/api/messages/ack": ({"deliveryId": "d_nobody", "action": "seen"}, 404, '"code"'),
        "/api/people/me": (None, 401, '"code"'),
        "/api/nowhere": (None, 404, '"code"'),
    }
    for path, (body, status, text) in wanted.items():
        got, answer = ask(base, path, body)
        if got != status or text not in answer.lower():
            sys.exit(f"{path}: {got} instead of {status}: {answer[:300]}")
        print(f"  {got} {path}")


def main() -> None:
    """Serve, ask, stop."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as data:
        command = ["make", "--no-print-directory", "run", f"PORT={port}", f"DATA={data}"]
        began = time.monotonic()
        server = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, env=os.environ.copy())  # noqa: S603
        base = f"http://127.0.0.1:{port}"
        try:
            wait_until_ready(base, server)
            print(f"ready after {time.monotonic() - began:.1f} s")
            check(base)
        finally:
            server.send_signal(signal.SIGTERM)
            code = server.wait(30)
        if code not in (0, -signal.SIGTERM):
            sys.exit(f"make run ended with status {code} after SIGTERM")
        print("stopped cleanly")


if __name__ == "__main__":
    main()
