"""The year into the stores, through the same worker as real events; a second start finds it there.

The worker takes events of 90 days only, and their raw rows are kept no longer. So what is older is applied as of then, in one
batch, and leaves figures but no rows.
"""

import asyncio
import threading
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from dev.demo.crowd import crowd, followed
from dev.demo.year.broadcasts import Sent, broadcasts
from dev.demo.year.broadcasts import deeds as written_deeds
from dev.demo.year.deeds import Deed, Life
from dev.demo.year.messages import deliveries
from dev.demo.year.seats import seats_taken
from shared.analytics.ingest.folding import LEDGER
from shared.analytics.ingest.profiles import Attendances
from shared.analytics.ingest.rows import PREFIX
from shared.analytics.ingest.service import HOT, Ingest
from shared.analytics.intake.models import Event, Source
from shared.analytics.intake.rules import event_key
from shared.clients.analytics.port import Analytics
from shared.clients.documents.port import MAX_WRITES, Set, Write
from shared.clients.errors import StoreError
from shared.kernel import telemetry
from shared.kernel.clock import Clock, ManualClock, to_millis
from shared.messaging.broadcasts.repository import path_of
from shared.messaging.broadcasts.repository import to_data as broadcast_data
from shared.messaging.campaigns.models import Campaign
from shared.messaging.deliveries.repository import to_data
from shared.people.profiles.models import Profile
from shared.wiring import App

SEED: Final = 1935
_DONE: Final = "demo-year"
_MARGIN: Final = timedelta(days=1)
_LOOKS_EVERY: Final = 0.2
"""Seconds between two looks whether it is to stop."""
_LONGEST_STOP: Final = 10.0
"""Seconds that the app waits for it."""


class Year:
    """Loads the year beside everything else that the host does.

    Args:
        app: where to.
        campaigns: what people were told.
        part: everybody, or each so manieth of the crowd.
    """

    def __init__(self, app: App, campaigns: Sequence[Campaign], part: int = 1) -> None:
        self._app = app
        self._campaigns = campaigns
        self._part = part
        self._stopping = threading.Event()

    async def load(self) -> int:
        """Apply what is missing, oldest month first; gives how many events there were. Costs a read when all of it is there."""
        app = self._app
        if await app.analytics.find(LEDGER, {"_id": _DONE}):
            return 0
        now = app.clock.now()
        deeds = sorted(self.deeds(now), key=lambda deed: (deed.at, deed.person_key, deed.type))
        recent = bisect_right(deeds, now - HOT + _MARGIN, key=lambda deed: deed.at)
        await self._tell(now)
        if recent:
            await self._apply("past", deeds[:recent], Figures(app.analytics), ManualClock(deeds[0].at))
        await self._apply("recent", deeds[recent:], app.analytics, app.clock)
        await app.facet_rebuild.run(f"{_DONE}-{now:%Y%m%d}")
        await app.analytics.insert(LEDGER, [{"_id": _DONE, "at": now}])
        return len(deeds)

    async def _apply(self, name: str, deeds: Sequence[Deed], analytics: Analytics, clock: Clock) -> None:
        worker = Ingest(
            analytics,
            Attendances(self._app.profile_repository),
            self._app.standing,
            self._app.erasures,
            clock,
        )
        await worker.apply(f"{_DONE}-{name}", [event_of(deed) for deed in deeds])

    async def _tell(self, now: datetime) -> None:
        app, people, sent = self._app, self._people(now), self._sent(now)
        told = [
            *deliveries(self._campaigns, people, now, SEED),
            *(one for each in sent for one in each.deliveries),
        ]
        writes: list[Write] = [Set(app.deliveries.path(each.id), to_data(each)) for each in told]
        writes += [Set(path_of(each.broadcast.id), broadcast_data(each.broadcast)) for each in sent]
        for start in range(0, len(writes), MAX_WRITES):
            await app.documents.commit(writes[start : start + MAX_WRITES])

    def _sent(self, now: datetime) -> list[Sent]:
        return broadcasts(self._people(now), followed(), now, SEED)

    def _people(self, now: datetime) -> list[Profile]:
        return list(crowd(now))[:: self._part]

    def begin(self) -> None:
        """Load on a thread and a loop of its own: nobody waits. It stops when the app does; the next start goes on."""
        thread = threading.Thread(target=self._run, name="demo-year", daemon=True)

        async def stop() -> None:
            self._stopping.set()
            await asyncio.to_thread(thread.join, _LONGEST_STOP)

        self._app.draining.append(stop)
        thread.start()

    def _run(self) -> None:
        """What goes wrong is logged, and the demo goes on without the rest."""
        try:
            count = asyncio.run(self._load_until_stopped())
        except StoreError as error:
            telemetry.log().warning("demo_year_unfinished", exc_info=error)
        else:
            if count is not None:
                telemetry.log().info("demo_year_loaded", events=count)

    async def _load_until_stopped(self) -> int | None:
        loading = asyncio.create_task(self.load())
        while not self._stopping.is_set():
            done, _ = await asyncio.wait({loading}, timeout=_LOOKS_EVERY)
            if done:
                return loading.result()
        loading.cancel()
        await asyncio.wait({loading})
        return None

    def deeds(self, now: datetime) -> Iterator[Deed]:
        """Everybody's, in no order, and the seats of the festivals."""
        follows = followed()
        news = {each.organizer_id: each.id for each in self._campaigns if each.organizer_id}
        everybody: list[Deed] = []
        for person in self._people(now):
            everybody += Life(person, now, SEED, follows.get(person.person_key, []), news).deeds()
        everybody += written_deeds(self._sent(now), self._people(now), now, SEED)
        yield from everybody
        yield from seats_taken(everybody)


class Figures:
    """A store of figures in which raw rows are not kept."""

    def __init__(self, analytics: Analytics) -> None:
        self._analytics = analytics

    def __getattr__(self, name: str) -> Any:
        return getattr(self._analytics, name)

    async def insert(self, collection: str, documents: Sequence[Mapping[str, Any]]) -> int:
        """As the store does, but for rows, which are all new."""
        if collection.startswith(PREFIX):
            return len(documents)
        return await self._analytics.insert(collection, documents)


def event_of(deed: Deed) -> Event:
    """The deed as the worker takes it; its id is a function of what it says."""
    source: Source = "server" if deed.by_server else "browser"
    return Event(
        event_key("demo", deed.ident),
        deed.type,
        to_millis(deed.at),
        deed.person_key,
        deed.person_type,
        source,
        deed.metadata,
    )
