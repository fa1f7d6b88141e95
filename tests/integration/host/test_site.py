"""Files and development routes beside the functions."""

import azure.functions as func
import pytest

from tests.factories.hosting import running


async def sign_in(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(f"token for {req.params['who']}")


@pytest.fixture
async def bench(tmp_path):
    app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

    @app.route("things")
    async def things(req: func.HttpRequest) -> func.HttpResponse:
        return func.HttpResponse("function")

    site = tmp_path / "site"
    for name, text in {
        "index.html": "<!doctype html>", "app.js": "1", "api/things": "file", "api/other": "file", "admin/x": "file",
        "sub/index.html": "sub", ".secret": "no", "sub/.git/config": "no",
    }.items():  # fmt: skip
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(text)
    (tmp_path / "outside.txt").write_text("outside")
    (site / "link.txt").symlink_to(tmp_path / "outside.txt")
    routes = {("POST", "/dev/sign-in"): sign_in}
    async with running(app, tmp_path, static=site, routes=routes) as running_bench:
        yield running_bench


async def test_a_folder_is_served_with_its_index(bench):
    page = await bench.http.get("/")
    assert (page.status_code, page.text) == (200, "<!doctype html>")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["cache-control"] == "no-cache"
    assert (await bench.http.get("/sub/")).text == "sub"
    assert (await bench.http.get("/app.js")).headers["content-type"].startswith("text/javascript")
    assert (await bench.http.post("/app.js")).status_code == 404


async def test_an_unchanged_file_is_not_sent_again(bench):
    tag = (await bench.http.get("/app.js")).headers["etag"]
    again = await bench.http.get("/app.js", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path",
    ["/../outside.txt", "/%2e%2e/outside.txt", "/..%2Foutside.txt", "/sub/%2E%2E/%2E%2E/outside.txt", "//etc/passwd",
     "/.secret", "/sub/.git/config", "/link.txt", "/app.js%00", "/none.html", "/" + "a" * 5000],
)  # fmt: skip
async def test_nothing_outside_the_folder_or_hidden_is_served(bench, path):
    transport = bench.http._transport
    sent = []

    async def receive():
        return {"type": "http.request", "body": b""}

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "GET", "raw_path": path.encode(), "query_string": b"", "headers": [],
             "scheme": "http", "client": ("::1", 1)}  # fmt: skip
    await transport.app(scope, receive, send)
    assert sent[0]["status"] == 404


async def test_functions_and_reserved_prefixes_win_over_files(bench):
    assert (await bench.http.get("/api/things")).text == "function"
    assert (await bench.http.get("/api/other")).status_code == 404
    assert (await bench.http.get("/admin/x")).status_code == 401


async def test_development_routes_answer_their_exact_method_and_path(bench):
    assert (await bench.http.post("/dev/sign-in?who=ana")).text == "token for ana"
    assert (await bench.http.get("/dev/sign-in?who=ana")).status_code == 404
