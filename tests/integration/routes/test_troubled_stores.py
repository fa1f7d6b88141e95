"""On every operation: a store refuses, cuts its answer or hangs, or the worker dies, at every single step.

The answer comes within the request's budget, and is either the right one or 503 with Retry-After. The same request again
then comes to what it would have come to at once: nothing half, nothing twice.
"""

import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

from shared.clients.analytics.embedded import EmbeddedAnalytics
from shared.clients.documents.embedded import EmbeddedDocuments
from shared.clients.queues.embedded import EmbeddedQueues
from shared.clients.queues.port import ALL_QUEUES
from shared.kernel.clock import ManualClock
from shared.people.roles import CHECK_AFTER_SECONDS
from tests.factories.app import NOW, make_app
from tests.factories.client import Client, Reply
from tests.factories.experience import Killed, sweep, work_off
from tests.factories.operations import Operation, World, a_world, drain
from tests.factories.stores import Kind, Trouble, everything, shape

SHORT, LONG, SLACK = 0.03, 10.0, 5.0
"""Seconds: the budget of a request whose store hangs, that of any other, and what a busy machine may add."""
CODES = {"unavailable", "out_of_time", "contended", "not_ready"}
LATER = {409, 503}
"""Come again: the store was away, or the first try still holds its lease."""


class Case:
    """One request to a worker in trouble, and again to a healthy one over the same stores."""

    def __init__(self, folder: Path, operation: Operation, trouble: Trouble) -> None:
        self.operation, self.trouble, self.steps = operation, trouble, 0
        self.clock = ManualClock(NOW)
        self.documents = EmbeddedDocuments(":memory:", self.clock)
        self.queues = EmbeddedQueues(":memory:", self.clock)
        self.analytics = EmbeddedAnalytics(":memory:")
        common: dict[str, Any] = {"clock": self.clock, "folder": folder}
        self.budget = SHORT if trouble.kind == "hangs" and trouble.at is not None else LONG
        self.healthy = make_app(
            **common,
            given_documents=self.documents,
            given_queues=self.queues,
            given_analytics=self.analytics,
        )
        self.troubled = make_app(
            **common,
            # visits wait for the end: what they meet is another suite's subject
            settings=self.healthy.settings.model_copy(
                update={"request_budget_seconds": self.budget, "activity_linger_ms": 5000}
            ),
            given_documents=trouble.around(self.documents),
            given_queues=trouble.around(self.queues),
            given_analytics=trouble.around(self.analytics),
            given_directory=trouble.around(self.healthy.issuer),
        )

    async def run(self) -> tuple[Reply | None, Reply, Any]:
        """The troubled answer (None from a worker that died), the last one, and all documents in the end.

        ``steps`` then tells how many calls the first request made.
        """
        world = await a_world(self.healthy, self.operation)
        self.clock.advance(timedelta(minutes=1))
        began = time.monotonic()
        try:
            first = await replace(world, app=self.troubled).send(Client(self.troubled))
        except Killed:
            first = None
        assert time.monotonic() - began < self.budget + SLACK
        self.steps, self.trouble.at = self.trouble.calls, None
        last = await self._again(world)
        await drain(self.troubled)
        await drain(self.healthy)
        self.clock.advance(timedelta(seconds=CHECK_AFTER_SECONDS))
        for queue in ALL_QUEUES:
            await work_off(self.healthy, queue)
        await sweep(self.healthy)
        found = await everything(self.documents)
        await self.troubled.close()
        await self.healthy.close()
        return first, last, sorted(f"{path.rpartition('/')[0]} {shape(data)}" for path, data in found.items())

    async def _again(self, world: World) -> Reply:
        for _ in range(3):
            reply = await world.send(Client(self.healthy))
            if reply.status not in LATER:
                break
            assert int(reply.headers["Retry-After"]) > 0
            self.clock.advance(timedelta(seconds=20))
        return reply


@pytest.mark.parametrize("kind", get_args(Kind))
async def test_trouble_at_every_step(tmp_path, operation, kind):
    untroubled = Case(tmp_path, operation, Trouble(kind))
    good, _, expected = await untroubled.run()
    assert good.status < 300

    for step in range(untroubled.steps):
        first, last, found = await Case(tmp_path, operation, Trouble(kind, step)).run()
        if first is not None and first.status >= 300:
            assert (first.status, first.code in CODES) == (503, True), (step, first.body)
            assert int(first.headers["Retry-After"]) > 0
        assert (first is None) == (kind == "kills")
        assert last.status < 300, (step, last.body)
        assert found == expected, step
