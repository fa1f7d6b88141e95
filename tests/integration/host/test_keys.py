"""Keys, disabled functions and the admin route (design/platform-facts.md §1 Keys, §2)."""

import azure.functions as func
import pytest

from dev.host.config import Keys
from tests.factories.hosting import running


def an_app(ran: list[str]) -> func.FunctionApp:
    """One function of each level, one queue function and one timer."""
    app = func.FunctionApp()

    def add(name, level):
        async def handler(req: func.HttpRequest) -> func.HttpResponse:
            return func.HttpResponse("in")

        app.function_name(name)(app.route(name, auth_level=level)(handler))

    add("open", func.AuthLevel.ANONYMOUS)
    add("default", None)
    add("guarded", func.AuthLevel.FUNCTION)
    add("master", func.AuthLevel.ADMIN)

    @app.queue_trigger("msg", "work", "AzureWebJobsStorage")
    async def work(msg: func.QueueMessage) -> None:
        ran.append(msg.get_body().decode())

    @app.timer_trigger("timer", "0 0 4 1 1 *")
    async def yearly(timer: func.TimerRequest) -> None:
        ran.append(f"timer {timer.past_due}")

    return app


@pytest.fixture
def ran():
    return []


@pytest.fixture
async def bench(tmp_path, ran):
    async with running(an_app(ran), tmp_path) as running_bench:
        yield running_bench


@pytest.mark.parametrize(
    ("function", "opened_by"),
    [("open", {None, "wrong", "host", "master"}), ("guarded", {"host", "master"}), ("default", {"host", "master"}),
     ("master", {"master"})],
)  # fmt: skip
async def test_each_level_opens_to_its_keys_only(bench, function, opened_by):
    """A route without a level has the app's, which is FUNCTION; a wrong key does no harm to an open one."""
    keys = {None: None, "wrong": "wrong", "host": bench.host.keys.host, "master": bench.host.keys.master}
    for name, key in keys.items():
        expected = (200, "in") if name in opened_by else (401, "")
        by_header = await bench.http.get(f"/api/{function}", headers={"x-functions-key": key} if key else {})
        by_query = await bench.http.get(f"/api/{function}", params={"code": key} if key else {})
        assert (by_header.status_code, by_header.text) == expected
        assert (by_query.status_code, by_query.text) == expected


async def test_the_header_wins_over_the_query(bench):
    answer = await bench.http.get(
        "/api/guarded", headers={"x-functions-key": "wrong"}, params={"code": bench.host.keys.host}
    )
    assert answer.status_code == 401


async def test_a_disabled_function_is_404_but_for_the_master_key(tmp_path, ran):
    environ = {"AzureWebJobs.open.Disabled": "true", "AzureWebJobs__work__Disabled": "1"}
    async with running(an_app(ran), tmp_path, environ=environ) as bench:
        assert (await bench.http.get("/api/open")).status_code == 404
        key = {"x-functions-key": bench.host.keys.master}
        assert (await bench.http.get("/api/open", headers=key)).status_code == 200
        await bench.queues.send("work", "hola")
        await bench.settled()
        assert ran == []


async def test_the_admin_route_starts_what_is_not_http(bench, ran):
    key = {"x-functions-key": bench.host.keys.master}
    for name, body in {"Work": {"input": "hola"}, "yearly": {}}.items():
        answer = await bench.http.post(f"/admin/functions/{name}", json=body, headers=key)
        assert (answer.status_code, answer.content) == (202, b"")
    await bench.settled()
    assert ran == ["hola", "timer False"]


async def test_the_admin_route_refuses_the_rest(bench, ran):
    key = {"x-functions-key": bench.host.keys.master}
    for path, body, headers, status in [
        ("/admin/functions/work", b'{"input": "x"}', {}, 401),
        ("/admin/functions/work", b'{"input": "x"}', {"x-functions-key": bench.host.keys.host}, 401),
        ("/admin/functions/work", b"no json", key, 400),
        ("/admin/functions/work", b"[]", key, 400),
        ("/admin/functions/open", b"{}", key, 404),
        ("/admin/functions/none", b"{}", key, 404),
        ("/admin/host/status", b"{}", key, 404),
    ]:
        assert (await bench.http.post(path, content=body, headers=headers)).status_code == status
    await bench.settled()
    assert ran == []


def test_a_file_of_keys_from_an_older_host_gains_what_is_new_and_keeps_the_rest(tmp_path):
    path = tmp_path / "host-keys.json"
    path.write_text('{"master": "m", "host": "h"}')

    keys = Keys.kept_in(path)

    assert (keys.master, keys.host) == ("m", "h")
    assert Keys.kept_in(path) == keys
