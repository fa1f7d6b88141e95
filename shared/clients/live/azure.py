"""Azure Web PubSub over its REST interface (learn.microsoft.com/azure/azure-web-pubsub/reference-rest-api-data-plane).

A request carries a token signed with the access key, whose audience is the request's own address; a listener's token names the hub as
its audience and the group that it joins by connecting (``webpubsub.group``), and no role: it cannot send, nor join others.
"""

import asyncio
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote

import httpx
import jwt
import orjson

from shared.clients.live.port import Access
from shared.kernel import telemetry
from shared.kernel.clock import Clock

API_VERSION: Final = "2024-12-01"
SECONDS: Final = 5.0
"""Longest wait for an answer."""
REQUEST_LASTS: Final = timedelta(minutes=1)
ACCESS_LASTS: Final = timedelta(hours=1)
"""How long a listener has to connect; who is connected stays."""
_ENDPOINT: Final = re.compile(r"https://[^\s/;]+|http://(localhost|127\.0\.0\.1)(:\d+)?")


class WebPubSub:
    """One hub of a service.

    Args:
        connection: ``Endpoint=https://…;AccessKey=…;Version=1.0;``, as Azure's portal tells it. Raises ValueError for another text.
        hub: letters, digits and underscores.
        clock: the tokens' time.
    """

    def __init__(self, connection: str, hub: str, clock: Clock) -> None:
        parts = dict(part.split("=", 1) for part in connection.split(";") if "=" in part)
        told = {name.strip().lower(): value.strip() for name, value in parts.items()}
        self._endpoint = told.get("endpoint", "").rstrip("/")
        self._key = told.get("accesskey", "")
        if not self._key or not _ENDPOINT.fullmatch(self._endpoint):
            raise ValueError("WEB_PUBSUB_CONNECTION_STRING needs Endpoint=https://… and AccessKey=…")
        self._hub = hub
        self._clock = clock
        self._client: httpx.AsyncClient | None = None

    async def publish(self, group: str, body: Mapping[str, Any]) -> bool:
        """One try."""
        there = f"{self._endpoint}/api/hubs/{self._hub}/groups/{quote(group, safe='')}/:send"
        url = f"{there}?api-version={API_VERSION}"
        headers = {
            "content-type": "application/json",
            "authorization": f"Bearer {self._token(url, REQUEST_LASTS)}",
        }
        try:
            async with asyncio.timeout(SECONDS):
                reply = await self._http().post(url, content=orjson.dumps(body), headers=headers)
        except (httpx.HTTPError, OSError, TimeoutError):
            telemetry.log().warning("live_away")
            return False
        if reply.status_code != httpx.codes.ACCEPTED:
            telemetry.log().warning("live_refused", status=reply.status_code)
        return reply.status_code == httpx.codes.ACCEPTED

    def access(self, group: str) -> Access:
        """A listener's address."""
        token = self._token(
            f"{self._endpoint}/client/hubs/{self._hub}", ACCESS_LASTS, **{"webpubsub.group": [group]}
        )
        # http becomes ws, https wss
        url = f"ws{self._endpoint.removeprefix('http')}/client/hubs/{self._hub}?access_token={token}"
        return Access(url, self._clock.now() + ACCESS_LASTS)

    async def close(self) -> None:
        """Close the connection."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def _http(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=SECONDS)
        return self._client

    def _token(self, audience: str, lasts: timedelta, **claims: Any) -> str:
        now = self._clock.now()
        told = {"aud": audience, "iat": now, "exp": now + lasts, **claims}
        return jwt.encode(told, self._key, algorithm="HS256")
