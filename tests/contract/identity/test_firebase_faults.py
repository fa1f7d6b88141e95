"""The real directory on a bad day: bounded, never an SDK's exception, and no switch left in the environment."""

import os
import time
from pathlib import Path

import pytest

from shared.clients.errors import StoreUnavailable
from shared.clients.identity.firebase import FirebaseDirectory
from shared.kernel.settings import Settings
from tests.factories.google import Google, serve
from tests.factories.identity import PROJECT
from tests.factories.servers import CUT, HANG, patience, scripted_server, unused_port

CALLS = {
    "account": lambda directory: directory.account("dancer"),
    "set_claims": lambda directory: directory.set_claims("dancer", {"roles": ["admin"]}),
    "revoke": lambda directory: directory.revoke("dancer", at=1),
}
ATTEMPTS = 2
MARGIN = 3
"""Seconds for the pauses between tries and a busy machine."""


def firebase(host: str, reply: bytes | None = b"") -> FirebaseDirectory:
    return FirebaseDirectory(
        Settings(
            google_cloud_project=PROJECT,
            firebase_auth_emulator_host=host,
            store_timeout_seconds=patience(reply),
            store_attempts=ATTEMPTS,
        )
    )


@pytest.fixture(scope="module", autouse=True)
def _sdk_is_loaded():
    """Its import takes longer than these budgets."""
    from firebase_admin import auth

    assert auth


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("reply", [HANG, CUT], ids=["hangs", "cuts"])
async def test_gives_up_within_its_budget(call, reply):
    async with scripted_server(reply) as server:
        directory = firebase(f"127.0.0.1:{server.port}", reply)
        start = time.monotonic()
        with pytest.raises(StoreUnavailable):
            await call(directory)
        assert time.monotonic() - start < MARGIN
        assert len(server.requests) == ATTEMPTS
        await directory.close()


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
async def test_a_refused_connection_is_unavailable(call):
    directory = firebase(f"127.0.0.1:{unused_port()}")
    with pytest.raises(StoreUnavailable):
        await call(directory)
    await directory.close()


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize(
    "failing",
    [(500, b"{}"), (503, b""), (429, b"{}"), (403, b'{"error": {"message": "INSUFFICIENT_PERMISSION"}}'),
     (200, b"<html>"), (200, b""), (200, b'"users"'), (200, b'["localId"]')],
    ids=["500", "503", "429", "403", "html", "empty", "text", "list"],
)  # fmt: skip
async def test_errors_and_garbage_are_unavailable(call, failing):
    google = Google(PROJECT, {})
    google.create("dancer")
    google.failing = failing
    with serve(google):
        directory = firebase(google.host)
        with pytest.raises(StoreUnavailable):
            await call(directory)
        await directory.close()


async def test_the_emulators_address_is_not_left_in_the_environment(monkeypatch):
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", "before:1")
    google = Google(PROJECT, {})
    google.create("dancer")
    with serve(google):
        directory = firebase(google.host)
        assert await directory.account("dancer")
        await directory.close()
    assert os.environ["FIREBASE_AUTH_EMULATOR_HOST"] == "before:1"


async def test_without_credentials_it_is_unavailable(monkeypatch, tmp_path: Path):
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "absent.json"))
    directory = firebase("")
    with pytest.raises(StoreUnavailable):
        await directory.account("dancer")
    await directory.close()
