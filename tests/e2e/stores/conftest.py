"""An installation on the real stores: served by the local host in a process of its own, and looked at from here.

Each module has a Firebase project of its own, which the Firestore emulator keeps apart from others. The queues are the
account's, so no two of these modules run at the same time.
"""

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import httpx
import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.queue import QueueClient

from shared.clients.queues.port import ALL_QUEUES
from shared.kernel.settings import Settings
from shared.people.profiles.models import Profile
from shared.wiring import App
from tests.factories.serving import Served

PATIENCE = 30.0
HERE = Path(__file__).parent
FoundT = TypeVar("FoundT")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs the stores."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.stores)


def address(name: str) -> str:
    """A store's address; without one the test fails, for a skipped proof is none."""
    return os.environ.get(name) or pytest.fail(f"{name} names no store", pytrace=False)


async def eventually(condition: Callable[[], Awaitable[FoundT]]) -> FoundT:
    """What a condition gives once it is true; fails after half a minute."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := await condition():
            return found
        await asyncio.sleep(0.05)
    return pytest.fail("it did not happen in time")


class Installation:
    """One folder of keys and secrets, one project, and whoever serves them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environ = {
            "CABECEO_ENV": "test",
            "GOOGLE_CLOUD_PROJECT": f"demo-{uuid4().hex[:12]}",
            "FIRESTORE_EMULATOR_HOST": address("FIRESTORE_EMULATOR_HOST"),
            "AZUREWEBJOBSSTORAGE": address("AZURITE_CONNECTION_STRING"),
            "MONGODB_URI": address("MONGODB_URI"),
            "MONGODB_DATABASE": f"test_{uuid4().hex[:12]}",
            "RATE_PER_PERSON": "100000",
            "RATE_PER_ADDRESS": "100000",
        }
        self.servers: list[Served] = []

    def serve(self, *options: str, **environ: str) -> Served:
        """The real function app on the local host, over the real stores."""
        given = {**self.environ, **environ}
        self.servers.append(Served("--stores", "real", "--data", str(self.folder), *options, environ=given))
        return self.servers[-1]

    def app(self) -> App:
        """Another instance of the same installation: the test's own look at the stores."""
        given: dict[str, Any] = {name.lower(): value for name, value in self.environ.items()}
        stores = {
            "documents": "firestore",
            "queues": "azure",
            "blobs": "azure",
            "analytics": "mongo",
            "cabeceo_data": self.folder,
        }
        return App(settings=Settings(**given, **stores))


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A new one for each module; what is still served at the end is killed."""
    made = Installation(tmp_path_factory.mktemp("installation"))
    _empty_queues(made.environ["AZUREWEBJOBSSTORAGE"])
    yield made
    for server in made.servers:
        server.kill()


@pytest.fixture(scope="module")
def server(installation: Installation) -> Served:
    """The module's host, with nothing special about it."""
    return installation.serve()


@pytest.fixture
async def app(installation: Installation) -> AsyncIterator[App]:
    """The test's own instance; it decides nothing and works off no queue."""
    app = installation.app()
    yield app
    await app.close()


@pytest.fixture
async def api(server: Served) -> AsyncIterator[httpx.AsyncClient]:
    """A caller over HTTP."""
    async with httpx.AsyncClient(base_url=server.url("/api"), timeout=PATIENCE) as client:
        yield client


async def profile_of(app: App, uid: str | None = None, visitor: str | None = None) -> Profile:
    """A caller's profile as it is stored now."""
    who = app.visitors.identify(uid, visitor_id=visitor, address="127.0.0.1", now=app.clock.now())
    return await app.profile_repository.read(who)


def worked(server: Served, function: str) -> int:
    """How many runs of a queue or timer function have ended well, by the host's log."""
    lines = (json.loads(line) for line in server.log.splitlines() if line.startswith("{"))
    return sum(
        line.get("event") == "invocation" and (line["function"], line["outcome"]) == (function, "done")
        for line in lines
    )


def _empty_queues(connection_string: str) -> None:
    """Take away what others left, also what is hidden for later."""
    for queue in ALL_QUEUES:
        with (
            QueueClient.from_connection_string(connection_string, queue) as client,
            suppress(ResourceNotFoundError),
        ):
            client.clear_messages()
