"""Roles are ours to check: tokens that do not hold are 401 everywhere, missing roles 403, and nobody is told why."""

import base64
import json

import pytest

from shared.clients.errors import StoreUnavailable
from tests.factories.app import sign_in


def unsigned(payload):
    parts = [{"alg": "none", "typ": "JWT"}, payload]
    return (
        ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
        + "."
    )


def forged(app):
    """Tokens that must not open anything, by what is wrong with them."""
    issuer, now = app.issuer, int(app.clock.now().timestamp())
    good = issuer.token("ana")
    return {
        "garbage": "x.y.z",
        "no dots": "token",
        "unicode": "é.é.é",
        "altered": good[:-4] + "AAAA",
        "other audience": issuer.token("ana", claims={"aud": "another"}),
        "audience list": issuer.token("ana", claims={"aud": ["demo-cabeceo"]}),
        "other issuer": issuer.token("ana", claims={"iss": "https://securetoken.google.com/another"}),
        "expired": issuer.token("ana", claims={"exp": now - 1}),
        "ahead of time": issuer.token("ana", claims={"iat": now + 3600, "auth_time": now + 3600}),
        "no subject": issuer.token("ana", claims={"sub": ""}),
        "long subject": issuer.token("ana", claims={"sub": "x" * 129}),
        "unsigned": unsigned({"sub": "ana", "aud": "demo-cabeceo"}),
        "two": f"{good},{good}",
        "huge": "a" * 100_000,
    }


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_forged_token_is_401_even_where_nobody_may_come_in(app, client, sample, method):
    for name, token in forged(app).items():
        reply = await client.request(method, "/api/notes", token=token)

        assert (name, reply.status, reply.code) == (name, 401, "unauthenticated")
        assert reply.headers["WWW-Authenticate"] == "Bearer"
        assert set(reply.json) == {"type", "title", "status", "code", "instance", "requestId"}
    assert sample.calls == []


@pytest.mark.parametrize("header", ["Basic YTpi", "Bearer", "Bearer ", "", "token"])
async def test_any_other_scheme_is_401(client, header):
    assert (await client.get("/api/notes", headers={"Authorization": header})).status == 401


async def test_the_scheme_may_be_written_in_any_case(app, client, sample):
    token = sign_in(app, "ana")

    assert (await client.get("/api/notes/n_1", headers={"Authorization": f"bearer {token}"})).status == 200


async def test_nobody_may_come_where_a_role_is_not_needed(client, sample):
    assert (await client.get("/api/notes")).status == 200
    assert sample.calls[0].principal.uid is None


@pytest.mark.parametrize(
    ("roles", "status"),
    [(None, 401), ((), 403), (("operator",), 403), (("organizer",), 204), (("admin",), 204)],
)
async def test_a_role_is_demanded(app, client, roles, status):
    token = None if roles is None else sign_in(app, "ana", *roles)

    assert (await client.patch("/api/notes/n_1", json={"text": "x"}, token=token)).status == status


async def test_the_role_is_checked_before_the_body_is_looked_at(app, client):
    assert (await client.patch("/api/notes/n_1", body=b"{", token=sign_in(app, "ana"))).status == 403


class TestRevocation:
    async def test_a_revoked_token_writes_nothing_and_may_read_until_it_expires(self, app, client):
        token = sign_in(app, "ana", "organizer")
        await app.issuer.revoke("ana", at=int(app.clock.now().timestamp()) + 1)

        assert (await client.patch("/api/notes/n_1", json={"text": "x"}, token=token)).status == 401
        assert (await client.get("/api/notes/n_1", token=token)).status == 200

    async def test_a_disabled_account_writes_nothing(self, app, client):
        token = sign_in(app, "ana", "organizer")
        app.issuer.disable("ana")

        assert (await client.patch("/api/notes/n_1", json={"text": "x"}, token=token)).status == 401

    async def test_routes_for_anyone_do_not_ask_the_directory(self, app, client):
        """They must answer while it is dark."""
        token = sign_in(app, "ana")
        app.issuer.disable("ana")

        assert (await client.post("/api/notes", json={"text": "x"}, token=token)).status == 201


async def test_without_certificates_the_answer_is_503(app, client):
    class Dark:
        async def verify(self, token, *, check_revoked=False):
            raise StoreUnavailable("certificates")

    app.given_verifier = Dark()
    reply = await client.get("/api/notes", token="x.y.z")

    assert (reply.status, reply.code) == (503, "unavailable")
