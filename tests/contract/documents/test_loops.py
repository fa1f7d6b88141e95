"""One client may serve several event loops, one after the other and at once."""

import asyncio
import threading

import pytest

from shared.clients.documents.port import Create, Increment, Set, Update
from tests.contract.documents.conftest import REAL, make


@pytest.mark.parametrize("kind", ["embedded", REAL])
def test_a_client_outlives_its_event_loops(kind, tmp_path, indexes, run):
    documents = make(kind, tmp_path, indexes)

    async def add():
        await documents.commit([Update(run, {"n": Increment(1)})])
        return (await documents.get(run)).data["n"]

    async def start():
        await documents.commit([Set(run, {"n": 0})])

    asyncio.run(start())
    assert [asyncio.run(add()) for _ in range(3)] == [1, 2, 3]

    async def create(n):
        await documents.commit([Create(f"{run}/items/{n}", {})])
        await documents.close()

    threads = [threading.Thread(target=lambda n=n: asyncio.run(create(n))) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    async def look():
        found = await documents.get_many([f"{run}/items/{n}" for n in range(4)])
        await documents.close()
        return found

    assert None not in asyncio.run(look())
