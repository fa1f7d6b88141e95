"""The twin answers every query as Firestore does."""

import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.clients.documents.port import Create
from tests.contract.documents.conftest import make
from tests.contract.documents.strategies import IDS, pools, queries, stored
from tests.factories.examples import examples


@pytest.fixture
async def both(tmp_path, indexes):
    clients = make("embedded", tmp_path, indexes), make("firestore", tmp_path, indexes)
    yield clients
    for client in clients:
        await client.close()


@pytest.mark.stores
@settings(
    max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data(), pool=pools())
async def test_twin_and_firestore_answer_alike(both, data, pool):
    collection = f"runs/{uuid.uuid4().hex}/items"
    documents = data.draw(stored(pool))
    writes = [Create(f"{collection}/{ident}", fields) for ident, fields in zip(IDS, documents, strict=False)]
    for client in both:
        await client.commit(writes)
    for _ in range(8):
        query = data.draw(queries(collection, pool))
        twin, real = [[snapshot.id for snapshot in await client.query(query)] for client in both]
        assert twin == real
        assert [await client.count(query) for client in both] == [len(twin)] * 2
