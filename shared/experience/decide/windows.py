"""Which campaigns are within their time window, as bits, renewed only when a window opens or closes. Pure."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime

from shared.messaging.campaigns.models import Scheduling
from shared.messaging.targeting.index import ConditionIndex
from shared.messaging.targeting.slots import Bits


class Windows:
    """The windows of the campaigns of an index, in its order."""

    def __init__(self, schedules: Sequence[Scheduling], index: ConditionIndex) -> None:
        self._schedules = schedules
        self._index = index
        self._starts = sorted({each.start_at for each in schedules if each.start_at is not None})
        self._moments = sorted(
            {*self._starts, *(each.end_at for each in schedules if each.end_at is not None)}
        )
        self._known: tuple[int, Bits] | None = None

    def open_at(self, now: datetime) -> Bits:
        """The rows of the campaigns that have started and not ended."""
        interval = bisect_right(self._moments, now)
        known = self._known
        if known is None or known[0] != interval:
            self._known = known = (
                interval,
                self._index.rows_of([is_open(each, now) for each in self._schedules]),
            )
        return known[1]

    def next_start(self, now: datetime) -> datetime | None:
        """When the next window opens."""
        place = bisect_right(self._starts, now)
        return self._starts[place] if place < len(self._starts) else None


def is_open(schedule: Scheduling, now: datetime) -> bool:
    """Whether a campaign has started and not ended."""
    started = schedule.start_at is None or schedule.start_at <= now
    return started and (schedule.end_at is None or now < schedule.end_at)
