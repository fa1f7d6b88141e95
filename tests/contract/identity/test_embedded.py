"""The twin alone: its files, and what a first start by several processes leaves behind."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from shared.clients.errors import Missing, Refused, StoreUnavailable
from shared.clients.identity.embedded import LocalIssuer
from shared.clients.identity.tokens import TokenVerifier
from shared.kernel.clock import ManualClock
from tests.factories.identity import PROJECT, START, local_issuer

WORKER = """
import sys
from pathlib import Path
from shared.clients.identity.embedded import LocalIssuer
from shared.kernel.clock import SystemClock
issuer = LocalIssuer(Path(sys.argv[1]), "demo-cabeceo", SystemClock())
issuer.create("dancer", claims={"roles": ["user"]})
print(issuer.kid)
"""


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


def verifier(issuer: LocalIssuer, clock: ManualClock) -> TokenVerifier:
    return TokenVerifier(issuer, issuer, PROJECT, clock)


async def test_tokens_accounts_and_revocations_outlive_a_restart(tmp_path: Path, clock: ManualClock):
    before = local_issuer(tmp_path, clock)
    token = before.token("dancer")
    await before.set_claims("dancer", {"roles": ["admin"]})

    after = LocalIssuer(tmp_path, PROJECT, clock)

    assert (await verifier(after, clock).verify(token, check_revoked=True)).uid == "dancer"
    assert (await verifier(after, clock).verify(after.token("dancer"))).roles == ("admin",)


def test_processes_that_start_first_at_once_agree_on_one_key(tmp_path: Path):
    workers = [
        subprocess.Popen([sys.executable, "-c", WORKER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    kids = {worker.communicate()[0] for worker in workers}
    assert [worker.returncode for worker in workers] == [0, 0, 0]
    assert len(kids) == 1


def test_the_key_is_readable_by_its_owner_only(tmp_path: Path, clock: ManualClock):
    LocalIssuer(tmp_path, PROJECT, clock)
    assert stat.S_IMODE((tmp_path / "issuer" / "key.pem").stat().st_mode) == 0o600


async def test_a_sign_in_makes_a_missing_account(tmp_path: Path, clock: ManualClock):
    """As Firebase's custom sign-in does, so that a token can always be checked for revocation."""
    issuer = local_issuer(tmp_path, clock)
    identity = await verifier(issuer, clock).verify(issuer.token("new"), check_revoked=True)
    assert identity.uid == "new"
    assert await issuer.account("new")


async def test_a_token_says_what_the_account_says_unless_told_otherwise(tmp_path: Path, clock: ManualClock):
    issuer = local_issuer(tmp_path, clock)
    issuer.create("dancer", claims={"roles": ["organizer"], "organizerIds": ["o1"]})
    check = verifier(issuer, clock)
    assert (await check.verify(issuer.token("dancer"))).organizer_ids == ("o1",)
    assert (await check.verify(issuer.token("dancer", claims={"roles": ["admin"]}))).roles == ("admin",)
    old = await check.verify(issuer.token("dancer", valid_for=7200, age=3600))
    assert old.expires_at - old.issued_at == 7200
    assert old.issued_at == int(START.timestamp()) - 3600


async def test_creating_again_changes_claims_and_keeps_the_rest(tmp_path: Path, clock: ManualClock):
    issuer = local_issuer(tmp_path, clock)
    issuer.create("dancer", claims={"roles": ["user"]})
    await issuer.revoke("dancer", at=100)
    issuer.create("dancer", claims={"roles": ["admin"]})
    account = await issuer.account("dancer")
    assert account is not None
    assert (account.tokens_valid_after, account.claims) == (100, {"roles": ["admin"]})


def test_what_firebase_would_refuse_is_refused(tmp_path: Path, clock: ManualClock):
    issuer = local_issuer(tmp_path, clock)
    with pytest.raises(Refused):
        issuer.create("x" * 129)
    with pytest.raises(Refused):
        issuer.create("dancer", claims={"sub": "other"})
    with pytest.raises(Refused):
        issuer.token("")
    with pytest.raises(Missing):
        issuer.disable("nobody")


async def test_a_file_that_cannot_be_used_is_unavailable(tmp_path: Path, clock: ManualClock):
    issuer = local_issuer(tmp_path, clock)
    (tmp_path / "issuer" / "accounts.sqlite").mkdir()
    with pytest.raises(StoreUnavailable):
        await issuer.account("dancer")
