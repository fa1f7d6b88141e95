"""What an organizer learns of the size of a cohort, so that nobody in it can be told from the numbers (docs/segments.md).

1. Under 20 people the size is not told; above, it is rounded to 5 after a change of at most 2, drawn from a secret and the
   members themselves: the same cohort asked for in other words gets the same number.
2. A cohort that differs by fewer than 20 people from one the organizer was told of in the last 7 days gets that one's number.
   So any two different numbers are about cohorts that 20 people or more tell apart, and asking for everyone but one says nothing.
3. So many questions a day.
"""

import hashlib
import hmac
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from shared.analytics.bitmaps.bits import Bits, from_bytes, landmarks, to_bytes
from shared.clients.analytics.port import Analytics
from shared.kernel.clock import Clock
from shared.kernel.errors import TooManyRequests, Unavailable

COLLECTION: Final = "cohortAnswers"
FLOOR: Final = 20
"""Fewest people whose number is told, and by which two cohorts differ."""
STEP: Final = 5
SWAY: Final = 2
"""Most people by which a number is moved before it is rounded."""
BOUND: Final = FLOOR + STEP
"""Most people by which a told number is wrong: 19 by another's answer, 2 moved, 2 rounded, with one to spare each."""
MEMORY: Final = timedelta(days=7)
_OWNERS: Final = 50
_ATTEMPTS: Final = 8


@dataclass(frozen=True, slots=True)
class Told:
    """A size as an organizer hears it; ``count`` None: fewer than 20."""

    count: int | None


@dataclass(slots=True)
class _Answered:
    """What one organizer was told: ``given`` are the days and cohorts of every answer, ``last`` the id of the latest."""

    last: str
    given: list[tuple[datetime, Bits | None, int | None]]


class Shield:
    """Answers organizers.

    Args:
        analytics: keeps what was told, so that every instance remembers it.
        secret: from which the changes of numbers are drawn.
        clock: the time.
        per_day: questions a day and organizer.
    """

    def __init__(self, analytics: Analytics, secret: str, clock: Clock, *, per_day: int) -> None:
        self._analytics = analytics
        self._key = secret.encode()
        self._clock = clock
        self._per_day = per_day
        self._owners: OrderedDict[str, _Answered] = OrderedDict()

    async def tell(self, owner: str, members: Bits) -> Told:
        """The size of a cohort for an organizer (2 operations). Raises TooManyRequests ``cohort_budget_spent``.

        Answers are numbered and written create-only: of two questions at once, one is asked again with the other's answer known.
        """
        for _ in range(_ATTEMPTS):
            now = self._clock.now()
            today = datetime.combine(now.date(), time(), now.tzinfo)
            known = await self._known(owner, today)
            asked = sum(day == today for day, _, _ in known.given)
            if asked >= self._per_day:
                wait = today + timedelta(days=1) - now
                raise TooManyRequests(
                    f"You can ask for {self._per_day} cohorts a day.",
                    code="cohort_budget_spent",
                    retry_after=int(wait.total_seconds()) + 1,
                )
            near = next((each for each in known.given if _near(each[1], members)), None)
            shown = self._shown(members) if near is None else near[2]
            document = {
                "_id": f"{owner}/{today:%Y-%m-%d}/{asked:06}",
                "owner": owner,
                "day": today,
                "data": None if near else to_bytes(members),
                "shown": shown,
            }
            if await self._analytics.insert(COLLECTION, [document]):
                return Told(shown)
        raise Unavailable(code="contended", retry_after=1)

    async def retain(self, now: datetime) -> int:
        """Forget what was told longer than 7 days ago; gives how many answers went."""
        return await self._analytics.delete(COLLECTION, {"day": {"$lt": now - MEMORY - timedelta(days=1)}})

    async def _known(self, owner: str, today: datetime) -> _Answered:
        known = self._owners.pop(owner, None) or _Answered("", [])
        where = {"owner": owner, "_id": {"$gt": known.last}}
        for each in await self._analytics.find(COLLECTION, where, order=[("_id", 1)]):
            data = each["data"]
            known.given.append((each["day"], from_bytes(data) if data else None, each["shown"]))
            known.last = each["_id"]
        known.given = [each for each in known.given if each[0] >= today - MEMORY]
        self._owners[owner] = known
        if len(self._owners) > _OWNERS:
            self._owners.popitem(last=False)
        return known

    def _shown(self, members: Bits) -> int | None:
        size = len(members)
        marks = ",".join(map(str, landmarks(members)))
        drawn = hmac.new(self._key, f"cohort:{marks}".encode(), hashlib.sha256).digest()
        moved = size + int.from_bytes(drawn[:4], "big") % (2 * SWAY + 1) - SWAY
        return None if min(size, moved) < FLOOR else STEP * round(moved / STEP)


def _near(given: Bits | None, members: Bits) -> bool:
    return given is not None and given.symmetric_difference_cardinality(members) < FLOOR
