"""What Firebase and its twin both do: certificates, accounts, and the tokens checked with them.

Firebase is a server on loopback that speaks in Google's shapes; the clients that talk to it are the real ones.
"""

from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from shared.clients.errors import Missing, Refused
from shared.clients.identity.certificates import HttpCertificates
from shared.clients.identity.embedded import LocalIssuer
from shared.clients.identity.firebase import FirebaseDirectory
from shared.clients.identity.port import BadToken, Certificates, Directory
from shared.clients.identity.tokens import TokenVerifier
from shared.kernel.clock import ManualClock
from shared.kernel.settings import Settings
from tests.factories.google import Google, serve
from tests.factories.identity import PROJECT, START, local_issuer


@dataclass
class Service:
    """One identity service; ``console`` makes and disables accounts, ``issuer`` signs what the service signs."""

    certificates: Certificates
    directory: Directory
    console: Google | LocalIssuer
    issuer: LocalIssuer
    clock: ManualClock

    @property
    def verifier(self) -> TokenVerifier:
        return TokenVerifier(self.certificates, self.directory, PROJECT, self.clock)

    def now(self) -> int:
        return int(self.clock.now().timestamp())


@pytest.fixture(params=["embedded", "firebase"])
async def service(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Service]:
    clock = ManualClock(START)
    issuer = local_issuer(tmp_path, clock)
    with ExitStack() as stack:
        if request.param == "embedded":
            made = Service(issuer, issuer, issuer, issuer, clock)
        else:
            google = stack.enter_context(serve(Google(PROJECT, issuer.certificates())))
            settings = Settings(google_cloud_project=PROJECT, firebase_auth_emulator_host=google.host)
            certificates = HttpCertificates(f"http://{google.host}/certificates", clock)
            made = Service(certificates, FirebaseDirectory(settings), google, issuer, clock)
        yield made
        await made.directory.close()


class TestCertificates:
    async def test_the_issuers_key_is_known(self, service: Service):
        key = await service.certificates.key(service.issuer.kid)
        assert key.public_numbers() == service.issuer._key.public_key().public_numbers()

    @pytest.mark.parametrize("kid", ["", "other", "../x", "💃"])
    async def test_any_other_is_not(self, service: Service, kid: str):
        assert await service.certificates.key(kid) is None


class TestAccounts:
    async def test_a_new_account_is_enabled_and_has_no_claims(self, service: Service):
        service.console.create("dancer")
        account = await service.directory.account("dancer")
        assert account is not None
        assert (account.uid, account.disabled, account.claims) == ("dancer", False, {})
        assert account.tokens_valid_after < service.now()

    async def test_an_unknown_one_is_none(self, service: Service):
        assert await service.directory.account("nobody") is None

    async def test_a_disabled_one_says_so(self, service: Service):
        service.console.create("dancer")
        service.console.disable("dancer")
        account = await service.directory.account("dancer")
        assert account is not None
        assert account.disabled

    @pytest.mark.parametrize("uid", ["", "x" * 129])
    async def test_what_cannot_be_a_uid_is_refused(self, service: Service, uid: str):
        with pytest.raises(Refused):
            await service.directory.account(uid)
        with pytest.raises(Refused):
            await service.directory.set_claims(uid, {})
        with pytest.raises(Refused):
            await service.directory.revoke(uid, at=service.now())


class TestClaims:
    async def test_claims_are_replaced_as_a_whole(self, service: Service):
        service.console.create("dancer", claims={"roles": ["admin"]})
        await service.directory.set_claims("dancer", {"organizerIds": ["o1", "ñ"]})
        account = await service.directory.account("dancer")
        assert account is not None
        assert account.claims == {"organizerIds": ["o1", "ñ"]}
        await service.directory.set_claims("dancer", {})
        account = await service.directory.account("dancer")
        assert account is not None
        assert account.claims == {}

    async def test_of_nobody_are_missing(self, service: Service):
        with pytest.raises(Missing):
            await service.directory.set_claims("nobody", {"roles": []})

    @pytest.mark.parametrize(
        "claims", [{"sub": "x"}, {"aud": "x", "exp": 1}, {"firebase": {}}, {"a": "x" * 1000}]
    )
    async def test_reserved_and_oversized_ones_are_refused(self, service: Service, claims: dict[str, object]):
        service.console.create("dancer", claims={"roles": ["user"]})
        with pytest.raises(Refused):
            await service.directory.set_claims("dancer", claims)
        account = await service.directory.account("dancer")
        assert account is not None
        assert account.claims == {"roles": ["user"]}

    async def test_a_thousand_characters_fit(self, service: Service):
        service.console.create("dancer")
        claims = {"a": "x" * (1000 - len('{"a": ""}'))}
        await service.directory.set_claims("dancer", claims)
        account = await service.directory.account("dancer")
        assert account is not None
        assert account.claims == claims


class TestRevocation:
    async def test_of_nobody_is_missing(self, service: Service):
        with pytest.raises(Missing):
            await service.directory.revoke("nobody", at=service.now())

    async def test_ends_the_tokens_before_it_and_not_those_after(self, service: Service):
        service.console.create("dancer")
        old = service.issuer.token("dancer")
        service.clock.advance(timedelta(seconds=10))
        await service.directory.revoke("dancer", at=service.now())
        new = service.issuer.token("dancer")

        account = await service.directory.account("dancer")
        assert account is not None
        assert account.tokens_valid_after == service.now()
        with pytest.raises(BadToken, match="revoked"):
            await service.verifier.verify(old, check_revoked=True)
        assert (await service.verifier.verify(new, check_revoked=True)).uid == "dancer"

    async def test_a_disabled_account_may_read_but_not_write(self, service: Service):
        service.console.create("dancer")
        service.console.disable("dancer")
        token = service.issuer.token("dancer")
        assert await service.verifier.verify(token)
        with pytest.raises(BadToken, match="disabled"):
            await service.verifier.verify(token, check_revoked=True)

    async def test_a_deleted_account_may_not_write(self, service: Service):
        service.console.create("dancer")
        token = service.issuer.token("dancer")
        if isinstance(service.console, Google):
            del service.console.accounts["dancer"]
        else:
            service.console.delete("dancer")
        with pytest.raises(BadToken, match="gone"):
            await service.verifier.verify(token, check_revoked=True)
