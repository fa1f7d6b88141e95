"""Which identity service and which secrets an installation's settings lead to."""

from pathlib import Path
from typing import Any

import pytest

from shared.clients.identity.certificates import HttpCertificates
from shared.clients.identity.firebase import FirebaseDirectory
from shared.kernel.clock import ManualClock
from shared.kernel.settings import Settings
from shared.wiring import App
from tests.factories.identity import START, local_issuer


def app(folder: Path, **changes: Any) -> App:
    given = {name: changes.pop(name) for name in list(changes) if name.startswith("given_")}
    return App(Settings(cabeceo_data=folder, **changes), ManualClock(START), **given)


def made_files(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_locally_the_app_takes_the_tokens_that_its_issuer_makes(tmp_path: Path):
    local_issuer(tmp_path, ManualClock(START))
    made = app(tmp_path)
    made.issuer.create("dancer", claims={"roles": ["admin"]})
    identity = await made.verifier.verify(made.issuer.token("dancer"), check_revoked=True)
    assert (identity.uid, identity.roles) == ("dancer", ("admin",))
    assert made.directory is made.issuer


async def test_with_firebase_there_is_no_local_issuer(tmp_path: Path):
    made = app(tmp_path, identity="firebase", google_cloud_project="p")
    assert isinstance(made.directory, FirebaseDirectory)
    assert isinstance(made._certificates, HttpCertificates)
    with pytest.raises(RuntimeError):
        _ = made.issuer
    assert made_files(tmp_path) == []
    await made.directory.close()


def test_given_ones_are_used(tmp_path: Path):
    directory: Any = object()
    verifier: Any = object()
    made = app(tmp_path, given_directory=directory, given_verifier=verifier)
    assert made.directory is directory
    assert made.verifier is verifier


def test_missing_secrets_are_made_once_for_all_workers(tmp_path: Path):
    one, two = app(tmp_path), app(tmp_path)
    assert one.hash_secret == two.hash_secret
    assert one.signing_secrets == two.signing_secrets
    cursor = one.cursors.encode([1], query="q")
    assert two.cursors.decode(cursor, query="q") == [1]


def test_named_secrets_are_used_and_none_are_made(tmp_path: Path):
    made = app(tmp_path, hash_secret="h" * 32, signing_secrets=["s" * 32])
    assert (made.hash_secret, made.signing_secrets) == ("h" * 32, ["s" * 32])
    assert made.cursors.encode([1], query="q")
    assert made_files(tmp_path) == []
