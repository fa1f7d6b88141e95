"""One decision under way: what is known of the person and the page, and what has been chosen so far."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Final

from shared.messaging.campaigns.models import MODAL_LIKE, ON_PAGE, Channel
from shared.messaging.targeting.facts import Facts
from shared.people.places import zone
from shared.people.profiles.caps import Hold
from shared.people.profiles.pressure import Pressure

MAX_MESSAGES: Final = 3
"""Messages of one decision."""
_NONE: Final[frozenset[Channel]] = frozenset()


@dataclass
class Situation:
    """One decision under way: what is known, and what has been chosen so far.

    ``hold_for`` is how long a message chosen now stays reserved, ``until`` when that is over; ``channels`` are those that
    the page can render.
    """

    facts: Facts
    pressure: Pressure
    hold_for: timedelta
    channels: frozenset[Channel] = frozenset(ON_PAGE)
    taken: set[Channel] = field(default_factory=set)
    now: datetime = field(init=False)
    until: datetime = field(init=False)
    _room: tuple[frozenset[Channel], frozenset[Channel]] | None = None

    def __post_init__(self) -> None:
        self.now = self.facts.now
        self.until = self.facts.now + self.hold_for

    def take(self, channel: Channel, organizer_id: str | None) -> None:
        """Show something in that channel; ``organizer_id`` None: the site's own."""
        self.taken.add(channel)
        self.pressure.take(channel, self.until, organizer_id)
        self._room = None

    def slot(self, channel: Channel) -> Hold | None:
        """Why there is no room in the channel, if there is none."""
        if len(self.taken) >= MAX_MESSAGES:
            return Hold("enough", self.until)
        if channel in self.taken or (channel in MODAL_LIKE and self.taken & MODAL_LIKE):
            return Hold("slot_taken", self.until)
        return None

    def free_channels(self) -> tuple[frozenset[Channel], frozenset[Channel]]:
        """The channels with room on the page, and those of them that the pressure budget allows as well."""
        if self._room is None:
            self._room = self._find_room()
        return self._room

    def _find_room(self) -> tuple[frozenset[Channel], frozenset[Channel]]:
        if len(self.taken) >= MAX_MESSAGES:
            return _NONE, _NONE
        free = self.channels
        if self.taken:
            free -= self.taken if MODAL_LIKE.isdisjoint(self.taken) else self.taken | MODAL_LIKE
        if not self.pressure.tight:
            return free, free
        return free, frozenset(channel for channel in free if self.pressure.hold(channel) is None)

    @property
    def next_day(self) -> datetime:
        """The person's next local midnight, by instant: UTC's when the zone is unknown."""
        now = self.facts.now
        # midnights fall on quarters of an hour of UTC everywhere, so that one answer serves a quarter
        return _midnight_after(
            now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0), self.facts.timezone
        )


@lru_cache(maxsize=1024)
def _midnight_after(moment: datetime, timezone: str | None) -> datetime:
    here = zone(timezone) or UTC
    today = moment.astimezone(here).date()
    return datetime.combine(today + timedelta(days=1), time(), here).astimezone(UTC)
