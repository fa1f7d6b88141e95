"""Commits to the real Firestore through a proxy that cuts replies: the effect happened, the caller does not hear of it."""

import random
from contextlib import asynccontextmanager

import grpc
import pytest

from shared.clients.documents.firestore import FirestoreDocuments
from shared.clients.documents.port import SERVER_TIME, Create, Increment, Set, Update
from shared.clients.errors import AlreadyExists, Stale, StoreUnavailable
from shared.kernel.telemetry import counted
from tests.contract.documents.conftest import real_settings
from tests.contract.documents.server import Abort, passing_on, serving

pytestmark = pytest.mark.stores


class Cuts:
    """Which commits lose their reply, and what happens in the moment after."""

    def __init__(self, plan, meanwhile=None):
        self.plan, self.meanwhile, self.cut = iter(plan), meanwhile, 0


@asynccontextmanager
async def behind(cuts: Cuts):
    """The real client behind the proxy."""
    async with passing_on(real_settings().firestore_emulator_host) as upstream:

        async def answer(name, request):
            replies = await upstream(name, request)
            if name == "Commit" and next(cuts.plan, False):
                cuts.cut += 1
                if cuts.meanwhile:
                    await cuts.meanwhile()
                raise Abort(grpc.StatusCode.UNAVAILABLE)
            return replies

        async with serving(answer) as host:
            documents = FirestoreDocuments(real_settings(firestore_emulator_host=host))
            yield documents
            await documents.close()


@pytest.fixture
async def direct():
    documents = FirestoreDocuments(real_settings())
    yield documents
    await documents.close()


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_thirty_guarded_increments_are_exact(run, seed):
    chance = random.Random(seed)
    cuts = Cuts(chance.random() < 0.3 for _ in range(1000))
    async with behind(cuts) as documents:
        await documents.commit([Set(run, {"n": 0})])
        for n in range(30):
            operation = [
                Create(f"{run}/operations/{n}", {"at": SERVER_TIME, "by": "test"}),
                Update(run, {"n": Increment(1)}),
            ]
            for _ in range(20):
                try:
                    await documents.commit(operation)
                except AlreadyExists:
                    break
                except StoreUnavailable:
                    continue
                break
        assert (await documents.get(run)).data == {"n": 30}
    assert cuts.cut >= 5


async def test_ones_own_commit_is_known_again_by_what_it_created(run):
    async with behind(Cuts([True])) as documents:
        with counted() as bill:
            committed = await documents.commit(
                [Create(f"{run}/operations/1", {"a": [1, {"b": 1.5}], "at": SERVER_TIME}), Set(run, {"n": 1})]
            )
        assert (await documents.get(run)).update_time == committed
        assert bill == {"write": 2, "read": 1}


async def test_a_guarded_commit_that_created_something_is_known_again_too(run, direct):
    version = await direct.commit([Create(run, {"n": 1})])
    async with behind(Cuts([True])) as documents:
        writes = [
            Update(run, {"n": Increment(1)}, if_updated_at=version),
            Create(f"{run}/operations/1", {"a": 1}),
        ]
        await documents.commit(writes)
        with pytest.raises((AlreadyExists, Stale)):
            await documents.commit(writes)
        assert (await documents.get(run)).data == {"n": 2}


async def test_another_callers_document_is_not_taken_for_ones_own(run, direct):
    """The first try did not happen, because another was quicker: so the error stands."""
    await direct.commit([Create(f"{run}/operations/1", {"by": "another"})])
    cut_errors = iter([True])
    async with passing_on(real_settings().firestore_emulator_host) as upstream:

        async def answer(name, request):
            try:
                return await upstream(name, request)
            except Abort:
                if next(cut_errors, False):
                    raise Abort(grpc.StatusCode.UNAVAILABLE) from None
                raise

        async with serving(answer) as host:
            documents = FirestoreDocuments(real_settings(firestore_emulator_host=host))
            with pytest.raises(AlreadyExists):
                await documents.commit([Create(f"{run}/operations/1", {"by": "me"})])
            await documents.close()


async def test_without_a_created_document_an_unknown_outcome_stays_unknown(run, direct):
    version = await direct.commit([Create(run, {"n": 1})])
    async with behind(Cuts([True])) as documents:
        with pytest.raises(StoreUnavailable):
            await documents.commit([Update(run, {"n": Increment(1)}, if_updated_at=version)])
    assert (await direct.get(run)).data == {"n": 2}


async def test_a_created_document_that_changed_since_leaves_it_unknown(run, direct):
    async def meanwhile():
        await direct.commit([Update(f"{run}/operations/1", {"a": 2})])

    async with behind(Cuts([True], meanwhile)) as documents:
        with pytest.raises(StoreUnavailable):
            await documents.commit([Create(f"{run}/operations/1", {"a": 1})])


async def test_a_bare_increment_is_never_doubled(run, direct):
    await direct.commit([Create(run, {"n": 0})])
    async with behind(Cuts([True] * 3)) as documents:
        with pytest.raises(StoreUnavailable):
            await documents.commit([Update(run, {"n": Increment(1)})])
    assert (await direct.get(run)).data == {"n": 1}


async def test_transactions_over_lost_replies_lose_and_double_nothing(run, direct):
    chance = random.Random(7)
    async with behind(Cuts(chance.random() < 0.3 for _ in range(1000))) as documents:

        async def once(running, operation):
            if await running.get(f"{run}/operations/{operation}"):
                return
            snapshot = await running.get(run)
            running.write(
                Create(f"{run}/operations/{operation}", {"v": 1}),
                Set(run, {"n": (snapshot.data["n"] if snapshot else 0) + 1}),
            )

        for operation in range(20):
            while True:
                try:
                    await documents.transaction(lambda running, n=operation: once(running, n))
                except StoreUnavailable:
                    continue
                break
    assert (await direct.get(run)).data == {"n": 20}
