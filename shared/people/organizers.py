"""``organizers/{id}``: what organizers are called, for words that name them (messaging-platform.md §4.1)."""

import asyncio
import contextvars
from collections.abc import Iterable
from typing import Final

from shared.clients.documents.port import Documents
from shared.clients.errors import StoreError
from shared.kernel import telemetry
from shared.kernel.clock import Clock
from shared.kernel.ids import is_plain

COLLECTION: Final = "organizers"
FRESH_SECONDS: Final = 3600.0
"""How long a name is taken for right."""
_AT_ONCE: Final = 100


class OrganizerNames:
    """Names in memory: looked up at once, learned off everybody's path (1 read an organizer, hour and instance)."""

    def __init__(self, documents: Documents, clock: Clock) -> None:
        self._documents = documents
        self._clock = clock
        self._names: dict[str, str] = {}
        self._asked: dict[str, float] = {}
        self._learning: asyncio.Task[None] | None = None

    def known(self, organizer_id: str | None) -> str | None:
        """The organizer's name, None when it has none or it was not learned yet."""
        return None if organizer_id is None else self._names.get(organizer_id)

    def learn(self, organizer_ids: Iterable[str]) -> None:
        """Begin to read the names that are not known, or no longer fresh. Never waits and never raises."""
        now = self._clock.monotonic()
        due = [
            ident
            for ident in dict.fromkeys(organizer_ids)
            if is_plain(ident) and now - self._asked.get(ident, -FRESH_SECONDS) >= FRESH_SECONDS
        ]
        if due and (self._learning is None or self._learning.done()):
            self._asked |= dict.fromkeys(due, now)
            # a context of its own: no request pays for what serves them all
            self._learning = asyncio.get_running_loop().create_task(
                self._learn(due), context=contextvars.Context()
            )

    async def settled(self) -> None:
        """Wait until what was begun is done."""
        if self._learning is not None:
            await self._learning

    async def _learn(self, due: list[str]) -> None:
        for start in range(0, len(due), _AT_ONCE):
            some = due[start : start + _AT_ONCE]
            try:
                found = await self._documents.get_many([f"{COLLECTION}/{ident}" for ident in some])
            except StoreError as error:
                telemetry.log().warning("organizer_names_away", exc_info=error)
                for ident in due[start:]:
                    del self._asked[ident]
                return
            for ident, snapshot in zip(some, found, strict=True):
                name = None if snapshot is None else snapshot.data.get("name")
                if isinstance(name, str) and name.strip():
                    self._names[ident] = name.strip()
                else:
                    self._names.pop(ident, None)
