"""The real certificates against a server on loopback: how long they are kept, and what a bad day does to them."""

import asyncio
import json
import time
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from shared.clients.errors import StoreUnavailable
from shared.clients.identity.certificates import MAX_AGE_SECONDS, RETRY_SECONDS, HttpCertificates, _tls
from shared.kernel.clock import ManualClock
from tests.factories.identity import START, local_issuer
from tests.factories.servers import CUT, HALF, HANG, answer, patience, scripted_server, unused_port

ATTEMPTS = 2
MARGIN = 3
"""Seconds for the pauses between tries and a busy machine."""


@pytest.fixture(scope="module", autouse=True)
def _authorities_are_loaded():
    """It takes longer than the patience with servers that hang."""
    _tls()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def issuer(tmp_path: Path, clock: ManualClock):
    return local_issuer(tmp_path / "ours", clock)


@pytest.fixture
def other(tmp_path: Path, clock: ManualClock):
    return local_issuer(tmp_path / "other", clock, key="other")


def certificates(port: int, clock: ManualClock, reply: bytes | None = b"") -> HttpCertificates:
    url = f"http://127.0.0.1:{port}/x509"
    return HttpCertificates(url, clock, seconds=patience(reply), attempts=ATTEMPTS)


def published(
    *issuers, cache: str = "public, max-age=600, must-revalidate, no-transform", **headers: str
) -> bytes:
    entries = {kid: pem for issuer in issuers for kid, pem in issuer.certificates().items()}
    return answer(200, json.dumps(entries).encode(), Cache_Control=cache, **headers)


BAD = {
    "hangs": HANG,
    "cuts": CUT,
    "500": answer(500),
    "redirect": answer(302, Location="http://127.0.0.1:1/"),
    "not JSON": answer(200, b"<html>"),
    "a list": answer(200, b"[1, 2]"),
    "no entries": answer(200, b"{}"),
    "no certificates": answer(200, b'{"a": "b", "c": 5, "d": null}'),
    "half an answer": HALF,
}


class TestAge:
    async def test_one_fetch_serves_until_max_age(self, clock, issuer):
        async with scripted_server(published(issuer)) as server:
            keys = certificates(server.port, clock)
            for _ in range(3):
                assert await keys.key(issuer.kid)
            clock.advance(timedelta(seconds=599))
            assert await keys.key(issuer.kid)
            assert len(server.requests) == 1
            clock.advance(timedelta(seconds=1))
            assert await keys.key(issuer.kid)
            assert len(server.requests) == 2

    @pytest.mark.parametrize(
        ("cache", "headers", "seconds"),
        [
            ("public, max-age=600", {"Age": "100"}, 500),
            ("public, max-age=600", {"Age": "nonsense"}, 600),
            ("no-store", {}, 60),
            ("max-age=0", {}, 60),
            ("max-age=600", {"Age": "700"}, 60),
            ("max-age=31536000", {}, MAX_AGE_SECONDS),
            ("max-age=99999999999999999999", {}, 60),
            ("s-maxage=10, MAX-AGE=abc", {}, 60),
        ],
    )
    async def test_is_what_is_left_of_max_age_within_bounds(self, clock, issuer, cache, headers, seconds):
        async with scripted_server(published(issuer, cache=cache, **headers)) as server:
            keys = certificates(server.port, clock)
            await keys.key(issuer.kid)
            clock.advance(timedelta(seconds=seconds - 1))
            await keys.key(issuer.kid)
            assert len(server.requests) == 1
            clock.advance(timedelta(seconds=1))
            await keys.key(issuer.kid)
            assert len(server.requests) == 2


class TestUnknownKid:
    async def test_causes_at_most_one_fetch_a_minute(self, clock, issuer):
        async with scripted_server(published(issuer)) as server:
            keys = certificates(server.port, clock)
            await keys.key(issuer.kid)
            for _ in range(120):
                assert await keys.key("forged") is None
                clock.advance(timedelta(seconds=1))
            assert len(server.requests) == 2

    async def test_finds_a_key_published_since(self, clock, issuer, other):
        async with scripted_server(published(issuer), published(issuer, other)) as server:
            keys = certificates(server.port, clock)
            assert await keys.key(other.kid) is None
            clock.advance(timedelta(seconds=60))
            assert await keys.key(other.kid)
            assert await keys.key(issuer.kid)

    async def test_a_withdrawn_key_is_forgotten(self, clock, issuer, other):
        async with scripted_server(published(issuer), published(other)) as server:
            keys = certificates(server.port, clock)
            assert await keys.key(issuer.kid)
            clock.advance(timedelta(seconds=600))
            assert await keys.key(issuer.kid) is None

    async def test_does_not_make_known_keys_wait_for_a_slow_server(self, clock, issuer):
        async with scripted_server(published(issuer), HANG) as server:
            keys = certificates(server.port, clock, HANG)
            await keys.key(issuer.kid)
            clock.advance(timedelta(seconds=60))
            asking = asyncio.create_task(keys.key("forged"))
            await asyncio.sleep(0)
            assert await keys.key(issuer.kid)
            assert not asking.done()
            assert await asking is None
            assert len(server.requests) == 2


class TestBadDays:
    @pytest.mark.parametrize("reply", BAD.values(), ids=BAD)
    async def test_without_keys_the_service_is_unavailable_in_time(self, clock, issuer, reply):
        async with scripted_server(reply) as server:
            keys = certificates(server.port, clock, reply)
            start = time.monotonic()
            with pytest.raises(StoreUnavailable):
                await keys.key(issuer.kid)
            assert time.monotonic() - start < MARGIN
            assert len(server.requests) == ATTEMPTS

    @pytest.mark.parametrize("reply", BAD.values(), ids=BAD)
    async def test_kept_keys_serve_until_their_max_age(self, clock, issuer, reply):
        async with scripted_server(published(issuer), reply) as server:
            keys = certificates(server.port, clock, reply)
            await keys.key(issuer.kid)
            clock.advance(timedelta(seconds=599))
            assert await keys.key("forged") is None
            assert await keys.key(issuer.kid)
            clock.advance(timedelta(seconds=1 + RETRY_SECONDS))
            with pytest.raises(StoreUnavailable):
                await keys.key(issuer.kid)

    async def test_a_refused_connection_is_unavailable(self, clock, issuer):
        with pytest.raises(StoreUnavailable):
            await certificates(unused_port(), clock).key(issuer.kid)

    async def test_a_dead_server_is_left_alone_for_a_while_and_its_return_is_noticed(self, clock, issuer):
        async with scripted_server(*[answer(500)] * ATTEMPTS, published(issuer)) as server:
            keys = certificates(server.port, clock)
            for _ in range(10):
                with pytest.raises(StoreUnavailable):
                    await keys.key(issuer.kid)
            assert len(server.requests) == ATTEMPTS
            clock.advance(timedelta(seconds=RETRY_SECONDS))
            assert await keys.key(issuer.kid)

    async def test_one_odd_entry_does_not_spoil_the_others(self, clock, issuer):
        entries = {"odd": "-----BEGIN", "curve": _elliptic(), **issuer.certificates()}
        async with scripted_server(answer(200, json.dumps(entries).encode())) as server:
            keys = certificates(server.port, clock)
            assert await keys.key(issuer.kid)
            assert await keys.key("curve") is None

    async def test_proxies_of_the_environment_are_not_used(self, clock, issuer, monkeypatch):
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{unused_port()}")
        async with scripted_server(published(issuer)) as server:
            assert await certificates(server.port, clock).key(issuer.kid)


class TestSingleFlight:
    async def test_parallel_callers_share_one_fetch(self, clock, issuer):
        async with scripted_server(published(issuer)) as server:
            keys = certificates(server.port, clock)
            found = await asyncio.gather(*(keys.key(issuer.kid) for _ in range(50)))
            assert all(found)
            assert len(server.requests) == 1

    async def test_a_caller_who_gives_up_does_not_stop_the_others(self, clock, issuer):
        async with scripted_server(published(issuer)) as server:
            keys = certificates(server.port, clock)
            first, second = (asyncio.create_task(keys.key(issuer.kid)) for _ in range(2))
            await asyncio.sleep(0)
            first.cancel()
            assert await second
            assert first.cancelled()
            assert len(server.requests) == 1


def _elliptic() -> str:
    """A certificate whose key is not RSA."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, START, START + timedelta(days=1))
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()
