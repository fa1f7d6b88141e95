"""The SDK's own client against a host that is served, and the API's answers (design/platform-facts.md §6)."""

import asyncio
import json
import socket
from contextlib import asynccontextmanager
from datetime import timedelta
from urllib.parse import urlsplit

import azure.durable_functions as df
import azure.functions as func
import httpx
import pytest
from azure.durable_functions import OrchestrationRuntimeStatus as RuntimeStatus
from azure.durable_functions.models.utils import http_utils

from dev.host.config import Refused, read_host_json
from dev.host.hosting import Host
from dev.host.loading import read_functions
from dev.host.queues import WakingQueues
from shared.clients.queues.embedded import EmbeddedQueues
from shared.kernel.clock import SystemClock
from tests.factories.hosting import START, VirtualTime, running
from tests.integration.durable import samples


def sample_app():
    samples.DONE.clear()
    samples.FAILURES.clear()
    app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
    app.register_functions(samples.bp)
    return app


@asynccontextmanager
async def served(folder):
    (folder / "host.json").write_text(
        '{"version": "2.0", "extensions": {"durableTask": {"hubName": "Sample"}}}'
    )
    queues = WakingQueues(EmbeddedQueues(":memory:", SystemClock()))
    host = Host(
        read_functions(sample_app(), {}),
        read_host_json(folder / "host.json", {}),
        queues,
        folder,
        clock=SystemClock(),
    )
    stop = asyncio.Event()
    with socket.create_server(("127.0.0.1", 0)) as address:
        serving = asyncio.create_task(host.serve(address, stop, 1))
        base = f"http://127.0.0.1:{address.getsockname()[1]}"
        try:
            async with httpx.AsyncClient(base_url=base) as http:
                await asyncio.sleep(0)
                yield host, http
        finally:
            await http_utils._close_session()
            stop.set()
            await serving
            await queues.close()


async def test_the_sdks_client_works_against_the_served_host(tmp_path):
    async with served(tmp_path) as (host, _):
        client = df.DurableOrchestrationClient(host.durable.binding())
        ident = await client.start_new("approval", "one", {"a": 1})
        assert ident == "one"
        with pytest.raises(Exception, match=r"status (Pending|Running)"):
            await client.start_new("approval", "one")
        with pytest.raises(Exception, match="'nothing' doesn't exist"):
            await client.start_new("nothing")

        status = await client.get_status("one", show_input=True)
        assert (status.name, status.input_) == ("approval", '{"a": 1}')
        assert not await client.get_status("two")

        await client.raise_event("one", "answer", "yes")
        await until(host, "one", "Completed")
        status = await client.get_status("one", show_history=True, show_history_output=True)
        assert (status.runtime_status, status.output) == (RuntimeStatus.Completed, '"yes"')
        assert [item["EventType"] for item in status.historyEvents][:2] == [
            "ORCHESTRATOR_STARTED",
            "EXECUTION_STARTED",
        ]
        with pytest.raises(Exception, match="gone"):
            await client.raise_event("one", "answer", "again")
        with pytest.raises(Exception, match="No instance"):
            await client.raise_event("two", "answer", "again")

        assert (await client.restart("one", restart_with_new_instance_id=False))["id"] == "one"
        await client.suspend("one", "a pause")
        assert [
            one.instance_id for one in await client.get_status_by(runtime_status=[RuntimeStatus.Suspended])
        ] == ["one"]
        assert (await client.purge_instance_history("one")).instances_deleted == 0
        await client.resume("one", "on")
        await client.terminate("one", "enough")
        assert [one.output for one in await client.get_status_all()] == ["enough"]
        with pytest.raises(Exception, match="serves no rewind"):
            await client.rewind("one", "no")
        since = START - timedelta(days=3650)
        assert (await client.purge_instance_history_by(since)).instances_deleted == 1


async def test_an_http_function_starts_one_and_its_links_need_the_system_key(tmp_path):
    async with served(tmp_path) as (host, http):
        begun = await http.post(
            "/api/begin/sequence", json={"numbers": [1, 2]}, headers={"x-functions-key": host.keys.host}
        )
        assert begun.status_code == 202
        link = begun.json()["statusQueryGetUri"]
        assert begun.headers["location"] == link

        await until(host, begun.json()["id"], "Completed")
        assert (await http.get(link)).json()["output"]["total"] == 6
        assert (await http.get(urlsplit(link).path)).status_code == 401
        assert (await http.get(f"/{host.durable.rpc_path}instances/")).status_code == 200
        assert (await http.get("/runtime/rpc/guess/durabletask/instances/")).status_code == 404
        running_ = await http.post(f"/{host.durable.rpc_path}orchestrators/approval/x", content=b"{")
        assert running_.status_code == 400


async def test_timers_fire_in_a_host_that_runs_and_after_one_that_stopped(tmp_path):
    time = VirtualTime()
    body = json.dumps(json.dumps((START + timedelta(days=2)).isoformat())).encode()
    async with running(sample_app(), tmp_path, time=time) as bench:
        assert bench.host.durable.answer("POST", "orchestrators/sleeper/s", {}, body)[0] == 202
        await until(bench.host, "s", "Running")
        await bench.pass_(hours=1)
        assert said(bench.host, "s")["runtimeStatus"] == "Running"
    async with running(sample_app(), tmp_path, time=time) as bench:
        assert said(bench.host, "s")["runtimeStatus"] == "Running"
        time.clock.advance(timedelta(days=2))
        await bench.pass_(minutes=1)
        await until(bench.host, "s", "Completed")


def said(host, ident):
    return host.durable.answer("GET", f"instances/{ident}", {}, b"")[1]


async def until(host, ident, status):
    async with asyncio.timeout(20):
        while said(host, ident)["runtimeStatus"] != status:  # noqa: ASYNC110 - functions run in threads
            await asyncio.sleep(0.005)


def refused(declare):
    bp = df.Blueprint()
    declare(bp)
    app = func.FunctionApp()
    app.register_functions(bp)
    with pytest.raises(Refused) as caught:
        read_functions(app, {})
    return str(caught.value)


def a_sync_client(bp):
    @bp.route("x")
    @bp.durable_client_input(client_name="client")
    def f(req: func.HttpRequest, client: str) -> func.HttpResponse: ...


def another_hub(bp):
    @bp.route("x")
    @bp.durable_client_input(client_name="client", task_hub="Other")
    async def f(req: func.HttpRequest, client: str) -> func.HttpResponse: ...


def an_async_orchestrator(bp):
    @bp.orchestration_trigger(context_name="context")
    async def f(context: df.DurableOrchestrationContext): ...


def another_name(bp):
    @bp.orchestration_trigger(context_name="ctx")
    def f(ctx: df.DurableOrchestrationContext): ...


def an_entity(bp):
    @bp.entity_trigger(context_name="context")
    def f(context): ...


@pytest.mark.parametrize(
    ("declare", "said"),
    [
        (a_sync_client, "must be async"),
        (another_hub, "one task hub"),
        (an_async_orchestrator, "an orchestrator must not be async"),
        (another_name, "differ from its bindings"),
        (an_entity, "serves no entityTrigger"),
    ],
)
def test_what_the_engine_cannot_run_stops_the_start(declare, said):
    assert said in refused(declare)
