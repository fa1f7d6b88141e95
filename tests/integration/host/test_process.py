"""``python -m dev.run`` as a process: start, clean stop, reload and refusal (design/local-stack.md)."""

import asyncio
import signal
import socket
import threading
import time

import httpx
import pytest

from shared.clients.queues.embedded import EmbeddedQueues
from shared.kernel.clock import SystemClock
from tests.factories.servers import unused_port
from tests.factories.serving import PATIENCE, Served, eventually

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


@pytest.fixture
def serve(tmp_path):
    """Starts the sample app on its own folder; what still runs at the test's end is killed."""
    servers = []
    (tmp_path / "host.json").write_text('{"version": "2.0"}')
    (tmp_path / "function_app.py").write_text(APP)

    def start(*options):
        app, data = tmp_path / "function_app.py", tmp_path / "data"
        servers.append(Served("--app", str(app), "--data", str(data), *options))
        return servers[-1]

    yield start
    for server in servers:
        server.kill()


@pytest.fixture
def happens(tmp_path):
    """Waits for a sign that the sample app leaves in its folder."""
    return lambda name: eventually((tmp_path / name).exists)


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
def test_a_stop_lets_a_request_and_a_message_in_flight_end(serve, tmp_path, happens, number):
    server = serve()
    answers = []
    assert httpx.post(server.url("/api/send")).status_code == 202
    caller = threading.Thread(
        target=lambda: answers.append(httpx.get(server.url("/api/slow"), timeout=PATIENCE))
    )
    caller.start()
    happens("request-runs")
    happens("message-runs")
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


def test_what_outlives_the_grace_is_released_for_the_next_start(serve, tmp_path, happens):
    server = serve("--grace", "0")
    httpx.post(server.url("/api/send"))
    happens("message-runs")
    server.stop()
    assert server.ended() == 0
    number, [message] = messages(tmp_path)
    assert (number, message.body, message.dequeue_count) == (1, "hola", 2)
    assert (tmp_path / "flushed").exists()
    assert not (tmp_path / "message-ended").exists()


def test_a_thread_that_does_not_end_does_not_hold_up_the_stop(serve, tmp_path, happens):
    server = serve("--grace", "0")
    caller = socket.create_connection(("127.0.0.1", int(server.url("").rsplit(":", 1)[1])))
    caller.sendall(b"GET /api/stuck HTTP/1.1\r\nHost: cabeceo.test\r\n\r\n")
    happens("thread-runs")
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


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, "AZUREWEBJOBSSTORAGE"),
        ({"AZUREWEBJOBSSTORAGE": "UseDevelopmentStorage=true"}, "a store does not answer"),
        ({"LOG_LEVEL": "loud"}, "log_level"),
    ],
)
def test_a_store_or_setting_that_is_missing_or_wrong_is_said_so(tmp_path, environ, said):
    nowhere = {"FIRESTORE_EMULATOR_HOST": f"127.0.0.1:{unused_port()}", "STORE_TIMEOUT_SECONDS": "1"}
    empty = {"AZUREWEBJOBSSTORAGE": "", "AZURITE_CONNECTION_STRING": ""}
    demo = ("--extra", "dev.demo.routes:stage", "--data", str(tmp_path))
    server = Served("--stores", "real", *demo, environ=nowhere | empty | environ)
    assert server.ended() == 1
    eventually(lambda: said in server.log)
    assert "Traceback" not in server.log
    server.kill()


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
