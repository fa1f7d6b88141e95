"""Webhooks over HTTP, signed as Standard Webhooks (github.com/standard-webhooks/standard-webhooks, spec).

The address is a setting and nothing else, redirects are not followed and the environment's proxies not used: no request, and no
answer, decides where we call.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

import httpx
import orjson
from standardwebhooks.webhooks import Webhook

from shared.clients.webhooks.port import Sent
from shared.kernel.clock import Clock

SECONDS: Final = 15.0
"""Longest wait for an answer (the specification's own advice: 15 to 30)."""
GONE: Final = 410


class HttpWebhooks:
    """Sends to one address.

    Args:
        url: where to.
        secrets: signing keys as ``whsec_`` and base64, newest first: all of them sign, so that one can be replaced.
        clock: the signatures' time.
    """

    def __init__(self, url: str, secrets: Sequence[str], clock: Clock) -> None:
        self._url = url
        self._signers = [Webhook(secret) for secret in secrets]
        self._clock = clock

    async def send(self, ident: str, body: Mapping[str, Any]) -> Sent:
        """One try."""
        raw, now = orjson.dumps(body), self._clock.now()
        signatures = " ".join(signer.sign(ident, now, raw.decode()) for signer in self._signers)
        headers = {
            "content-type": "application/json",
            "webhook-id": ident,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signatures,
        }
        try:
            async with (
                asyncio.timeout(SECONDS),
                httpx.AsyncClient(trust_env=False, follow_redirects=False) as client,
                client.stream("POST", self._url, content=raw, headers=headers) as reply,
            ):
                status = reply.status_code  # what else it says is not read
        except (httpx.HTTPError, OSError, TimeoutError):
            return Sent("later", None)
        if status == GONE:
            return Sent("gone", status)
        return Sent("taken" if httpx.codes.is_success(status) else "later", status)

    async def close(self) -> None:
        """Nothing is kept open."""
