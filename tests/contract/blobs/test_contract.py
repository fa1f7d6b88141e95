"""What every blob store promises, the twin and the real one."""

import asyncio
import os
from uuid import uuid4

import pytest

from shared.clients.blobs.azure import AzureBlobs
from shared.clients.blobs.embedded import EmbeddedBlobs
from shared.clients.errors import AlreadyExists, Refused, StoreUnavailable
from shared.kernel.settings import Settings
from tests.factories.servers import CUT, HANG, answer, patience, scripted_server


@pytest.fixture(params=[pytest.param("embedded"), pytest.param("azure", marks=pytest.mark.stores)])
async def blobs(request, tmp_path):
    if request.param == "embedded":
        made = EmbeddedBlobs(tmp_path / "blobs")
    else:
        made = AzureBlobs(
            Settings(
                blobs="azure",
                azurewebjobsstorage=os.environ["AZURITE_CONNECTION_STRING"],
                archive_container=f"contract-{uuid4().hex}",
            )
        )
    yield made
    await made.close()


async def test_what_is_written_is_read(blobs):
    body = bytes(range(256)) * 4096
    await blobs.create("a/b/c.gz", body)
    assert await blobs.read("a/b/c.gz") == body


async def test_what_nobody_wrote_is_not_there(blobs):
    assert await blobs.read("a/none") is None
    await blobs.create("a/one", b"")
    assert await blobs.read("a/none") is None
    assert await blobs.read("a/one") == b""


async def test_nothing_is_written_over(blobs):
    await blobs.create("a", b"first")
    with pytest.raises(AlreadyExists):
        await blobs.create("a", b"second")
    assert await blobs.read("a") == b"first"


async def test_of_several_at_once_one_writes(blobs):
    await blobs.create("warm", b"")
    answers = await asyncio.gather(*(blobs.create("a", b"%d" % n) for n in range(5)), return_exceptions=True)
    assert sorted(type(each).__name__ for each in answers) == ["AlreadyExists"] * 4 + ["NoneType"]


@pytest.mark.parametrize("name", ["", "../a", "a/../b", "/a", "a//b", "a/", "ä", "a" * 513])
async def test_names_that_lead_elsewhere_are_refused(blobs, name):
    with pytest.raises(Refused):
        await blobs.create(name, b"")
    with pytest.raises(Refused):
        await blobs.read(name)


@pytest.mark.parametrize("reply", [HANG, CUT, answer(503)], ids=["hangs", "cuts", "503"])
@pytest.mark.parametrize("call", [lambda blobs: blobs.read("a"), lambda blobs: blobs.create("a", b"x")])
async def test_the_real_one_gives_up_within_its_budget(call, reply):
    async with scripted_server(reply) as server:
        made = AzureBlobs(
            Settings(
                azurewebjobsstorage="DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;"
                f"BlobEndpoint=http://127.0.0.1:{server.port}/a;",
                blob_timeout_seconds=patience(reply),
                store_attempts=2,
            )
        )
        with pytest.raises(StoreUnavailable):
            await call(made)
        await made.close()
