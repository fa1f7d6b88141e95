"""The same worker over the twin, and over the real Firestore when the stores are asked for."""

import uuid

import pytest

from shared.clients.documents.firestore import FirestoreDocuments
from shared.kernel.clock import ManualClock, SystemClock
from tests.contract.documents.conftest import real_settings
from tests.factories.app import make_app


@pytest.fixture(params=["embedded", pytest.param("firestore", marks=pytest.mark.stores)])
async def app(request, tmp_path):
    """A worker whose clock begins now, as the store's own does; in a Firebase project of its own."""
    given = {}
    if request.param == "firestore":
        settings = real_settings(google_cloud_project=f"demo-{uuid.uuid4().hex[:12]}")
        given["given_documents"] = FirestoreDocuments(settings)
    app = make_app(folder=tmp_path, clock=ManualClock(SystemClock().now()), **given)
    yield app
    await app.close()
