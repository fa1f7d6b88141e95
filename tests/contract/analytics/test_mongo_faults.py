"""What the real client does on a server's bad day."""

import pytest
from pymongo.errors import BulkWriteError, DuplicateKeyError, NetworkTimeout, OperationFailure

from shared.clients.analytics.mongo import MongoAnalytics
from shared.clients.analytics.mongo_errors import clashes_of, translated
from shared.clients.errors import AlreadyExists, Contended, Refused, StoreUnavailable
from shared.kernel.settings import Settings
from tests.factories.servers import HANG, scripted_server, unused_port


def away(port: int) -> MongoAnalytics:
    return MongoAnalytics(
        Settings(
            mongodb_uri=f"mongodb://127.0.0.1:{port}/?directConnection=true",
            store_timeout_seconds=0.2,
            store_attempts=2,
        )
    )


async def calls(client):
    where = {"_id": "x"}
    yield client.find("userBehaviorAnalytics", where)
    yield client.insert("userBehaviorAnalytics", [{"_id": "x"}])
    yield client.find_one_and_update("userBehaviorAnalytics", where, {"$set": {"a": 1}})
    yield client.ping()


async def test_nobody_there_is_a_store_that_is_away():
    client = away(unused_port())
    async for call in calls(client):
        with pytest.raises(StoreUnavailable):
            await call
    await client.close()


async def test_a_server_that_says_nothing_is_away():
    async with scripted_server(HANG) as server:
        client = away(server.port)
        with pytest.raises(StoreUnavailable):
            await client.ping()
        await client.close()


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (DuplicateKeyError("secret", 11000), AlreadyExists),
        (OperationFailure("secret", 112), Contended),
        (OperationFailure("secret", 2), Refused),
        (OperationFailure("secret", 18), StoreUnavailable),
        (OperationFailure("secret"), StoreUnavailable),
        (NetworkTimeout("secret"), StoreUnavailable),
        (OverflowError("secret"), Refused),
    ],
)
def test_errors_mean_what_the_port_says_and_quote_nothing(error, expected):
    told = translated(error)
    assert type(told) is expected
    assert "secret" not in str(told)


def test_only_duplicates_are_clashes():
    def bulk(*codes):
        return BulkWriteError(
            {
                "writeErrors": [{"index": n, "code": code} for n, code in enumerate(codes)],
                "writeConcernErrors": [],
            }
        )

    assert clashes_of(bulk(11000, 11000)) == [0, 1]
    with pytest.raises(BulkWriteError):
        clashes_of(bulk(11000, 112))
    assert type(translated(bulk(11000, 112))) is Contended
