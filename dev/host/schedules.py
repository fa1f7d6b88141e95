"""Timer schedules: NCRONTAB as the Functions host reads it, in UTC (platform-facts.md §5).

croniter does the arithmetic; what it reads otherwise than NCRONTAB does is refused.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from typing import Final

from croniter import CroniterError, croniter

_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_FIELDS: Final = ((0, 59, ()), (0, 59, ()), (0, 23, ()), (1, 31, ()), (1, 12, _MONTHS), (0, 6, _DAYS))
_PART: Final = re.compile(r"(?:\*|(\w+)(?:-(\w+))?)(?:/[1-9][0-9]?)?")


class Schedule:
    """``{second} {minute} {hour} {day} {month} {day-of-week}``, or five fields for second 0; day **and** weekday match.

    Raises ValueError for anything else, a TimeSpan (``00:05:00``) included: that works on App Service plans only.
    """

    def __init__(self, text: str) -> None:
        fields = text.split()
        fields = ["0", *fields] if len(fields) == len(_FIELDS) - 1 else fields
        if len(fields) != len(_FIELDS):
            raise ValueError(f"the schedule {text!r} has not six fields")
        for field, bounds in zip(fields, _FIELDS, strict=True):
            for part in field.split(","):
                if not _fits(part, *bounds):
                    raise ValueError(f"the schedule {text!r} cannot be read at {part!r}")
        self._expression = " ".join(fields)
        try:
            self.next(datetime(2024, 1, 1, tzinfo=UTC))
        except CroniterError as error:
            raise ValueError(f"the schedule {text!r} never comes") from error

    def next(self, after: datetime) -> datetime:
        """The first occurrence later than a moment, in UTC."""
        found: datetime = croniter(
            self._expression, after.astimezone(UTC), second_at_beginning=True, day_or=False
        ).get_next(datetime)
        return found

    def often(self, now: datetime) -> bool:
        """Whether the next occurrences come more than once a minute."""
        return any(b - a < timedelta(minutes=1) for a, b in pairwise(islice(self._from(now), 6)))

    def _from(self, moment: datetime) -> Iterator[datetime]:
        while True:
            moment = self.next(moment)
            yield moment


def _fits(part: str, low: int, high: int, words: Sequence[str]) -> bool:
    match = _PART.fullmatch(part)
    if match is None:
        return False
    bounds = [_number(text.upper(), low, words) for text in match.groups() if text]
    return all(low <= bound <= high for bound in bounds) and bounds == sorted(bounds)


def _number(text: str, low: int, words: Sequence[str]) -> int:
    if text in words:
        return low + words.index(text)
    return int(text) if re.fullmatch("[0-9]+", text) else -1
