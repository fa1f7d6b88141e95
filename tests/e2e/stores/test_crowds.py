"""Crowds on the real Firestore: many follow one organizer, many spend from one balance, at the same moment."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest

from shared.clients.documents.firestore import FirestoreDocuments
from shared.clients.documents.port import Query
from shared.clients.errors import StoreError
from shared.kernel.clock import SystemClock
from shared.kernel.errors import Conflict, PaymentRequired, Unavailable
from shared.people.favorites import shards
from shared.wiring import App
from tests.e2e.stores.conftest import address
from tests.factories.app import make_app, make_settings
from tests.factories.consent import followers
from tests.factories.premium import ORG, added_up, balances, fund


@pytest.fixture
async def real() -> AsyncIterator[App]:
    """A worker over a Firestore project of this test's own."""
    settings = make_settings(
        documents="firestore",
        google_cloud_project=f"demo-{uuid4().hex[:12]}",
        firestore_emulator_host=address("FIRESTORE_EMULATOR_HOST"),
        store_timeout_seconds=20,
    )
    app = make_app(clock=SystemClock(), settings=settings, given_documents=FirestoreDocuments(settings))
    yield app
    await app.close()


async def patiently(call: Callable[[], Awaitable[Any]]) -> Any:
    """Until it is done or refused; who is told to come again, does."""
    while True:
        try:
            return await call()
        except (StoreError, Unavailable):
            pass
        except Conflict as error:
            if error.code != "credits_contended":
                raise
        await asyncio.sleep(random.random() / 10)


async def test_followers_are_neither_lost_nor_doubled(real: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """64 join while shards of 10 split under them; then some leave while others join."""
    monkeypatch.setattr(shards, "MAX_MEMBERS", 10)
    people = [f"uid-{number}" for number in range(64)]
    await asyncio.gather(*(patiently(lambda key=key: real.favorites.add(key, ORG)) for key in people))
    assert sorted(await followers(real, ORG)) == sorted(people)

    gone, late = people[::4], [f"uid-late-{number}" for number in range(8)]
    await asyncio.gather(
        *(patiently(lambda key=key: real.favorites.remove(key, ORG)) for key in gone),
        *(patiently(lambda key=key: real.favorites.add(key, ORG)) for key in late),
    )
    expected = sorted({*people, *late} - {*gone})
    assert sorted(await followers(real, ORG)) == expected
    assert await real.favorites.count(ORG) == len(expected)
    assert len(await real.documents.query(Query(f"organizers/{ORG}/followers"))) > 1


async def test_credits_are_spent_once_and_never_below_zero(real: App) -> None:
    await fund(real, 100)

    async def spend(number: int) -> bool:
        key = f"b_{number % 20}"  # each of 20 sends is asked for by three callers
        try:
            held = await patiently(lambda: real.credits.reserve(ORG, 7, key=key))
        except PaymentRequired:
            return False
        await patiently(lambda: real.credits.settle(ORG, held.id, 5, key=f"{key}:end"))
        return True

    await asyncio.gather(*(spend(number) for number in range(60)))
    sums = await added_up(real)

    assert await balances(real) == (sums["available"], 0, sums["spent"])
    assert sums["spent"] % 5 == 0
    assert sums["available"] == 100 - sums["spent"]
    assert sums["spent"] >= 5 * 14
    assert (await real.credit_proof.run()).faults == {}
