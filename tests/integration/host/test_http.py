"""What an HTTP function is given and what becomes of its answer (design/platform-facts.md §1)."""

import json
import logging
import threading

import azure.functions as func
import pytest

from tests.factories.hosting import running

OPEN = func.AuthLevel.ANONYMOUS


def an_app() -> func.FunctionApp:
    """Echoes requests, and answers in every way a function may."""
    app = func.FunctionApp(http_auth_level=OPEN)

    @app.route("echo/{name?}")
    async def echo(req: func.HttpRequest) -> func.HttpResponse:
        seen = {
            "method": req.method,
            "url": req.url,
            "headers": dict(req.headers),
            "params": dict(req.params),
            "route": dict(req.route_params),
            "body": req.get_body().decode(),
        }
        return func.HttpResponse(json.dumps(seen), mimetype="application/json")

    @app.route("thread")
    def thread(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
        return func.HttpResponse(f"{threading.current_thread().name} {context.function_name}")

    @app.route("text")
    async def text(req: func.HttpRequest) -> str:
        return req.get_body().decode()

    @app.route("nothing")
    async def nothing(req: func.HttpRequest):
        return {} if req.params else None

    @app.route("fail")
    async def fail(req: func.HttpRequest) -> func.HttpResponse:
        raise RuntimeError("+15550100 must not be told")

    @app.route("answer", methods=["GET", "HEAD"])
    async def answer(req: func.HttpRequest) -> func.HttpResponse:
        response = func.HttpResponse(
            b"\x00\xff", status_code=418, mimetype="image/png", headers={"X-Tea": "pot"}
        )
        response.headers.add("Set-Cookie", "a=1; HttpOnly; SameSite=Lax")
        response.headers.add("Set-Cookie", "b=2; Path=/x; Max-Age=60")
        return response

    @app.route("empty")
    async def empty(req: func.HttpRequest) -> func.HttpResponse:
        return func.HttpResponse(status_code=204)

    return app


@pytest.fixture
async def bench(tmp_path):
    async with running(an_app(), tmp_path) as running_bench:
        yield running_bench


async def echoed(bench, method, path, **more):
    answer = await bench.http.request(method, path, **more)
    assert answer.status_code == 200
    return answer.json()


async def test_a_function_sees_the_request_as_azure_shows_it(bench):
    seen = await echoed(bench, "POST", "/api/echo/ana?x=1&x=2&X=3&flag=&y=a+b%C3%A9", content=b"hola")
    assert seen["method"] == "POST"
    assert seen["url"] == "http://cabeceo.test/api/echo/ana?x=1&x=2&X=3&flag=&y=a+b%C3%A9"
    assert seen["params"] == {"x": "1,2,3", "y": "a bé"}
    assert seen["route"] == {"name": "ana"}
    assert seen["body"] == "hola"


async def test_header_names_are_lower_case_and_several_values_are_joined(bench):
    seen = await echoed(bench, "GET", "/api/echo", headers=[("X-One", "1"), ("x-one", "2")])
    assert seen["headers"]["x-one"] == "1,2"
    assert all(name == name.lower() for name in seen["headers"])
    assert seen["route"] == {}


async def test_the_callers_address_is_appended_to_the_forwarding_header(bench):
    """The front end appends ``ip:port``; whatever the caller sent stays to the left of it."""
    assert (await echoed(bench, "GET", "/api/echo"))["headers"]["x-forwarded-for"] == "203.0.113.9:4711"
    spoofed = await echoed(bench, "GET", "/api/echo", headers={"X-Forwarded-For": "10.0.0.1"})
    assert spoofed["headers"]["x-forwarded-for"] == "10.0.0.1, 203.0.113.9:4711"


async def test_a_chunked_body_without_a_length_arrives_empty(bench):
    async def chunks():
        yield b"lost"

    seen = await echoed(bench, "POST", "/api/echo", content=chunks())
    assert seen["headers"]["transfer-encoding"] == "chunked"
    assert seen["body"] == ""


@pytest.mark.parametrize(
    ("path", "name"),
    [("ana%2Fb", "ana%2Fb"), ("%61n%C3%A1", "aná"), ("a%FFb", "a%FFb"), ("a%252Fb", "a%2Fb")],
)
async def test_a_path_is_decoded_but_for_the_slash(bench, path, name):
    assert (await echoed(bench, "GET", f"/API/Echo/{path}/"))["route"] == {"name": name}


async def test_a_body_over_the_limit_is_refused_unread(tmp_path):
    environ = {"FUNCTIONS_REQUEST_BODY_SIZE_LIMIT": "4"}
    async with running(an_app(), tmp_path, environ=environ) as bench:
        assert (await bench.http.post("/api/echo", content=b"1234")).status_code == 200
        assert (await bench.http.post("/api/echo", content=b"12345")).status_code == 413


async def test_a_plain_function_runs_in_a_thread_and_may_ask_for_its_context(bench):
    thread, name = (await bench.http.get("/api/thread")).text.split()
    assert thread.startswith("function")
    assert name == "thread"


async def test_a_response_passes_through_with_its_cookies(bench):
    answer = await bench.http.get("/api/answer")
    assert (answer.status_code, answer.content) == (418, b"\x00\xff")
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-tea"] == "pot"
    assert sorted(answer.headers.get_list("set-cookie")) == [
        "a=1; HttpOnly; Path=/; SameSite=Lax",
        "b=2; Max-Age=60; Path=/x",
    ]


async def test_an_empty_answer_has_no_body_and_no_length(bench):
    answer = await bench.http.get("/api/empty")
    assert (answer.status_code, answer.content) == (204, b"")
    assert "content-length" not in answer.headers


@pytest.mark.parametrize(
    ("returned", "status", "text"),
    [
        ("plain", 200, "plain"),
        ('{"a":1}', 200, '{\n  "a": 1\n}'),
        ('"quoted"', 200, "quoted"),
        ('{"body":"x","statusCode":201,"headers":{"X-A":"b"}}', 201, "x"),
        ('{"Body":{"a":1}}', 200, '{\n  "a": 1\n}'),
    ],
)
async def test_a_returned_text_is_parsed_as_json_first(bench, returned, status, text):
    answer = await bench.http.post("/api/text", content=returned)
    assert (answer.status_code, answer.text) == (status, text)
    assert answer.headers.get("x-a") == ("b" if "headers" in returned else None)
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("path", ["/api/nothing", "/api/nothing?a=b", "/api/fail"])
async def test_what_cannot_be_sent_and_what_is_raised_are_an_empty_500(bench, path, caplog):
    with caplog.at_level(logging.DEBUG):
        answer = await bench.http.get(path)
    assert (answer.status_code, answer.content) == (500, b"")
    assert "5550100" not in caplog.text


async def test_unknown_paths_wrong_methods_and_unlisted_head_are_404(bench):
    for method, path in [("GET", "/api/none"), ("POST", "/api/answer"), ("GET", "/echo"), ("GET", "/")]:
        assert (await bench.http.request(method, path)).status_code == 404
    assert (await bench.http.head("/api/answer")).status_code == 418


async def test_the_first_match_by_function_name_wins(tmp_path):
    """A catch-all whose name sorts first hides every other route."""
    app = func.FunctionApp(http_auth_level=OPEN)

    @app.function_name("zebra")
    @app.route("users")
    async def users(req: func.HttpRequest) -> func.HttpResponse:
        return func.HttpResponse("users")

    @app.function_name("Aardvark")
    @app.route("{*rest}")
    async def everything(req: func.HttpRequest) -> func.HttpResponse:
        return func.HttpResponse("everything")

    async with running(app, tmp_path) as bench:
        assert (await bench.http.get("/api/users")).text == "everything"


async def test_the_prefix_can_be_changed_and_removed(tmp_path):
    for prefix, path in {"v2": "/v2/echo", "": "/echo"}.items():
        async with running(
            an_app(), tmp_path, host_json={"extensions": {"http": {"routePrefix": prefix}}}
        ) as bench:
            assert (await bench.http.get(path)).status_code == 200
            assert (await bench.http.get("/api/echo")).status_code == 404
