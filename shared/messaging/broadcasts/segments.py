"""Members of a segment as the audience of a broadcast: looked at before, pinned when it is accepted (docs/broadcasts.md)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from shared.analytics.bitmaps.bits import Bits
from shared.analytics.segments.members import Audience, SegmentMembers
from shared.analytics.segments.schemas import Size
from shared.kernel.errors import Conflict, Invalid, NotFound
from shared.messaging.broadcasts.models import Broadcast
from shared.people.access import Principal, Role

PAGE: Final = 1000
PUSH_PAGE: Final = 500


class SegmentAudiences:
    """Segments as a broadcast's organizer may use them, whoever acts for it: its own and the ready-made ones."""

    def __init__(self, members: SegmentMembers) -> None:
        self._members = members

    async def version(self, broadcast: Broadcast) -> int:
        """Which version is meant: without one that which is pinned for it, else the present one. Raises Invalid ``segment_unknown``."""
        asked = broadcast.audience
        pinned = await self._members.pinned(broadcast.id)
        if asked.segment_version is None and pinned is not None:
            return pinned.version
        with _known():
            return await self._members.version(
                _organizer(broadcast), asked.segment_id or "", asked.segment_version
            )

    async def look(self, broadcast: Broadcast) -> Audience:
        """Who is pinned for it, else who belongs to it now. Raises Invalid ``segment_unknown``, Unavailable."""
        asked = broadcast.audience
        pinned = await self._members.pinned(broadcast.id)
        if pinned is not None:
            return pinned
        with _known():
            return await self._members.preview(
                _organizer(broadcast), asked.segment_id or "", version=asked.segment_version
            )

    async def sample(self, audience: Audience, most: int) -> dict[str, int]:
        """Some of its people, who stand for all, with their numbers."""
        return await self._members.sample(audience, most)

    async def size(self, owner: str | None, members: Bits, as_of: datetime) -> Size:
        """How many these are, as an organizer may hear it; exactly for the site (None). Raises TooManyRequests."""
        return await self._members.size(owner, members, as_of)

    async def pin(self, broadcast: Broadcast) -> None:
        """Keep its people under the broadcast's id; again changes nothing.

        Raises Invalid ``segment_unknown``, Unavailable, Conflict where the id was already tried with another segment.
        """
        asked = broadcast.audience
        with _known():
            kept = await self._members.pin(
                _organizer(broadcast), asked.segment_id or "", broadcast.id, version=asked.segment_version
            )
        if (kept.segment_id, kept.version) != (asked.segment_id, asked.segment_version):
            raise Conflict("It was tried with another segment.", code="idempotency_key_reused")

    async def page(self, broadcast: Broadcast, position: str | None) -> tuple[list[str], str | None]:
        """The next people that were pinned and where those behind them begin, None: these were the last (2 operations)."""
        size = PUSH_PAGE if "push" in broadcast.channels else PAGE
        after = -1 if position is None else int(position)
        async for last, people in self._members.pages(broadcast.id, after=after, size=size):
            return people, str(last)
        return [], None


@contextmanager
def _known() -> Iterator[None]:
    try:
        yield
    except NotFound:
        raise Invalid("There is no such segment.", code="segment_unknown") from None


def _organizer(broadcast: Broadcast) -> Principal:
    return Principal(broadcast.organizer_id, frozenset({Role.ORGANIZER}), frozenset({broadcast.organizer_id}))
