"""Figures made anew from their rows, compared, and mended where they differ (docs/decisions/0016).

A row counts when its batch is done, or named in the document that it would go to; the others are still on their way there. The order
of reading is the ingest's, with the rows between: document, rows, done batches, write over the revision.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from shared.analytics.behaviour import rules as behaviour_rules
from shared.analytics.behaviour.models import COLLECTION as BEHAVIOURS
from shared.analytics.behaviour.models import Behaviour
from shared.analytics.eventdays import models as eventdays
from shared.analytics.eventdays.models import EventDay
from shared.analytics.heatmaps import models as heatmaps
from shared.analytics.heatmaps.models import HeatDay
from shared.analytics.ingest import figures
from shared.analytics.ingest.folding import Folding, Shape, StateT
from shared.analytics.ingest.numbers import Numbers
from shared.analytics.ingest.rows import PREFIX, Row, from_document
from shared.analytics.ingest.service import HOT
from shared.analytics.uniques import Uniques, estimate
from shared.clients.analytics.paging import Span, page_by
from shared.clients.analytics.port import Analytics, Change, Doc, Where
from shared.kernel import telemetry
from shared.kernel.clock import Clock

DAYS_BACK: Final = 5
"""Social days looked at each night: the window for late events, the longest zone, and one more."""
ACTIVE: Final = timedelta(days=1)
"""Who changed in so long is looked at."""
PEOPLE: Final = 200
"""People looked at in one piece."""
MANY_VIEWS: Final = 500
"""More views than this in one social day are no person's."""
TOO_MANY: Final = "too_many_views"
_PAGE: Final = 500


@dataclass(slots=True)
class Proof:
    """What a night has found: figures compared, figures mended, people newly taken for machines or for people again."""

    compared: int = 0
    mended: int = 0
    judged: int = 0

    def add(self, other: "Proof") -> None:
        """Count what another has found as well."""
        self.compared += other.compared
        self.mended += other.mended
        self.judged += other.judged


class Rebuild:
    """Proves figures, and mends them."""

    def __init__(self, analytics: Analytics, clock: Clock) -> None:
        self._analytics = analytics
        self._clock = clock
        self._folding = Folding(analytics, clock)
        self._numbers = Numbers(analytics)

    async def run(self) -> Proof:
        """The last days and those who were active in the last one. May be stopped and run again at any time."""
        whole, now = Proof(), self._clock.now()
        for back in range(DAYS_BACK):
            whole.add(await self.day(back))
        since: datetime | None = now - ACTIVE
        while since is not None:
            proof, since = await self.people(since, now)
            whole.add(proof)
        return whole

    async def day(self, back: int) -> Proof:
        """A social day, so many days ago."""
        proof = Proof()
        day = (self._clock.now() + timedelta(hours=14) - timedelta(days=back)).date().isoformat()
        proof.judged += await self._judge(day)
        await self._event_days(day, proof)
        await self._heat_days(day, proof)
        return _told(proof, day=day)

    async def restate_day(self, day: str) -> Proof:
        """A social day whose rows were changed on purpose."""
        proof = Proof()
        await self._event_days(day, proof)
        await self._heat_days(day, proof)
        return _restated(proof, day=day)

    async def restate_people(self, keys: Sequence[str]) -> Proof:
        """Those of some people (at most MAX_IN) whose whole life lies in the rows that are kept, after rows were changed on purpose."""
        proof = Proof()
        found = await self._analytics.find(BEHAVIOURS, {"_id": {"$in": list(keys)}}, fields=_LIFE)
        for key in self._whole(found):
            await self._person(key, proof)
        return _restated(proof, people=len(found))

    async def people(self, since: datetime, until: datetime) -> tuple[Proof, datetime | None]:
        """The next people who changed in that time, and from when to go on, None at the end: those whose whole life lies in the rows
        that are kept. Of others there is nothing to compare with.
        """
        proof = Proof()
        active, after = await page_by(
            self._analytics, BEHAVIOURS, "updatedAt", Span(since, until), limit=PEOPLE, fields=_LIFE
        )
        for key in self._whole(active):
            await self._person(key, proof)
        return _told(proof, people=len(active)), after

    def _whole(self, found: Iterable[Doc]) -> list[str]:
        """Those whose whole life may lie in the rows that are kept; of who was never seen only servers have told."""
        oldest = self._clock.now() - HOT + timedelta(days=DAYS_BACK)
        firsts = {each["_id"]: each.get("engagement", {}).get("firstSeenAt") for each in found}
        return [key for key, first in firsts.items() if first is None or first > oldest]

    async def _judge(self, day: str) -> int:
        """Flag those who viewed too much to be people, and take it back from those who have not: their days follow."""
        rows = await self._rows({"day": day, "type": "view"})
        views = Counter(row.person for row in rows)
        wrong = [
            (row, TOO_MANY if views[row.person] > MANY_VIEWS else None)
            for row in rows
            if row.bot in (None, TOO_MANY)
            and row.pardoned != TOO_MANY
            and (row.bot == TOO_MANY) != (views[row.person] > MANY_VIEWS)
        ]
        for start in range(0, len(wrong), _PAGE):
            for collection in {row.collection for row, _ in wrong[start : start + _PAGE]}:
                steps = [
                    Change({"_id": row.id}, {"$set": {"bot": verdict}} if verdict else {"$unset": {"bot": 1}})
                    for row, verdict in wrong[start : start + _PAGE]
                    if row.collection == collection
                ]
                await self._analytics.bulk(collection, steps)
        return len({row.person for row, _ in wrong})

    async def _event_days(self, day: str, proof: Proof) -> None:
        after = ""
        while page := await self._analytics.find(
            eventdays.COLLECTION,
            {"day": day, "_id": {"$gt": after}},
            order=[("_id", 1)],
            limit=_PAGE,
            fields=["event"],
        ):
            after = page[-1]["_id"]
            for each in page:
                where = {"event": each["event"], "type": {"$in": sorted(figures.ABOUT_EVENTS)}, "day": day}
                await self._event_day(EventDay(each["event"], day), where, proof)

    async def _event_day(self, fresh: EventDay, where: Where, proof: Proof) -> None:
        states = await self._folding.states(figures.EVENT_DAYS, [fresh.key])
        rows = await self._counted(states.get(fresh.key, fresh).pending, await self._rows(where))
        numbers = await self._numbers.of(sorted({row.person for row in rows}))
        await self._compare(
            figures.EVENT_DAYS, fresh.key, states, eventdays.record(fresh, rows, numbers), proof
        )

    async def _heat_days(self, day: str, proof: Proof) -> None:
        documents = await self._analytics.find(heatmaps.COLLECTION, {"day": day})
        states = {document["_id"]: heatmaps.from_document(document) for document in documents}
        groups = figures.by_heat_day(await self._rows({"day": day, "type": "login"}))
        for key, state in states.items():
            rows = await self._counted(state.pending, groups.get((state.scope, day), []))
            expected = heatmaps.record(HeatDay(state.scope, day), rows)
            await self._compare(figures.HEAT_DAYS, key, {key: state}, expected, proof)

    async def _person(self, key: str, proof: Proof) -> None:
        states = await self._folding.states(figures.BEHAVIOURS, [key])
        if key not in states:
            return
        state = states[key]
        rows = await self._counted(state.pending, await self._rows({"person": key}))
        blank = Behaviour(key, state.person_type)
        fresh = replace(state, **{name: getattr(blank, name) for name in _COUNTED})
        expected = behaviour_rules.record(fresh, sorted(rows, key=lambda row: row.order))
        if state.first_seen_at is None and _reaches_back(state, expected):
            return
        await self._compare(figures.BEHAVIOURS, key, states, expected, proof)

    async def _rows(self, where: Where) -> list[Row]:
        found: list[Row] = []
        for collection in await self._analytics.collections(PREFIX):
            found += map(from_document, await self._analytics.find(collection, where))
        return found

    async def _counted(self, pending: Sequence[str], rows: Iterable[Row]) -> list[Row]:
        rows = list(rows)
        there = {*pending, *await self._folding.done(row.batch for row in rows)}
        return [row for row in rows if row.batch in there]

    async def _compare(
        self, shape: Shape[StateT], key: str, states: dict[str, StateT], expected: StateT, proof: Proof
    ) -> None:
        """Put what the rows say in the place of what stands there, unless somebody has changed that meanwhile."""
        proof.compared += 1
        state = states.get(key)
        if state is None or _bare(state) == _bare(expected):
            return
        after: Any = replace(expected, pending=state.pending, revision=state.revision + 1)  # type: ignore[type-var]
        if await self._folding.write(shape, {key: after}):
            proof.mended += 1


_COUNTED: Final = (
    "checkins", "cities", "occasions", "rsvps", "hours", "weekdays", "visits", "weeks", "first_seen_at", "last_seen_at",
    "follows", "purchases", "messages_seen", "messages_clicked", "suspicion", "bot",
)  # fmt: skip
"""What of a behaviour is made of rows."""


_LIFE: Final = ("updatedAt", "engagement.firstSeenAt")
"""What tells whether somebody's whole life is kept."""


def _reaches_back(state: Behaviour, expected: Behaviour) -> bool:
    """Whether servers have told more of somebody than the rows that are kept do."""

    def told(one: Behaviour) -> tuple[int, ...]:
        bought = one.purchases
        return bought.count, bought.refunds, one.messages_seen, one.messages_clicked, len(one.follows)

    return any(before > after for before, after in zip(told(state), told(expected), strict=True))


def _restated(proof: Proof, **what: object) -> Proof:
    telemetry.log().info("figures_restated", **what, compared=proof.compared, changed=proof.mended)
    return proof


def _told(proof: Proof, **what: object) -> Proof:
    """The proof, told in the log: as an error where something had to be mended."""
    report = telemetry.log().error if proof.mended else telemetry.log().info
    report("figures_proved", **what, compared=proof.compared, mended=proof.mended, judged=proof.judged)
    return proof


def _bare(state: Any) -> Any:
    """A state without how it came about; sets of people by whom they hold and how many."""
    sets = {
        name: (sorted(value.people), estimate([value]))
        for name in ("viewers", "buyers")
        if isinstance(value := getattr(state, name, None), Uniques)
    }
    return replace(state, pending=(), revision=0, **sets)
