"""The same tests on the twin, and on the real Firestore when the stores are asked for."""

import itertools
import os
import uuid
from datetime import UTC, datetime

import orjson
import pytest

from shared.clients.documents.embedded import EmbeddedDocuments
from shared.clients.documents.firestore import FirestoreDocuments
from shared.kernel.clock import ManualClock
from shared.kernel.settings import Settings

REAL = pytest.param("firestore", marks=pytest.mark.stores)
FIELDS = ("a", "b", "c")


def real_settings(**values) -> Settings:
    """Settings of the Firestore that the environment names; its absence is an error."""
    host = os.environ.get("FIRESTORE_EMULATOR_HOST")
    if not host:
        pytest.fail("FIRESTORE_EMULATOR_HOST names no emulator", pytrace=False)
    given = {
        "cabeceo_env": "test",
        "documents": "firestore",
        "google_cloud_project": "demo-cabeceo",
        "firestore_emulator_host": host,
        "store_timeout_seconds": 20,
    }
    return Settings(**{**given, **values})


@pytest.fixture(scope="session")
def indexes(tmp_path_factory):
    """An index for every query over the fields a, b and c of ``items``; ``bare`` has the automatic ones alone."""
    modes = ({"order": "ASCENDING"}, {"order": "DESCENDING"}, {"arrayConfig": "CONTAINS"})
    listed = [
        {
            "collectionGroup": "items",
            "queryScope": "COLLECTION",
            "fields": [{"fieldPath": field, **mode} for field, mode in zip(fields, chosen, strict=True)],
        }
        for length in (2, 3)
        for fields in itertools.permutations(FIELDS, length)
        for chosen in itertools.product(modes, repeat=length)
    ]
    path = tmp_path_factory.mktemp("indexes") / "firestore.indexes.json"
    path.write_bytes(orjson.dumps({"indexes": listed, "fieldOverrides": []}))
    return path


def make(kind: str, folder, indexes):
    """A client of that kind."""
    if kind == "firestore":
        return FirestoreDocuments(real_settings(), indexes)
    clock = ManualClock(datetime(2026, 11, 21, 20, 0, tzinfo=UTC))
    return EmbeddedDocuments(folder / "documents.sqlite", clock, indexes)


@pytest.fixture(params=["embedded", REAL])
async def documents(request, tmp_path, indexes):
    """The client under test."""
    client = make(request.param, tmp_path, indexes)
    yield client
    await client.close()


@pytest.fixture
def run():
    """A document path of this test's own, below which it keeps everything."""
    return f"runs/{uuid.uuid4().hex}"


@pytest.fixture
def items(run):
    """A collection of this test's own, with an index for every query over a, b and c."""
    return f"{run}/items"
