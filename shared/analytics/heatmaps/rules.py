"""Logins into 168 cells and into totals over time: pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from shared.analytics.behaviour.models import DAYS, HOURS
from shared.analytics.heatmaps.models import Cells, Granularity, HeatDay, HeatSum
from shared.analytics.heatmaps.schemas import Cell, Total


def cells(days: Iterable[HeatDay], sums: Iterable[HeatSum], first: date, last: date) -> list[Cell]:
    """Every weekday and hour, with how often it occurred in those social days: a mean over days that all count alike, so
    that a period that is no whole number of weeks favours no weekday (design/anchors, heat maps).
    """
    logins: Cells = Counter()
    for day in days:
        logins.update(day.cells)
    for period in sums:
        logins.update(period.cells)
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


def series(days: Iterable[HeatDay], sums: Iterable[HeatSum], granularity: Granularity) -> list[Total]:
    """Logins by day, week or month, ascending; those without any are left out."""
    totals: Counter[str] = Counter()
    for day in days:
        totals[start_of(date.fromisoformat(day.day), granularity).isoformat()] += sum(day.hours)
    for each in sums:
        totals[each.start.isoformat()] += each.cells.total()
    return [Total(start=start, logins=totals[start]) for start in sorted(totals) if totals[start]]


def stored(logins: Cells) -> list[int]:
    """Cells as a period's document has them."""
    return [logins[divmod(place, HOURS)] for place in range(DAYS * HOURS)]


def from_stored(numbers: Sequence[int]) -> Cells:
    """The cells in a period's document."""
    return Counter({divmod(place, HOURS): number for place, number in enumerate(numbers) if number})


def start_of(day: date, granularity: Granularity) -> date:
    """The first day of the day's period."""
    if granularity == "weekly":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if granularity == "monthly" else day


def end_of(start: date, granularity: Granularity) -> date:
    """The last day of the period that begins then."""
    if granularity == "weekly":
        return start + timedelta(days=6)
    if granularity == "monthly":
        return start_of(start + timedelta(days=31), granularity) - timedelta(days=1)
    return start


def left(
    first: date, last: date, granularity: Granularity, summed: Iterable[date]
) -> list[tuple[date, date]]:
    """The days between two that no summed period has, as few runs as there are (both ends included)."""
    runs, begin = list[tuple[date, date]](), first
    for start in sorted(summed):
        if begin < start:
            runs.append((begin, start - timedelta(days=1)))
        begin = end_of(start, granularity) + timedelta(days=1)
    return [*runs, (begin, last)] if begin <= last else runs
