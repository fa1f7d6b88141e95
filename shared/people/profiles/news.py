"""Telling areas above that a profile changes in what they keep a copy of: home, zone, tier (design/architecture.md, Who may import whom)."""

from typing import Final

from shared.clients.queues.port import SIGNALS, Queues
from shared.kernel.clock import Clock
from shared.kernel.envelope import envelope
from shared.kernel.ids import IdSource

PROFILE_CHANGED: Final = "profile.changed"
"""Signal: the profile of the person that is its ``key`` may have changed; it is to be read for what it now says."""
HEARD_AFTER_SECONDS: Final = 30
"""Longer than a commit may take, which follows the signal."""


class ProfileNews:
    """Sends ``profile.changed``."""

    def __init__(self, queues: Queues, clock: Clock, ids: IdSource) -> None:
        self._queues = queues
        self._clock = clock
        self._ids = ids

    async def tell(self, person_key: str) -> None:
        """Say so before the change is committed: whoever dies between the two has told too much, never too little.

        Raises StoreUnavailable.
        """
        signal = envelope(PROFILE_CHANGED, self._ids.new("sig"), person_key, self._clock.now(), {})
        await self._queues.send(SIGNALS, signal.encode(), delay_seconds=HEARD_AFTER_SECONDS)
