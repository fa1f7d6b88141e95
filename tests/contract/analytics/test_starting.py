"""Many instances begin at once: indexes are made once, and hold from the first document on."""

import asyncio
import uuid

import pytest

from shared.clients.analytics.embedded import EmbeddedAnalytics
from shared.clients.analytics.mongo import MongoAnalytics
from tests.contract.analytics.conftest import REAL, real_settings


@pytest.mark.parametrize("kind", ["embedded", REAL])
async def test_a_storm_of_starts_leaves_one_of_each(kind, tmp_path, indexes):
    clients = [
        MongoAnalytics(real_settings(), indexes)
        if kind == "mongo"
        else EmbeddedAnalytics(tmp_path / "analytics.sqlite", indexes)
        for _ in range(8)
    ]
    name = f"unique_things_{uuid.uuid4().hex}"
    rows = [{"_id": f"{number}", "a": 1, "b": number % 5} for number in range(40)]
    added = await asyncio.gather(
        *(client.insert(name, rows[number * 5 : number * 5 + 5]) for number, client in enumerate(clients))
    )

    assert sum(added) == 5
    found = await clients[0].find(name, {"a": 1})
    assert sorted(each["b"] for each in found) == [0, 1, 2, 3, 4]
    await clients[0].drop(name)
    for client in clients:
        await client.close()
