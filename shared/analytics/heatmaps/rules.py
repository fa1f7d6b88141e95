"""Days of logins into 168 cells and into totals over time: pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from shared.analytics.behaviour.models import DAYS, HOURS
from shared.analytics.heatmaps.models import HeatDay
from shared.analytics.heatmaps.schemas import Cell, Granularity, Total


def cells(days: Iterable[HeatDay], first: date, last: date) -> list[Cell]:
    """Every weekday and hour, with how often it occurred in those social days: a mean over days that all count alike, so
    that a period that is no whole number of weeks favours no weekday (design/anchors, heat maps).
    """
    logins: Counter[tuple[int, int]] = Counter()
    for day in days:
        weekday = date.fromisoformat(day.day).weekday()
        for hour, number in enumerate(day.hours):
            logins[weekday, hour] += number
    times = Counter((first + timedelta(days=n)).weekday() for n in range((last - first).days + 1))
    return [
        Cell(
            weekday=weekday,
            hour=hour,
            logins=logins[weekday, hour],
            occurrences=times[weekday],
            mean=round(logins[weekday, hour] / max(times[weekday], 1), 4),
        )
        for weekday in range(DAYS)
        for hour in range(HOURS)
    ]


def series(days: Sequence[HeatDay], granularity: Granularity) -> list[Total]:
    """Logins by day, week or month, ascending; those without any are left out."""
    totals: Counter[str] = Counter()
    for day in days:
        totals[_start(date.fromisoformat(day.day), granularity).isoformat()] += sum(day.hours)
    return [Total(start=start, logins=totals[start]) for start in sorted(totals)]


def _start(day: date, granularity: Granularity) -> date:
    if granularity == "weekly":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if granularity == "monthly" else day
