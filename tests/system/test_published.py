"""What is published: whole, and taken by Microsoft's own indexer."""

import re
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

from dev.host.loading import import_app, read_functions
from shared.kernel.settings import Settings
from tests.system.functions import ROOT, bindings, indexed

OPEN_STORES = """
import asyncio, sys
from pathlib import Path
from shared.kernel.settings import Settings
from shared.wiring import App

async def main():
    for stores in ({}, {"documents": "firestore", "analytics": "mongo", "mongodb_uri": "mongodb://127.0.0.1:1"}):
        app = App(Settings(cabeceo_data=Path(sys.argv[1]), **stores))
        print(type(app.documents).__name__, type(app.analytics).__name__)
        await app.close()

asyncio.run(main())
"""


def test_what_is_published_is_whole_and_accepted(tmp_path):
    """Without what `.funcignore` leaves out, Azure's own indexer lists every function, and each store finds its files."""
    patterns = (ROOT / ".funcignore").read_text().split()

    def left_out(folder, names):
        inside = Path(folder).relative_to(ROOT)
        return [
            name
            for name in names
            if any(fnmatch(name, p) or fnmatch((inside / name).as_posix(), p) for p in patterns)
        ]

    package = shutil.copytree(ROOT, tmp_path / "package", ignore=left_out)
    opened = subprocess.run(
        [sys.executable, "-c", OPEN_STORES, str(tmp_path)],
        cwd=package,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert set(indexed(package)) == set(bindings())
    assert opened.stdout.split() == [
        "EmbeddedDocuments",
        "EmbeddedAnalytics",
        "FirestoreDocuments",
        "MongoAnalytics",
    ], opened.stderr[-2000:]


def test_the_settings_that_are_deployed_are_those_of_production(monkeypatch):
    """Values that Azure fills in stand for themselves; each is long enough for a secret."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    text = (ROOT / "infra/azure/main.bicep").read_text().split("properties: union(", 1)[1]
    given = dict(re.findall(r"^        (\w+): '?(.+?)'?$", text.split("\n      },", 1)[0], re.MULTILINE))
    given["CABECEO_ENV"] = "production"
    of_the_platform = {"AzureWebJobsStorage__accountName", "AzureWebJobsStorage__credential"}

    assert {name for name in given if name.lower() not in Settings.model_fields} == of_the_platform
    assert Settings.model_validate({name.lower(): value for name, value in given.items()})


def test_alerts_wait_for_lines_that_are_written():
    queries = re.findall("query: '(.*)'", (ROOT / "infra/azure/alerts.bicep").read_text())
    asked = {name for query in queries for name in re.findall(r'"([a-z_]+)"', query)}
    source = "\n".join(path.read_text() for path in ROOT.glob("shared/**/*.py"))
    lines = re.findall(r'(?:log\(\)\.\w+|report)\(\s*f?"([a-z_]*(?:{[\w.]+})?[a-z_]*)"', source)
    written = re.compile("|".join(re.sub("{.*}", "[a-z]+", line) for line in lines))

    assert len(asked) > 5
    assert [name for name in asked if not written.fullmatch(name)] == []


DURABLE_APP = """
import azure.durable_functions as df
import azure.functions as func

bp = df.Blueprint()


@bp.orchestration_trigger(context_name="context")
def flow(context: df.DurableOrchestrationContext):
    yield context.call_activity("work", 1)


@bp.activity_trigger(input_name="item")
async def work(item: int) -> int:
    return item


@bp.route("begin", methods=["POST"])
@bp.durable_client_input(client_name="client")
async def begin(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    return func.HttpResponse(await client.start_new("flow"))


app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
app.register_functions(bp)
"""


def test_the_hosted_indexer_and_the_local_host_take_a_durable_blueprint(tmp_path):
    """Orchestrators, activities and clients stand on df.Blueprint and are registered with the plain app."""
    (tmp_path / "function_app.py").write_text(DURABLE_APP)
    listed = indexed(tmp_path)
    kinds = {name: sorted(binding["type"] for binding in found) for name, found in listed.items()}

    assert kinds == {
        "begin": ["durableClient", "http", "httpTrigger"],
        "flow": ["orchestrationTrigger"],
        "work": ["activityTrigger"],
    }
    assert [one.name for one in read_functions(import_app(tmp_path / "function_app.py"), {})] == sorted(kinds)
