"""``broadcastStarts/{organizerId}``: when an organizer's broadcasts start, so that two of them keep apart (docs/broadcasts.md)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shared.clients.documents.port import Create, Documents, Update, Write
from shared.clients.errors import Stale
from shared.messaging.broadcasts.rules import MAX_AHEAD, Start
from shared.people.contention import ATTEMPTS, pause

COLLECTION: Final = "broadcastStarts"
MAX_STARTS: Final = 100


@dataclass(frozen=True, slots=True)
class Starts:
    """An organizer's starts as read; ``update_time`` None: nothing is stored yet."""

    organizer_id: str
    all: Sequence[Start] = ()
    update_time: int | None = None


class Cooldowns:
    """Remembers starts."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def of(self, organizer_id: str) -> Starts:
        """An organizer's starts (1 read)."""
        found = await self._documents.get(_path(organizer_id))
        if found is None:
            return Starts(organizer_id)
        starts = [Start(each["id"], each["at"]) for each in found.data["starts"]]
        return Starts(organizer_id, starts, found.update_time)

    def adding(self, starts: Starts, start: Start, now: datetime, longest: timedelta) -> Write:
        """What to commit so that a start is remembered, over the version that was read, else Stale or AlreadyExists."""
        kept = [each for each in starts.all if each.at > now - max(longest, MAX_AHEAD)][-MAX_STARTS:]
        return _writing(starts, [*kept, start])

    async def forget(self, organizer_id: str, broadcast_id: str) -> None:
        """A broadcast that reached nobody holds up no other (1 read, 1 write); again changes nothing."""
        for attempt in range(ATTEMPTS):
            starts = await self.of(organizer_id)
            kept = [each for each in starts.all if each.broadcast_id != broadcast_id]
            if len(kept) == len(starts.all):
                return
            try:
                await self._documents.commit([_writing(starts, kept)])
            except Stale:
                await pause(attempt)
            else:
                return


def _path(organizer_id: str) -> str:
    return f"{COLLECTION}/{organizer_id}"


def _writing(starts: Starts, kept: Sequence[Start]) -> Write:
    data = {"starts": [{"id": each.broadcast_id, "at": each.at} for each in kept]}
    if starts.update_time is None:
        return Create(_path(starts.organizer_id), data)
    return Update(_path(starts.organizer_id), {"starts": data["starts"]}, if_updated_at=starts.update_time)
