"""The same tests on the twin, and on the real MongoDB when the stores are asked for."""

import os
import uuid

import orjson
import pytest

from shared.clients.analytics.embedded import EmbeddedAnalytics
from shared.clients.analytics.mongo import MongoAnalytics
from shared.kernel.settings import Settings

REAL = pytest.param("mongo", marks=pytest.mark.stores)


def real_settings(**values) -> Settings:
    """Settings of the MongoDB that the environment names; its absence is an error."""
    uri = os.environ.get("MONGODB_URI")
    if not uri:
        pytest.fail("MONGODB_URI names no server", pytrace=False)
    given = {
        "cabeceo_env": "test",
        "analytics": "mongo",
        "mongodb_uri": uri,
        "mongodb_database": "contract",
        "store_timeout_seconds": 20,
    }
    return Settings(**{**given, **values})


@pytest.fixture(scope="session")
def indexes(tmp_path_factory):
    """Indexes of every collection whose name begins with ``things``."""
    listed = [
        {"collection": "things*", "fields": [["a", 1]]},
        {"collection": "things*", "fields": [["tags", 1], ["n", -1]]},
        {"collection": "things*", "fields": [["rows.city", 1]]},
        {"collection": "unique_things*", "fields": [["a", 1], ["b", 1]], "unique": True},
        {"collection": "things*", "fields": [["at", 1]], "expireAfterSeconds": 3600},
    ]
    path = tmp_path_factory.mktemp("indexes") / "indexes.json"
    path.write_bytes(orjson.dumps({"indexes": listed}))
    return path


@pytest.fixture(params=["embedded", REAL])
async def analytics(request, tmp_path, indexes):
    """The client under test."""
    if request.param == "mongo":
        client = MongoAnalytics(real_settings(), indexes)
    else:
        client = EmbeddedAnalytics(tmp_path / "analytics.sqlite", indexes)
    yield client
    await client.close()


@pytest.fixture
async def things(analytics):
    """A collection of this test's own."""
    name = f"things_{uuid.uuid4().hex}"
    yield name
    await analytics.drop(name)
