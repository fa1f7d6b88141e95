"""Figures of the whole installation, each with its thresholds and state (messaging-platform.md §16.5)."""

import asyncio
import hashlib
from collections.abc import Awaitable
from datetime import datetime
from typing import Final, TypeVar

from shared.analytics.intake.staging import COLLECTION as STAGED
from shared.analytics.intake.staging import PARKED, WAITING
from shared.clients.documents.port import Documents, Query, Where
from shared.clients.errors import StoreError
from shared.clients.queues.port import ALL_QUEUES, POISON_SUFFIX, Queues
from shared.kernel import telemetry
from shared.kernel.budget import Budget, ends_at
from shared.kernel.clock import Clock
from shared.ops.metrics import rules
from shared.ops.metrics.models import Total
from shared.ops.metrics.rules import OF_STORES, THRESHOLDS, Name
from shared.ops.metrics.schemas import BudgetView, Metric, OpsMetrics
from shared.ops.metrics.usage import Usage

FRESH_SECONDS: Final = 10.0
"""How long one look is shown to whoever asks: polling costs the stores nothing meanwhile."""

ValueT = TypeVar("ValueT")


class Metrics:
    """Looks at queues and stores. What does not answer has no value, and is critical."""

    def __init__(
        self, queues: Queues, documents: Documents, usage: Usage, budget: Budget, clock: Clock
    ) -> None:
        self._queues = queues
        self._documents = documents
        self._usage = usage
        self._budget = budget
        self._clock = clock
        self._seen: tuple[float, OpsMetrics] | None = None
        self._looking = asyncio.Lock()

    async def read(self) -> tuple[OpsMetrics, str]:
        """The figures, at most 10 seconds old, and their version: the same while no figure has changed.

        Costs 3 calls for each queue, and of Firestore 4 reads and 1 for each 1,000 staged batches.
        """
        async with self._looking:
            now = self._clock.monotonic()
            if self._seen is None or now - self._seen[0] >= FRESH_SECONDS:
                total = await _answered(self._usage.total())
                self._seen = (now, await self._look(total))
        shown = self._seen[1]
        version = shown.model_dump_json(exclude={"as_of"})
        return shown, hashlib.sha256(version.encode()).hexdigest()[:16]

    async def watch(self) -> OpsMetrics:
        """Add up what the instances have told, and report every figure: as a gauge, and as a log line beyond its threshold."""
        found = await self._look(await _answered(self._usage.sum_up()))
        for metric in found.metrics:
            of = {"of": metric.of} if metric.of else {}
            if metric.value is not None:
                telemetry.gauge(metric.name, metric.value, **of)
            if metric.state != "ok":
                report = telemetry.log().error if metric.state == "critical" else telemetry.log().warning
                report(f"beyond_threshold_{metric.state}", metric=metric.name, value=metric.value, **of)
        for work in found.budget.shed:
            telemetry.log().warning("work_shed", work=work)
        return found

    async def _look(self, total: Total | None) -> OpsMetrics:
        queues = await asyncio.gather(*map(self._of_queue, ALL_QUEUES))
        metrics = [each for of_one in queues for each in of_one]
        metrics += [*await self._of_staged(), *self._of_stores(total)]
        now = self._clock.now()
        return OpsMetrics(
            as_of=now,
            state=rules.worst(each.state for each in metrics),
            metrics=metrics,
            budget=BudgetView(
                per_day=self._budget.per_day,
                spent=total.spent.total if total else 0,
                shed=self._budget.shed,
                resets_at=ends_at(now),
            ),
        )

    async def _of_queue(self, queue: str) -> list[Metric]:
        waiting, poisoned, front = await asyncio.gather(
            _answered(self._queues.length(queue)),
            _answered(self._queues.length(queue + POISON_SUFFIX)),
            _answered(self._age(self._queues.oldest(queue))),
        )
        return [
            _metric("queue_waiting", waiting, queue),
            _metric("queue_poisoned", poisoned, queue),
            _metric("queue_oldest_seconds", front, queue),
        ]

    async def _of_staged(self) -> list[Metric]:
        waiting = Query(STAGED, (Where("state", "==", WAITING),))
        parked = Query(STAGED, (Where("state", "==", PARKED),))
        batches, aside, age = await asyncio.gather(
            _answered(self._documents.count(waiting)),
            _answered(self._documents.count(parked)),
            _answered(self._age(self._first_staged())),
        )
        return [
            _metric("staged_batches", batches),
            _metric("staged_parked", aside),
            _metric("staged_oldest_seconds", age),
        ]

    def _of_stores(self, total: Total | None) -> list[Metric]:
        values: dict[Name, float] = {}
        if total is not None:
            reads, writes = rules.rates(total)
            values = {
                "firestore_reads_today": total.spent.reads,
                "firestore_writes_today": total.spent.writes,
                "firestore_deletes_today": total.spent.deletes,
                "firestore_reads_per_second": reads,
                "firestore_writes_per_second": writes,
                "mongo_update_seconds": total.longest_ms / 1000,
                "budget_spent_share": self._budget.share,
            }
        return [_metric(name, values.get(name)) for name in OF_STORES]

    async def _first_staged(self) -> datetime | None:
        # ids are ULIDs and the store breaks ties by id: the order is that of time
        found = await self._documents.query(Query(STAGED, (Where("state", "==", WAITING),), limit=1))
        return found[0].data["createdAt"] if found else None

    async def _age(self, since: Awaitable[datetime | None]) -> float:
        moment = await since
        return max(0.0, (self._clock.now() - moment).total_seconds()) if moment else 0.0


async def _answered(asked: Awaitable[ValueT]) -> ValueT | None:
    try:
        return await asked
    except StoreError as error:
        telemetry.log().warning("metric_away", exc_info=error)
        return None


def _metric(name: Name, value: float | None, of: str | None = None) -> Metric:
    threshold = THRESHOLDS[name]
    return Metric(
        name=name,
        of=of,
        value=None if value is None else round(value, 3),
        warning=threshold.warning,
        critical=threshold.critical,
        state=rules.state_of(name, value),
    )
