"""The real client on a bad day, against servers on loopback: bounded, and honest about what it does not know."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from shared.clients.errors import Missing, Refused, Stale, StoreUnavailable
from shared.clients.queues.azure import AzureQueues
from shared.clients.queues.port import QueueMessage
from shared.kernel.settings import Settings
from tests.factories.servers import CUT, GARBAGE, HANG, answer, patience, scripted_server, unused_port

NOW = datetime(2026, 3, 1, tzinfo=UTC)
HELD = QueueMessage("m1", "r1", "body", 1, NOW, NOW, NOW)
SENT = answer(
    201,
    b"<?xml version='1.0'?><QueueMessagesList><QueueMessage><MessageId>m1</MessageId>"
    b"<InsertionTime>Sun, 01 Mar 2026 00:00:00 GMT</InsertionTime>"
    b"<ExpirationTime>Sun, 08 Mar 2026 00:00:00 GMT</ExpirationTime><PopReceipt>r1</PopReceipt>"
    b"<TimeNextVisible>Sun, 01 Mar 2026 00:00:00 GMT</TimeNextVisible></QueueMessage></QueueMessagesList>",
    Content_Type="application/xml",
)
ATTEMPTS = 2
MARGIN = 3
"""Seconds for the pauses between tries and a busy machine."""


def failure(status: int, code: str) -> bytes:
    return answer(status, x_ms_error_code=code)


@asynccontextmanager
async def azure(port: int, reply: bytes | None = b"") -> AsyncIterator[AzureQueues]:
    queues = AzureQueues(
        Settings(
            queues="azure",
            azurewebjobsstorage="DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;"
            f"QueueEndpoint=http://127.0.0.1:{port}/a;",
            store_timeout_seconds=patience(reply),
            store_attempts=ATTEMPTS,
        )
    )
    yield queues
    await queues.close()


@asynccontextmanager
async def meeting(*answers: bytes | None) -> AsyncIterator[AzureQueues]:
    async with scripted_server(*answers) as server, azure(server.port) as queues:
        yield queues


CALLS = {
    "send": lambda queues: queues.send("activity", "a"),
    "receive": lambda queues: queues.receive("activity"),
    "hide": lambda queues: queues.hide("activity", HELD, visibility_seconds=1),
    "delete": lambda queues: queues.delete("activity", HELD),
    "length": lambda queues: queues.length("activity"),
    "oldest": lambda queues: queues.oldest("activity"),
    "ping": lambda queues: queues.ping(),
}


@pytest_asyncio.fixture(autouse=True, scope="module", loop_scope="module")
async def _sdk_is_loaded():
    """The SDK's first request imports and compiles for a while: not what is measured here."""
    async with azure(unused_port()) as queues:
        with pytest.raises(StoreUnavailable):
            await queues.ping()


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("reply", [HANG, CUT, answer(503), answer(429)], ids=["hangs", "cuts", "503", "429"])
async def test_every_call_gives_up_within_its_budget(call, reply):
    async with scripted_server(reply) as server, azure(server.port, reply) as queues:
        start = time.monotonic()
        with pytest.raises(StoreUnavailable):
            await call(queues)
        assert time.monotonic() - start < MARGIN
        assert len(server.requests) == ATTEMPTS


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
async def test_a_refused_connection_is_unavailable(call):
    async with azure(unused_port()) as queues:
        with pytest.raises(StoreUnavailable):
            await call(queues)


@pytest.mark.parametrize("name", ["send", "receive"])
async def test_garbage_is_unavailable(name):
    async with meeting(GARBAGE) as queues:
        with pytest.raises(StoreUnavailable):
            await CALLS[name](queues)


async def test_a_lost_answer_is_asked_for_again():
    async with meeting(CUT, SENT) as queues:
        assert await queues.send("activity", "a") == "m1"


async def test_a_message_gone_after_a_lost_answer_counts_as_deleted():
    async with meeting(CUT, failure(404, "MessageNotFound")) as queues:
        await queues.delete("activity", HELD)


async def test_a_receipt_that_a_lost_answer_may_have_changed_is_unknown_not_stale():
    async with meeting(CUT, failure(400, "PopReceiptMismatch")) as queues:
        with pytest.raises(StoreUnavailable):
            await queues.hide("activity", HELD, visibility_seconds=1)


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (failure(404, "MessageNotFound"), Missing),
        (failure(404, "QueueNotFound"), Missing),
        (failure(400, "PopReceiptMismatch"), Stale),
        (failure(400, "InvalidQueryParameterValue"), Refused),
        (failure(403, "AuthenticationFailed"), StoreUnavailable),
    ],
    ids=["no message", "no queue", "other receipt", "bad request", "wrong key"],
)
async def test_answers_of_the_service_become_store_errors(reply, error):
    async with meeting(reply) as queues:
        with pytest.raises(error):
            await queues.delete("activity", HELD)


async def test_a_strangers_plain_text_does_not_spoil_its_batch():
    """The SDK's decoder would fail the whole batch, again and again; ours hands the text to its handler."""
    item = (
        "<QueueMessage><MessageId>{0}</MessageId><InsertionTime>Sun, 01 Mar 2026 00:00:00 GMT</InsertionTime>"
        "<ExpirationTime>Sun, 08 Mar 2026 00:00:00 GMT</ExpirationTime><PopReceipt>r</PopReceipt>"
        "<TimeNextVisible>Sun, 01 Mar 2026 00:00:00 GMT</TimeNextVisible><DequeueCount>1</DequeueCount>"
        "<MessageText>{1}</MessageText></QueueMessage>"
    )
    body = item.format(1, "not base64!") + item.format(2, "aG9sYQ==") + item.format(3, "/////w==")
    reply = f"<?xml version='1.0'?><QueueMessagesList>{body}</QueueMessagesList>".encode()
    async with meeting(answer(200, reply, Content_Type="application/xml")) as queues:
        received = await queues.receive("activity")
        assert [m.body for m in received] == ["not base64!", "hola", "/////w=="]


def test_an_address_is_needed():
    with pytest.raises(ValueError, match="AZUREWEBJOBSSTORAGE"):
        AzureQueues(Settings(queues="azure", azurewebjobsstorage="", azurewebjobsstorage__queueserviceuri=""))
