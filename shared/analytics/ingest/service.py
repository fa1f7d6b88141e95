"""The worker's side of events: rows first, then every figure they belong to, each exactly once (docs/decisions/0016)."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

from shared.analytics.behaviour.models import Behaviour
from shared.analytics.ingest import figures
from shared.analytics.ingest.folding import Folding, parts
from shared.analytics.ingest.numbers import Numbers
from shared.analytics.ingest.profiles import Attendances
from shared.analytics.ingest.rows import CHECKINS, Row, checkin_of, row_of, to_document
from shared.analytics.ingest.standing import Standing
from shared.analytics.intake.metadata import REACHED
from shared.analytics.intake.models import Event, distinct
from shared.clients.analytics.port import MAX_IN, MAX_STEPS, Analytics
from shared.kernel import telemetry
from shared.kernel.clock import Clock, from_millis
from shared.people.erasures import Erasures

HOT: Final = timedelta(days=90)
"""How long raw rows are kept; an event from before has nothing left to be compared with and is refused."""

TIMED: Final = "mongo_update"
"""What telemetry calls the applying of a batch."""


class Ingest:
    """Applies batches of events.

    Args:
        analytics: where rows and figures are.
        attendances: tells profiles who came where.
        standing: tells newcomers' behaviour what their profiles say.
        erasures: who was erased lately: their events from before are forgotten.
        clock: the time.
    """

    def __init__(
        self,
        analytics: Analytics,
        attendances: Attendances,
        standing: Standing,
        erasures: Erasures,
        clock: Clock,
    ) -> None:
        self._analytics = analytics
        self._attendances = attendances
        self._standing = standing
        self._erasures = erasures
        self._clock = clock
        self._folding = Folding(analytics, clock)
        self._numbers = Numbers(analytics)
        self._gate = asyncio.Lock()

    async def apply(self, batch: str, events: Sequence[Event]) -> int:
        """Apply a batch and give how many of its events are new. The same batch may come again, whole, at any time.

        Costs of MongoDB: a find and an insert for each month, one for check-ins, and for each kind of figure a find and a
        write; of Firestore: two reads for each signed-in person who is new, and what ``Attendances`` says. Raises
        StoreUnavailable and Contended, after which it is to come again.
        """
        with telemetry.timed(TIMED, self._clock):
            return await self._apply(batch, events)

    async def _apply(self, batch: str, events: Sequence[Event]) -> int:
        if not events or await self._folding.done([batch]):
            return 0
        oldest = self._clock.now() - HOT
        rows = [row_of(event, batch) for event in distinct(events) if from_millis(event.at) > oldest]
        numbers = await self._numbers.of(sorted({row.person for row in rows}))
        # who was never here cannot come back
        rows = [row for row in rows if row.type != REACHED or row.person in numbers]
        rows = await self._unerased(rows, known=numbers)
        claimed = await self._claimed(rows, batch)
        if claimed:
            await self._attendances.tell(claimed)
            # one batch at a time in this process: those that wait would only lose races for the same days
            async with self._gate:
                await self._fold(batch, claimed, numbers)
        await self._folding.finish(batch)
        telemetry.log().info("events_applied", events=len(events), new=len(claimed))
        return len(claimed)

    async def _unerased(self, rows: list[Row], *, known: Iterable[str]) -> list[Row]:
        """Without what signed-in people did before they were erased; 1 read for each who is not known."""
        new = sorted({row.person for row in rows if row.person_type == "user"} - set(known))
        erased = await self._erasures.of(new) if new else {}
        return [row for row in rows if row.person not in erased or from_millis(row.at) > erased[row.person]]

    async def _claimed(self, rows: Sequence[Row], batch: str) -> list[Row]:
        """The rows that this batch brought first, now or in an earlier try."""
        claimed: list[Row] = []
        by_month: dict[str, list[Row]] = {}
        for row in rows:
            by_month.setdefault(row.collection, []).append(row)
        for collection, month in sorted(by_month.items()):
            for part in parts(month, MAX_STEPS):
                if await self._analytics.insert(collection, list(map(to_document, part))) == len(part):
                    claimed += part
                    continue
                found = await self._analytics.find(
                    collection, {"_id": {"$in": [row.id for row in part]}}, fields=["batch"]
                )
                mine = {each["_id"] for each in found if each["batch"] == batch}
                claimed += [row for row in part if row.id in mine]
        checkins = [checkin_of(row) for row in claimed if row.type == "checkin"]
        for rows_of_checkins in parts(checkins, MAX_STEPS):
            await self._analytics.insert(CHECKINS, rows_of_checkins)
        return claimed

    async def _fold(self, batch: str, rows: Sequence[Row], numbers: dict[str, int]) -> None:
        people = figures.by_person(rows)
        new = sorted(people.keys() - numbers.keys())
        numbers |= await self._numbers.draw(new)
        fresh = {
            person: Behaviour(person, events[0].person_type, numbers[person])
            for person, events in people.items()
        }
        fresh |= await self._standing.of({person: fresh[person] for person in new})
        await self._folding.fold(figures.BEHAVIOURS, batch, figures.behaviour_rules_of(people), fresh)
        if new:  # another worker may have been quicker to number them
            numbers |= await self._numbers.of(new)
        for part in parts(sorted(figures.by_event_day(rows).items()), MAX_IN):
            await self._folding.fold(
                figures.EVENT_DAYS, batch, *figures.event_day_rules_of(dict(part), numbers)
            )
        await self._folding.fold(
            figures.HEAT_DAYS, batch, *figures.heat_day_rules_of(figures.by_heat_day(rows))
        )
