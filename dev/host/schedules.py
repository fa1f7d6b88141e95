"""Timer schedules: NCRONTAB as the Functions host reads it, in UTC (platform-facts.md §5).

The fields are read here, because croniter reads some otherwise (``0-0`` as every day); it does the arithmetic.
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
_PART: Final = re.compile(r"(\*|(\w+)(?:-(\w+))?)(?:/([1-9][0-9]?))?")


class Schedule:
    """``{second} {minute} {hour} {day} {month} {day-of-week}``, or five fields for second 0; day **and** weekday match.

    Raises ValueError for anything else, a TimeSpan (``00:05:00``) included: that works on App Service plans only.
    """

    def __init__(self, text: str) -> None:
        fields = text.split()
        fields = ["0", *fields] if len(fields) == len(_FIELDS) - 1 else fields
        if len(fields) != len(_FIELDS):
            raise ValueError(f"the schedule {text!r} has not six fields")
        plain = [_values(field, *bounds) for field, bounds in zip(fields, _FIELDS, strict=True)]
        if not all(plain):
            raise ValueError(f"the schedule {text!r} is not NCRONTAB")
        self._expression = " ".join(",".join(map(str, sorted(values))) for values in plain)
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


def _values(field: str, low: int, high: int, words: Sequence[str]) -> set[int]:
    """The numbers that a field names; none when it cannot be read."""
    values: set[int] = set()
    for part in field.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            return set()
        span, first, last, step = match.groups()
        start = low if span == "*" else _number(first.upper(), low, words)
        end = high if span == "*" or (step and not last) else _number((last or first).upper(), low, words)
        if not low <= start <= end <= high:
            return set()
        values |= set(range(start, end + 1, int(step or 1)))
    return values


def _number(text: str, low: int, words: Sequence[str]) -> int:
    if text in words:
        return low + words.index(text)
    return int(text) if re.fullmatch("[0-9]+", text) else -1
