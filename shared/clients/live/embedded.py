"""The twin of Azure Web PubSub: keeps what was said, and fails when told to."""

from collections import deque
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote

import orjson

from shared.clients.live.port import Access
from shared.kernel.clock import Clock

KEPT: Final = 1000
"""Messages kept, latest last."""
LASTS: Final = timedelta(hours=1)


class EmbeddedLive:
    """A service within this process, which nobody but a test listens to."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.said: deque[tuple[str, Any]] = deque(maxlen=KEPT)
        self.away = False

    async def publish(self, group: str, body: Mapping[str, Any]) -> bool:
        """Keep it."""
        text = orjson.dumps(body)
        if not self.away:
            self.said.append((group, orjson.loads(text)))
        return not self.away

    def access(self, group: str) -> Access:
        """An address where nobody answers."""
        return Access(f"ws://localhost/live?group={quote(group, safe='')}", self._clock.now() + LASTS)

    async def close(self) -> None:
        """Nothing is kept open."""
