"""Orchestrations in ``python -m dev.run``: a process that is killed, started again, and what its log says."""

import httpx
import pytest

from tests.factories.serving import Served, eventually

APP = """
import asyncio, pathlib
import azure.durable_functions as df
import azure.functions as func

HERE = pathlib.Path(__file__).parent
bp = df.Blueprint()


@bp.orchestration_trigger(context_name="context")
def flow(context: df.DurableOrchestrationContext):
    first = yield context.call_activity("work", "first")
    second = yield context.call_activity("work", "second")
    return [first, second]


@bp.orchestration_trigger(context_name="context")
def faulty(context: df.DurableOrchestrationContext):
    raise ValueError("not today")
    yield


@bp.activity_trigger(input_name="item")
async def work(item: str) -> str:
    with (HERE / f"{item}-runs").open("a") as file:
        file.write("x")
    while item == "second" and not (HERE / "go").exists():
        await asyncio.sleep(0.01)
    return item


@bp.route("begin/{name}", methods=["POST"], auth_level="ANONYMOUS")
@bp.durable_client_input(client_name="client")
async def begin(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    ident = await client.start_new(req.route_params["name"])
    return client.create_check_status_response(req, ident)


app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
app.register_functions(bp)
"""


@pytest.fixture
def serve(tmp_path):
    """Starts the sample app on its own folder; what still runs at the test's end is killed."""
    servers = []
    (tmp_path / "host.json").write_text('{"version": "2.0"}')
    (tmp_path / "function_app.py").write_text(APP)

    def start():
        servers.append(Served("--app", str(tmp_path / "function_app.py"), "--data", str(tmp_path / "data")))
        return servers[-1]

    yield start
    for server in servers:
        server.kill()


def test_a_killed_process_goes_on_at_its_next_start_and_faults_are_logged(serve, tmp_path):
    killed = serve()
    link = httpx.post(killed.url("/api/begin/flow")).json()["statusQueryGetUri"]
    assert httpx.post(killed.url("/api/begin/faulty")).status_code == 202
    eventually(lambda: "orchestration_failed" in killed.log and "not today" in killed.log)
    eventually((tmp_path / "second-runs").exists)
    killed.process.kill()
    killed.ended()

    again = serve()
    (tmp_path / "go").touch()
    place = httpx.URL(link).raw_path.decode()
    eventually(lambda: httpx.get(again.url(place)).status_code == 200)

    assert httpx.get(again.url(place)).json()["output"] == ["first", "second"]
    assert (tmp_path / "first-runs").read_text() == "x"
    assert (tmp_path / "second-runs").read_text() == "xx"
    again.stop()
    assert again.ended() == 0
