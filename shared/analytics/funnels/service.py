"""Funnels for organizers and operators: worked out of the rows for each question, so that late events are in the next answer."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final

from shared.analytics.access import asking_for, sees, sees_all
from shared.analytics.funnels import figures
from shared.analytics.funnels.models import Funnel
from shared.analytics.funnels.repository import FunnelRepository
from shared.analytics.funnels.rules import Outcome, Span, outcome
from shared.analytics.funnels.schemas import (
    CreateFunnel,
    FunnelList,
    FunnelResults,
    FunnelsQuery,
    GroupResult,
    PeopleQuery,
    PersonList,
    ResultsQuery,
    StepResult,
)
from shared.kernel.clock import Clock, to_millis
from shared.kernel.errors import Conflict, Fault, Invalid, NotFound
from shared.kernel.ids import IdSource, hashed_id
from shared.kernel.pagination import Cursors, Page
from shared.people.access import Principal

MAX_FUNNELS: Final = 100
"""Funnels of one organizer."""
MAX_DAYS: Final = 92
DEFAULT_DAYS: Final = 7


@dataclass(frozen=True, slots=True)
class _Asked:
    funnel: Funnel
    start: datetime
    end: datetime
    outcomes: dict[str, Outcome]
    latest: int | None


class Funnels:
    """Definitions and results."""

    def __init__(self, funnels: FunnelRepository, clock: Clock, ids: IdSource, cursors: Cursors) -> None:
        self._funnels = funnels
        self._clock = clock
        self._ids = ids
        self._cursors = cursors

    async def page(self, principal: Principal, query: FunnelsQuery) -> FunnelList:
        """Funnels of the caller's organizations, newest first; an operator's are everybody's. Raises NotFound, Malformed."""
        wanted: set[str] | None = {query.organization_id} if query.organization_id else None
        if query.organization_id is not None and not sees(principal, query.organization_id):
            raise NotFound(code="organizer_not_found")
        if wanted is None and not sees_all(principal):
            wanted = set(principal.organizer_ids)
        text = f"funnels|{sorted(wanted) if wanted is not None else '*'}"
        after = self._cursors.decode(query.cursor, query=text)
        found: Page[Funnel] = Page([])
        if wanted is None or wanted:
            found = await self._funnels.page(limit=query.limit, after=after, organizations=wanted)
        return FunnelList(items=found.items, next_cursor=self._cursors.encode(found.position, query=text))

    async def create(self, principal: Principal, body: CreateFunnel, seed: str | None) -> Funnel:
        """A new funnel. Raises NotFound, Invalid, Conflict ``too_many_funnels``.

        ``seed``: the caller's Idempotency-Key; the same one makes the same funnel.
        """
        owner = asking_for(principal, body.organization_id)
        ident = hashed_id("fun", seed) if seed else self._ids.new("fun")
        before = await self._funnels.get(ident) if seed else None
        if before is not None:
            return before
        if owner is not None and await self._funnels.count(owner) >= MAX_FUNNELS:
            raise Conflict(f"There are {MAX_FUNNELS} funnels already.", code="too_many_funnels")
        shape = body.model_dump(exclude={"organization_id"})
        funnel = Funnel.model_validate(
            {**shape, "id": ident, "organization_id": owner, "created_at": self._clock.now()}
        )
        await self._funnels.create(funnel)
        return funnel

    async def results(self, principal: Principal, ident: str, query: ResultsQuery) -> FunnelResults:
        """How far people came. Raises NotFound, Invalid ``span_too_wide``."""
        asked = await self._asked(principal, ident, query)
        everyone = list(asked.outcomes.values())
        drawn = figures.figures(asked.funnel, everyone)
        groups = figures.broken_down(asked.funnel, everyone)
        return FunnelResults(
            funnel_id=ident,
            from_=asked.start,
            to=asked.end,
            steps=_steps(asked.funnel, drawn),
            conversion_rate=drawn.steps[-1].overall,
            excluded=drawn.excluded,
            breakdown=[
                GroupResult(value=value, steps=_steps(asked.funnel, each)) for value, each in groups.items()
            ]
            if asked.funnel.breakdown
            else None,
            exact=True,
            bound=0,
            as_of=self._clock.now(),
            lag_seconds=None if asked.latest is None else self._lag(asked.latest),
        )

    def _lag(self, at: int) -> int:
        return max(0, to_millis(self._clock.now()) - at) // 1000

    async def people(self, principal: Principal, ident: str, query: PeopleQuery) -> PersonList:
        """The people behind a number, for operators. Raises NotFound, Invalid, Malformed."""
        asked = await self._asked(principal, ident, query)
        if query.step > len(asked.funnel.steps):
            raise Invalid(faults=[Fault("?step", "no_such_step", "The funnel has fewer steps.")])
        text = f"funnel people|{ident}|{asked.start}|{asked.end}|{query.event_id}|{query.step}|{query.part}"
        after = self._cursors.decode(query.cursor, query=text)
        keys = [
            key
            for key in figures.people(asked.outcomes, query.step, query.part)
            if after is None or key > after[0]
        ]
        page, more = keys[: query.limit], len(keys) > query.limit
        return PersonList(
            items=page, next_cursor=self._cursors.encode([page[-1]] if more else None, query=text)
        )

    async def _asked(self, principal: Principal, ident: str, query: ResultsQuery) -> _Asked:
        funnel = await self._funnels.get(ident)
        if funnel is None or not sees(principal, funnel.organization_id):
            raise NotFound
        last = query.to or self._clock.now().date()
        first = query.from_ or last - timedelta(days=DEFAULT_DAYS - 1)
        if not 0 <= (last - first).days < MAX_DAYS:
            detail = f"At most {MAX_DAYS} days, the first before the last."
            raise Invalid(faults=[Fault("?from", "wrong_span", detail)])
        start = datetime.combine(first, time(), UTC)
        end = datetime.combine(last, time(), UTC) + timedelta(days=1)
        rows = await self._funnels.rows(funnel, start, end, event_id=query.event_id)
        span = Span(to_millis(start), to_millis(end))
        found = {key: outcome(funnel, mine, span) for key, mine in rows.items()}
        latest = max((row.at for mine in rows.values() for row in mine), default=None)
        began = {key: each for key, each in found.items() if each is not None}
        return _Asked(funnel, start, end, began, latest)


def _steps(funnel: Funnel, drawn: figures.Figures) -> list[StepResult]:
    return [
        StepResult(
            name=step.name or step.event_type,
            event_type=step.event_type,
            people=each.people,
            conversion_rate=each.overall,
            step_conversion_rate=each.relative,
            median_ms=each.median_ms,
            median_total_ms=each.median_total_ms,
        )
        for step, each in zip(funnel.steps, drawn.steps, strict=True)
    ]
