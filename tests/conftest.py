"""What every suite may ask for: a whole worker in memory, and a client that calls its functions."""

import pytest
from hypothesis import settings

from shared import wiring
from shared.kernel import telemetry
from tests.factories.app import make_app
from tests.factories.client import Client
from tests.factories.examples import examples

pytest_plugins = ["tests.index_use"]
telemetry.configure_logging()
# how long an example takes says more about the machine than about the code
settings.register_profile("cabeceo", deadline=None, max_examples=examples(100))
settings.load_profile("cabeceo")


@pytest.fixture(autouse=True)
def _nothing_runs_beside_the_test():
    """Whoever has imported function_app has begun a worker, which tells of its store operations now and then."""
    telemetry.after_each(None)


@pytest.fixture
async def app(tmp_path):
    """A worker of its own for each test."""
    app = make_app(folder=tmp_path)
    yield app
    await app.close()
    wiring.use(None)


@pytest.fixture
def client(app):
    """Calls the functions of every blueprint."""
    return Client(app)
