"""The local Functions host in a test: a sample app, queues in memory, and time that passes when told."""

import asyncio
import heapq
import itertools
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import azure.functions as func
import httpx

from dev.host.config import read_host_json
from dev.host.hosting import Host
from dev.host.http import Extras
from dev.host.loading import read_functions
from dev.host.queues import WakingQueues
from shared.clients.queues.embedded import EmbeddedQueues
from shared.clients.queues.port import Queues
from shared.kernel.clock import ManualClock

START = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


class VirtualTime:
    """A clock and its pauses: both move only by ``pass_``. ``pauses`` lists every pause asked for, in seconds."""

    def __init__(self, start: datetime = START) -> None:
        self.clock = ManualClock(start)
        self.pauses: list[float] = []
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(
            self._sleepers, (self.clock.now() + timedelta(seconds=seconds), next(self._order), future)
        )
        await future

    async def pass_(self, queues: Queues, **duration: float) -> None:
        """Let time pass, ending each pause at its own moment."""
        end = self.clock.now() + timedelta(**duration)
        await settled(queues)
        while self._sleepers and self._sleepers[0][0] <= end:
            moment, _, future = heapq.heappop(self._sleepers)
            self.clock.advance(max(moment - self.clock.now(), timedelta()))
            if not future.done():
                future.set_result(None)
                await settled(queues)
        self.clock.advance(end - self.clock.now())
        await settled(queues)


async def settled(queues: Queues) -> None:
    """Everything that can happen without time passing has happened: a call to queues in memory gives the others a turn."""
    for _ in range(60):
        await queues.ping()


@dataclass
class Bench:
    """A host that runs, and what a test reaches it by."""

    host: Host
    http: httpx.AsyncClient
    queues: WakingQueues
    time: VirtualTime

    async def settled(self) -> None:
        await settled(self.queues)

    async def pass_(self, **duration: float) -> None:
        await self.time.pass_(self.queues, **duration)


def a_host(
    app: func.FunctionApp,
    folder: Path,
    *,
    queues: WakingQueues,
    time: VirtualTime,
    host_json: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    **more: Any,
) -> Host:
    """A host that does not run yet, with its data and host.json in a folder."""
    (folder / "host.json").write_text(json.dumps({"version": "2.0", **(host_json or {})}))
    environ = environ or {}
    settings = read_host_json(folder / "host.json", environ)
    functions = read_functions(app, environ)
    return Host(functions, settings, queues, folder, Extras(**more), clock=time.clock, pause=time.pause)


@asynccontextmanager
async def running(
    app: func.FunctionApp,
    folder: Path,
    *,
    store: Queues | None = None,
    time: VirtualTime | None = None,
    **more: Any,
) -> AsyncIterator[Bench]:
    """A host that runs until the block ends, then stops without grace; requests come from 203.0.113.9:4711."""
    time = time or VirtualTime()
    queues = WakingQueues(store or EmbeddedQueues(":memory:", time.clock))
    host = a_host(app, folder, queues=queues, time=time, **more)
    transport = httpx.ASGITransport(app=host.site, client=("203.0.113.9", 4711))  # type: ignore[arg-type]
    host.start()
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://cabeceo.test") as client:
            yield Bench(host, client, queues, time)
    finally:
        await host.stop(grace=0)
        if store is None:
            await queues.close()
