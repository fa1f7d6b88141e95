"""``python -m dev.run`` as a process: start, clean stop, reload and refusal (design/local-stack.md)."""

import asyncio
import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest

from shared.clients.queues.embedded import EmbeddedQueues
from shared.kernel.clock import SystemClock

ROOT = Path(__file__).parents[3]
PATIENCE = 60.0

APP = """
import asyncio, pathlib, time
import azure.functions as func
from shared import wiring

HERE = pathlib.Path(__file__).parent
app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


async def flush():
    (HERE / "flushed").touch()


wiring.app().draining.append(flush)


async def until_told(name):
    (HERE / f"{name}-runs").touch()
    while not (HERE / "go").exists():
        await asyncio.sleep(0.01)
    (HERE / f"{name}-ended").touch()


@app.route("slow")
async def slow(req: func.HttpRequest) -> func.HttpResponse:
    await until_told("request")
    return func.HttpResponse("VERSION")


@app.route("version")
async def version(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("VERSION")


@app.route("send")
async def send(req: func.HttpRequest) -> func.HttpResponse:
    await wiring.app().queues.send("work", "hola")
    return func.HttpResponse(status_code=202)


@app.queue_trigger("msg", "work", "AzureWebJobsStorage")
async def work(msg: func.QueueMessage) -> None:
    await until_told("message")


@app.route("stuck")
def stuck(req: func.HttpRequest) -> func.HttpResponse:
    (HERE / "thread-runs").touch()
    time.sleep(60)
"""


def eventually(condition):
    """What a condition gives once it is true; fails after a minute."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with contextlib.suppress(httpx.TransportError):
            if found := condition():
                return found
        time.sleep(0.02)
    pytest.fail("it did not happen in time")


class Server:
    """A served sample app; ``log`` collects what it prints."""

    def __init__(self, folder, *options):
        self.folder = folder
        (folder / "host.json").write_text('{"version": "2.0"}')
        if not (folder / "function_app.py").exists():
            (folder / "function_app.py").write_text(APP)
        command = [sys.executable, "-m", "dev.run", "--port", "0", "--app", str(folder / "function_app.py"),
                   "--data", str(folder / "data"), *options]  # fmt: skip
        environ = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.log = ""
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.log += line

    def url(self, path):
        ports = eventually(lambda: re.findall(r"http://localhost:(\d+)", self.log) or self.process.poll())
        assert isinstance(ports, list), self.log
        return f"http://127.0.0.1:{ports[-1]}{path}"

    def exists(self, name):
        return eventually((self.folder / name).exists)

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)

    def ended(self):
        return self.process.wait(PATIENCE)


@pytest.fixture
def serve(tmp_path):
    servers = []

    def start(*options):
        servers.append(Server(tmp_path, *options))
        return servers[-1]

    yield start
    for server in servers:
        server.process.kill()
        server.process.wait()
        server.process.stdout.close()


def messages(folder):
    """How many messages are left, and those that can be received now."""

    async def look():
        queues = EmbeddedQueues(folder / "data" / "queues.sqlite", SystemClock())
        try:
            return await queues.length("work"), await queues.receive("work")
        finally:
            await queues.close()

    return asyncio.run(look())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_lets_a_request_and_a_message_in_flight_end(serve, tmp_path, number):
    server = serve()
    answers = []
    assert httpx.post(server.url("/api/send")).status_code == 202
    caller = threading.Thread(
        target=lambda: answers.append(httpx.get(server.url("/api/slow"), timeout=PATIENCE))
    )
    caller.start()
    server.exists("request-runs")
    server.exists("message-runs")
    server.stop(number)
    eventually(lambda: refuses(server.url("/api/version")))
    (tmp_path / "go").touch()
    assert server.ended() == 0
    caller.join()
    assert [(answer.status_code, answer.text) for answer in answers] == [(200, "VERSION")]
    assert (tmp_path / "message-ended").exists()
    assert (tmp_path / "flushed").exists()
    assert messages(tmp_path) == (0, [])


def refuses(url):
    try:
        httpx.get(url)
    except httpx.ConnectError:
        return True
    return False


def test_what_outlives_the_grace_is_released_for_the_next_start(serve, tmp_path):
    server = serve("--grace", "0")
    httpx.post(server.url("/api/send"))
    server.exists("message-runs")
    server.stop()
    assert server.ended() == 0
    number, [message] = messages(tmp_path)
    assert (number, message.body, message.dequeue_count) == (1, "hola", 2)
    assert (tmp_path / "flushed").exists()
    assert not (tmp_path / "message-ended").exists()


def test_a_thread_that_does_not_end_does_not_hold_up_the_stop(serve, tmp_path):
    server = serve("--grace", "0")
    caller = socket.create_connection(("127.0.0.1", int(server.url("").rsplit(":", 1)[1])))
    caller.sendall(b"GET /api/stuck HTTP/1.1\r\nHost: cabeceo.test\r\n\r\n")
    server.exists("thread-runs")
    server.stop()
    assert server.ended() == 0
    caller.close()
    assert (tmp_path / "flushed").exists()


def test_a_change_of_the_code_starts_it_anew(serve, tmp_path):
    server = serve("--reload")
    assert httpx.get(server.url("/api/version")).text == "VERSION"
    (tmp_path / "function_app.py").write_text(APP.replace("VERSION", "changed"))
    eventually(lambda: httpx.get(server.url("/api/version")).text == "changed")
    server.stop()
    assert server.ended() == 0
    assert refuses(server.url("/api/version"))


def test_a_function_that_cannot_be_served_stops_the_start_by_name(serve, tmp_path):
    (tmp_path / "function_app.py").write_text(APP.replace('"work", "Azure', '"Work", "Azure'))
    server = serve()
    assert server.ended() == 1
    eventually(lambda: "work: 'Work' is no queue name" in server.log)
    assert "Traceback" not in server.log


def test_a_port_in_use_is_said_so(serve):
    first = serve()
    port = first.url("").rsplit(":", 1)[1]
    second = serve("--port", port)
    assert second.ended() == 1
    eventually(lambda: "does not start" in second.log)
    assert "Traceback" not in second.log


def test_it_starts_in_about_a_second(serve, capsys):
    """Measured and printed, not judged: the machine is shared."""
    began = time.monotonic()
    server = serve()
    assert httpx.get(server.url("/api/version")).status_code == 200
    with capsys.disabled():
        print(f"\nlocal host: first answer {time.monotonic() - began:.2f} s after the start")
