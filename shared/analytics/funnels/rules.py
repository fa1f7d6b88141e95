"""How far one person came in a funnel: pure. Chart, medians and lists of people all stand on ``outcome``.

Rows are taken in the order of (milliseconds, sequence, event id); equal times are fine, and each row counts for one step.
The furthest attempt counts, of these the first to get there; it begins inside the asked-for span of time.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from shared.analytics.funnels.models import Exclusion, FunnelShape, Row

Attempt: TypeAlias = tuple[int, ...]
"""Positions of the rows that were taken for the steps, ascending."""


@dataclass(frozen=True, slots=True)
class Span:
    """When attempts begin: from ``start`` until before ``end``, in milliseconds since 1970."""

    start: int
    end: int

    def holds(self, row: Row) -> bool:
        """Whether the row is inside."""
        return self.start <= row.at < self.end


@dataclass(frozen=True, slots=True)
class Outcome:
    """The rows of the steps reached, in their order; ``excluded`` people count nowhere else."""

    reached: tuple[Row, ...]
    excluded: bool = False


def outcome(funnel: FunnelShape, rows: Sequence[Row], span: Span) -> Outcome | None:
    """How far a person came, by all their rows that matter; None when they never began."""
    ordered = sorted(rows, key=lambda row: row.place)
    search = _Search(funnel, ordered, span)
    attempt = {"sequential": search.sequential, "strict": search.strict, "any": search.any}[funnel.order]()
    if not attempt:
        return None
    excluded = any(_excluded(funnel, each, ordered, attempt) for each in funnel.exclusions)
    return Outcome(tuple(ordered[place] for place in attempt), excluded)


@dataclass(frozen=True, slots=True)
class _Search:
    """For the furthest attempt among a person's rows."""

    funnel: FunnelShape
    rows: Sequence[Row]
    span: Span

    def sequential(self) -> Attempt:
        """For each step the attempt that began last: none that began earlier has more time left (ClickHouse's windowFunnel)."""
        steps = len(self.funnel.steps)
        last: list[Attempt] = [()] * steps
        best: Attempt = ()
        for place in range(len(self.rows)):
            # the last step first: a row does not follow upon itself
            for step in reversed(range(steps)):
                longer = self._longer(last[step - 1] if step else (), step, place)
                last[step] = longer or last[step]
                best = max(best, longer, key=len)
            if len(best) == steps:
                break
        return best

    def strict(self) -> Attempt:
        """Each row follows upon the one just before."""
        steps = range(len(self.funnel.steps))
        before: list[Attempt] = [() for _ in steps]
        best: Attempt = ()
        for place in range(len(self.rows)):
            now = [self._longer(before[step - 1] if step else (), step, place) for step in steps]
            best = max(best, *now, key=len)
            before = now
        return best

    def any(self) -> Attempt:
        """The most steps that different rows within one window can stand for."""
        best: Attempt = ()
        for start, row in enumerate(self.rows):
            if not self.span.holds(row) or not any(step.takes(row) for step in self.funnel.steps):
                continue
            best = max(best, self._matched(start), key=len)
            if len(best) == len(self.funnel.steps):
                break
        return best

    def _longer(self, attempt: Attempt, step: int, place: int) -> Attempt:
        """The attempt with one more row, or nothing where that row is not its next step."""
        row = self.rows[place]
        if len(attempt) != step or not self.funnel.steps[step].takes(row):
            return ()
        if step == 0:
            return (place,) if self.span.holds(row) else ()
        in_time = row.at - self.rows[attempt[0]].at <= self.funnel.window_ms
        return (*attempt, place) if in_time else ()

    def _matched(self, start: int) -> Attempt:
        """Rows for steps by augmenting paths: as many as there can be, each as early as it can be."""
        row_of: dict[int, int] = {}
        for place in range(start, len(self.rows)):
            late = self.rows[place].at - self.rows[start].at > self.funnel.window_ms
            if late or len(row_of) == len(self.funnel.steps):
                break
            self._augment(row_of, place, set())
        return tuple(sorted(row_of.values()))

    def _augment(self, row_of: dict[int, int], place: int, tried: set[int]) -> bool:
        for step, wanted in enumerate(self.funnel.steps):
            if step in tried or not wanted.takes(self.rows[place]):
                continue
            tried.add(step)
            if step not in row_of or self._augment(row_of, row_of[step], tried):
                row_of[step] = place
                return True
        return False


def _excluded(funnel: FunnelShape, exclusion: Exclusion, rows: Sequence[Row], attempt: Attempt) -> bool:
    """Whether the event comes between the two steps of the attempt."""
    to_step = exclusion.to_step or len(funnel.steps)
    if len(attempt) < exclusion.from_step:
        return False
    first = attempt[exclusion.from_step - 1]
    if len(attempt) >= to_step:
        last = attempt[to_step - 1]
    else:
        deadline = rows[attempt[0]].at + funnel.window_ms
        last = bisect_right(rows, deadline, key=lambda row: row.at)
    return any(row.type == exclusion.event_type for row in rows[first + 1 : last])
