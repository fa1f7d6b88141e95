"""What this instance asks of Firestore, told once a minute; what all instances do, learnt as often.

Store operations a minute: 1 write for each instance, and 1 read where there is a budget to keep.
"""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from shared.analytics.ingest.service import TIMED
from shared.clients.errors import StoreError
from shared.kernel import telemetry
from shared.kernel.budget import Budget, Work, day_of
from shared.kernel.clock import Clock
from shared.kernel.telemetry import Operation
from shared.ops.metrics import rules
from shared.ops.metrics.models import Share, Spent, Total
from shared.ops.metrics.repository import UsageRepository

EVERY_SECONDS: Final = 60.0


class Usage:
    """Counts of one instance, and the sum of them all.

    Args:
        repository: where counts are kept.
        budget: learns what is spent.
        clock: the time.
        instance: this instance's name, new for each start.
        totals: the operations of this process since it began.
    """

    def __init__(
        self,
        repository: UsageRepository,
        budget: Budget,
        clock: Clock,
        *,
        instance: str,
        totals: Callable[[], Mapping[Operation, int]] = telemetry.totals,
    ) -> None:
        self._repository = repository
        self._budget = budget
        self._clock = clock
        self._instance = instance
        self._totals = totals
        self._day = day_of(clock.now())
        self._base = Spent()
        self._longest = 0.0
        self._told: Spent | None = None
        self._next = clock.monotonic()
        self._telling: asyncio.Task[None] | None = None

    def beat(self) -> None:
        """Tell and learn in the background when a minute has passed. Never waits and never raises."""
        now = self._clock.monotonic()
        if now < self._next or (self._telling is not None and not self._telling.done()):
            return
        self._next = now + EVERY_SECONDS
        # a context of its own: what it costs is no part of the request that happened to start it
        self._telling = asyncio.get_running_loop().create_task(self._beat(), context=contextvars.Context())

    async def drain(self) -> None:
        """Tell what was not told yet, for an orderly stop."""
        if self._telling is not None:
            await asyncio.gather(self._telling, return_exceptions=True)
        if self._told is not None:  # one that never told has nothing that anybody waits for
            await self._quietly(self.tell())

    async def tell(self) -> None:
        """Keep this instance's counts of the day. Raises StoreUnavailable; the next time tells them as well."""
        now, today = self._clock.now(), day_of(self._clock.now())
        everything = self._everything()
        if today != self._day:
            # what came since the last telling is counted to the new day: a minute's worth at most
            self._day, self._base = today, self._told or Spent()
        self._next = self._clock.monotonic() + EVERY_SECONDS
        # with what the last telling told: the sum may not have been made in between
        before, self._longest = self._longest, telemetry.take_longest(TIMED)
        spent, longest = everything - self._base, max(before, self._longest)
        await self._repository.save_share(Share(today, self._instance, spent, longest, now))
        self._told = everything

    async def total(self) -> Total:
        """What all instances have spent today, as of the last sum (1 read). Raises StoreUnavailable."""
        total = await self._repository.total(day_of(self._clock.now()))
        self._budget.learn(total.day, total.spent.total)
        return total

    async def sum_up(self) -> Total:
        """Add up what all instances have told (1 read for each, 2 more, 1 write) and forget what is old. Raises StoreUnavailable."""
        await self.tell()
        now = self._clock.now()
        day = day_of(now)
        before = await self._repository.total(day)
        total = rules.summed(before, await self._repository.shares(day), now)
        await self._repository.save_total(total)
        await self._repository.forget(now)
        self._budget.learn(day, total.spent.total)
        return total

    async def affords(self, work: Work) -> bool:
        """Whether there is budget for such work, asked anew; in doubt there is (1 read)."""
        if self._budget.per_day:
            await self._quietly(self.total())
        return self._budget.allows(work)

    async def _beat(self) -> None:
        await self._quietly(self.tell())
        if self._budget.per_day:
            await self._quietly(self.total())

    async def _quietly(self, work: Awaitable[object]) -> None:
        try:
            await work
        except StoreError as error:
            telemetry.log().warning("usage_away", exc_info=error)

    def _everything(self) -> Spent:
        totals = self._totals()
        return Spent(totals.get("read", 0), totals.get("write", 0), totals.get("delete", 0))
