"""The real client when the store is slow, dark or gone: it answers within its budget and repeats only what it may."""

import asyncio
import socket
import time
from contextlib import asynccontextmanager

import grpc
import pytest
from google.cloud.firestore_v1.types import firestore

from shared.clients.documents.firestore import FirestoreDocuments
from shared.clients.documents.firestore_link import MAX_IN_FLIGHT
from shared.clients.documents.port import Create, Delete, Increment, Order, Query, Set, Update, Where
from shared.clients.errors import AlreadyExists, Contended, Missing, Refused, Stale, StoreUnavailable
from shared.kernel.settings import Settings
from tests.contract.documents.server import Abort, serving

SECONDS, ATTEMPTS = 0.2, 2
BUDGET = SECONDS * ATTEMPTS + 2
COMMITTED = firestore.CommitResponse.pb()(commit_time={"seconds": 7}).SerializeToString()
Code = grpc.StatusCode


def client(host, **values):
    given = {
        "cabeceo_env": "test", "documents": "firestore", "google_cloud_project": "demo-cabeceo",
        "firestore_emulator_host": host, "store_timeout_seconds": SECONDS, "store_attempts": ATTEMPTS,
    }  # fmt: skip
    return FirestoreDocuments(Settings(**{**given, **values}))


@asynccontextmanager
async def connected(answer, **values):
    async with serving(answer) as host:
        documents = client(host, **{"store_timeout_seconds": 10, **values})
        yield documents
        await documents.close()


def failing(*codes, then=None):
    """Answers with each status in turn, then with the replies; ``tried`` counts the calls."""
    left = list(codes)

    async def answer(_name, _request):
        answer.tried += 1
        if left:
            raise Abort(left.pop(0))
        if then is None:
            raise Abort(Code.UNAVAILABLE)
        return then

    answer.tried = 0
    return answer


@pytest.fixture
def dark():
    """Accepts connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        yield f"127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def gone():
    """A port where nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{listener.getsockname()[1]}"


CALLS = {
    "get": lambda documents: documents.get("a/1"),
    "get_many": lambda documents: documents.get_many(["a/1", "a/2"]),
    "create": lambda documents: documents.commit([Create("a/1", {})]),
    "increment": lambda documents: documents.commit([Update("a/1", {"n": Increment(1)})]),
    "query": lambda documents: documents.query(Query("a")),
    "count": lambda documents: documents.count(Query("a")),
    "transaction": lambda documents: documents.transaction(lambda running: running.get("a/1")),
    "ping": lambda documents: documents.ping(),
}


@pytest.mark.parametrize("where", ["dark", "gone"])
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
async def test_every_call_ends_within_its_budget(request, where, call):
    documents = client(request.getfixturevalue(where))
    started = time.perf_counter()
    with pytest.raises(StoreUnavailable):
        await call(documents)
    assert time.perf_counter() - started < BUDGET
    await documents.close()


async def test_many_calls_into_the_dark_end_together(dark):
    """Waiting for a free slot counts towards the budget as well."""
    documents = client(dark)
    started = time.perf_counter()
    results = await asyncio.gather(
        *(documents.get(f"a/{n}") for n in range(3 * MAX_IN_FLIGHT)), return_exceptions=True
    )
    assert {type(result) for result in results} == {StoreUnavailable}
    assert time.perf_counter() - started < BUDGET
    await documents.close()


async def test_calls_in_flight_are_bounded():
    inside, most, release = 0, 0, asyncio.Event()

    async def answer(_name, _request):
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        if inside == MAX_IN_FLIGHT:
            release.set()
        await release.wait()
        inside -= 1
        raise Abort(Code.NOT_FOUND)

    async with connected(answer) as documents:
        found = await asyncio.gather(*(documents.get(f"a/{n}") for n in range(2 * MAX_IN_FLIGHT)))
    assert found == [None] * (2 * MAX_IN_FLIGHT)
    assert most == MAX_IN_FLIGHT


async def test_a_store_that_comes_back_is_found_without_a_restart(gone):
    documents = client(gone)
    with pytest.raises(StoreUnavailable):
        await documents.get("a/1")
    server = grpc.aio.server()
    server.add_insecure_port(gone)
    await server.start()
    while True:
        try:
            await documents.get("a/1")
        except StoreUnavailable:
            continue
        except Refused:  # it answers: it knows no such method
            break
    await server.stop(None)
    await documents.close()


@pytest.mark.parametrize(
    ("writes", "tries"),
    [
        ([Create("a/1", {}), Update("a/sum", {"n": Increment(1)})], 2),
        ([Set("a/1", {"n": Increment(1)})], 2),
        ([Update("a/1", {"n": 1})], 2),
        ([Update("a/1", {"n": Increment(1)}, if_updated_at=1000)], 2),
        ([Delete("a/1")], 2),
        ([Update("a/1", {"n": Increment(1)})], 1),
        ([Update("a/2", {"n": 1}, if_updated_at=1000), Update("a/1", {"n": Increment(1)})], 1),
        ([Delete("a/2"), Create("a/2", {}), Update("a/1", {"n": Increment(1)})], 1),
    ],
)
@pytest.mark.parametrize("code", [Code.UNAVAILABLE, Code.INTERNAL, Code.UNKNOWN, Code.DEADLINE_EXCEEDED])
async def test_a_commit_is_repeated_only_where_that_cannot_do_harm(writes, tries, code):
    answer = failing(code, then=[COMMITTED])
    async with connected(answer) as documents:
        if tries == 1:
            with pytest.raises(StoreUnavailable):
                await documents.commit(writes)
        else:
            assert await documents.commit(writes) == 7 * 10**9
    assert answer.tried == tries


@pytest.mark.parametrize("code", [Code.FAILED_PRECONDITION, Code.NOT_FOUND])
async def test_a_failed_precondition_proves_nothing_after_a_lost_answer(code):
    guarded = [Update("a/1", {"n": 1}, if_updated_at=1000)]
    async with connected(failing(Code.UNAVAILABLE, code)) as documents:
        with pytest.raises(StoreUnavailable):
            await documents.commit(guarded)
    async with connected(failing(code)) as documents:
        with pytest.raises(Stale if code is Code.FAILED_PRECONDITION else Missing):
            await documents.commit(guarded)


async def test_another_transaction_in_the_way_is_waited_for_and_then_told():
    async with connected(failing(Code.ABORTED, then=[COMMITTED])) as documents:
        await documents.commit([Update("a/1", {"n": Increment(1)})])
    async with connected(failing(Code.ABORTED, Code.ABORTED)) as documents:
        with pytest.raises(Contended):
            await documents.commit([Update("a/1", {"n": Increment(1)})])


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (Code.ALREADY_EXISTS, AlreadyExists),
        (Code.INVALID_ARGUMENT, Refused),
        (Code.PERMISSION_DENIED, StoreUnavailable),
        (Code.RESOURCE_EXHAUSTED, StoreUnavailable),
    ],
)
async def test_statuses_become_the_ports_errors_and_tell_nothing_private(code, error):
    async def answer(_name, _request):
        raise Abort(code, "document people/+15551234567 of secret")

    async with connected(answer) as documents:
        with pytest.raises(error) as caught:
            await documents.commit([Create("a/1", {})])
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


async def test_an_absent_database_is_not_an_absent_document():
    async def answer(_name, _request):
        raise Abort(Code.NOT_FOUND, "The database (default) does not exist for project x")

    async with connected(answer) as documents:
        with pytest.raises(StoreUnavailable):
            await documents.get("a/1")


async def test_a_query_that_production_has_no_index_for_is_refused():
    """Outside of tests the store itself is asked."""
    asked = Query("a", (Where("a", "==", 1),), (Order("b"),))
    async with connected(failing(Code.FAILED_PRECONDITION), cabeceo_env="staging") as documents:
        with pytest.raises(Refused):
            await documents.query(asked)


async def test_reads_are_tried_again():
    answer = failing(Code.UNAVAILABLE, Code.ABORTED, Code.NOT_FOUND)
    async with connected(answer, store_attempts=3) as documents:
        assert await documents.get("a/1") is None
    assert answer.tried == 3
