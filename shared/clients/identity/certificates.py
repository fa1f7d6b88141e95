"""Google's token certificates over HTTP, kept as long as their Cache-Control says (reliability.md, part 2)."""

import asyncio
import re
import ssl
from functools import cache
from typing import Final

import httpx
import orjson
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from shared.clients.bounded import bounded
from shared.clients.errors import StoreUnavailable
from shared.kernel.clock import Clock
from shared.kernel.telemetry import log

UNKNOWN_KID_SECONDS: Final = 60
"""Shortest time between two fetches while the kept keys are good."""
RETRY_SECONDS: Final = 5
"""Shortest time between two fetches while no good keys are kept."""
MIN_AGE_SECONDS: Final = 60
MAX_AGE_SECONDS: Final = 24 * 3600
"""Bounds of what a Cache-Control header may ask for; without one, the lower bound holds."""


class HttpCertificates:
    """Public keys from an address that serves ``{kid: X.509 certificate in PEM}``.

    Parallel callers share one fetch, which a caller who gives up does not stop. Kept keys serve until their max-age while
    the server is down. Proxies named in the environment are not used, and redirects are not followed.

    Args:
        url: where the certificates are.
        clock: measures ages.
        seconds: longest wait for one try. attempts: tries of a fetch in all (one, when only a ``kid`` is unknown).
    """

    def __init__(self, url: str, clock: Clock, *, seconds: float = 3.0, attempts: int = 3) -> None:
        self._url = url
        self._clock = clock
        self._seconds = seconds
        self._attempts = attempts
        self._keys: dict[str, RSAPublicKey] = {}
        self._good_until = float("-inf")
        self._fetched_at = float("-inf")
        self._flight: asyncio.Task[None] | None = None

    async def key(self, kid: str) -> RSAPublicKey | None:
        """The key of a known ``kid``, else None. Raises StoreUnavailable when no good keys are kept and none come."""
        if not self._good() or kid not in self._keys:
            await self._refresh()
        if not self._good():
            raise StoreUnavailable("no token certificates")
        return self._keys.get(kid)

    def _good(self) -> bool:
        return self._clock.monotonic() < self._good_until

    async def _refresh(self) -> None:
        loop = asyncio.get_running_loop()
        if self._flight is None or self._flight.done() or self._flight.get_loop() is not loop:
            pause = UNKNOWN_KID_SECONDS if self._good() else RETRY_SECONDS
            if self._clock.monotonic() - self._fetched_at < pause:
                return
            self._flight = loop.create_task(self._fetch())
        await asyncio.shield(self._flight)

    async def _fetch(self) -> None:
        started_at = self._clock.monotonic()
        try:
            keys, age = await bounded(
                self._ask, seconds=self._seconds, attempts=1 if self._good() else self._attempts
            )
        except StoreUnavailable as error:
            log().warning("token_certificates_unavailable", reason=str(error))
        else:
            self._keys, self._good_until = keys, started_at + age
        self._fetched_at = self._clock.monotonic()

    async def _ask(self, _: int) -> tuple[dict[str, RSAPublicKey], int]:
        try:
            async with httpx.AsyncClient(verify=_tls(), trust_env=False, timeout=self._seconds) as client:
                response = await client.get(self._url)
        except httpx.HTTPError as error:
            raise StoreUnavailable(type(error).__name__) from error
        if response.status_code != httpx.codes.OK:
            raise StoreUnavailable(f"answered {response.status_code}")
        return _parse(response.content), _remaining_seconds(response.headers)


@cache
def _tls() -> ssl.SSLContext:
    """Loading the authorities takes tens of milliseconds: once per process."""
    return httpx.create_ssl_context(trust_env=False)


def _parse(body: bytes) -> dict[str, RSAPublicKey]:
    try:
        entries = dict(orjson.loads(body))
    except (ValueError, TypeError) as error:
        raise StoreUnavailable("answered no certificates") from error
    keys = {kid: key for kid, pem in entries.items() if (key := _public_key(pem))}
    if not keys:
        raise StoreUnavailable("answered no certificates")
    return keys


def _public_key(pem: object) -> RSAPublicKey | None:
    """An RSA certificate's key; anything else is passed over, so that one odd entry does not lock everybody out."""
    try:
        key = x509.load_pem_x509_certificate(str(pem).encode()).public_key()
    except ValueError:
        return None
    return key if isinstance(key, RSAPublicKey) else None


def _remaining_seconds(headers: httpx.Headers) -> int:
    """What is left of max-age, less the time the answer already spent in caches on its way (RFC 9111 §5.1)."""
    max_age = re.search(r"\bmax-age=(\d{1,9})\b", headers.get("cache-control", ""))
    age = re.fullmatch(r"\d{1,9}", headers.get("age", ""))
    left = int(max_age[1]) - int(age[0] if age else 0) if max_age else 0
    return min(max(left, MIN_AGE_SECONDS), MAX_AGE_SECONDS)
