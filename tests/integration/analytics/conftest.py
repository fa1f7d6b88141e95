"""Every test of snapshots runs on the twin, and on the real MongoDB when the stores are asked for."""

import uuid

import pytest

from shared import wiring
from shared.clients.analytics.mongo import MongoAnalytics
from tests.contract.analytics.conftest import REAL, real_settings
from tests.factories.app import make_app


@pytest.fixture(params=["embedded", REAL])
async def anywhere(request, tmp_path):
    """A worker whose figures are in the twin, or in a database of their own."""
    if request.param == "embedded":
        app = make_app(folder=tmp_path)
        yield app
        await app.close()
    else:
        name = f"segments_{uuid.uuid4().hex[:10]}"
        store = MongoAnalytics(real_settings(mongodb_database=name))
        app = make_app(folder=tmp_path, given_analytics=store)
        yield app
        for collection in await store.collections():
            await store.drop(collection)
        await app.close()
    wiring.use(None)
