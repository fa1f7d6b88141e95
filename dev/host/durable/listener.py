"""Keeps an engine going while the host runs."""

import asyncio
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any, Final

from dev.host.config import DurableOptions
from dev.host.durable.engine import Engine
from dev.host.durable.store import Store
from dev.host.invoking import Runtime
from dev.host.loading import Function
from shared.kernel.telemetry import log

_NAP_SECONDS: Final = 30.0
_KINDS: Final = ("orchestrationTrigger", "activityTrigger")


class DurableListener:
    """The orchestrations of one app; their file lies in the host's data folder, named for the task hub."""

    def __init__(
        self, functions: Sequence[Function], options: DurableOptions, data: Path, runtime: Runtime
    ) -> None:
        mine = [one for one in functions if one.kind in _KINDS and not one.disabled]
        self._runtime = runtime
        self._store = Store(data / "durable" / f"{options.hub_name}.sqlite")
        self.engine = Engine(mine, runtime.call, self._store, runtime.clock, options, spawn=self._spawn)
        self._stopping = False

    def stop(self) -> None:
        """Begin nothing more: what runs may end, the rest is there at the next start."""
        self._stopping = True
        self.engine.bell.set()

    def close(self) -> None:
        """Close the file, once nothing runs."""
        self._store.close()

    async def run(self) -> None:
        """Run what is due until stopped."""
        while not self._stopping:
            self.engine.bell.clear()
            self.engine.launch()
            await self._rest()

    async def _rest(self) -> None:
        """Wait for the bell, or for the next timer in short naps, which notice that the machine slept."""
        due = self._store.next_due()
        left = (due - self._runtime.clock.now()).total_seconds() if due else 0
        waits: list[asyncio.Future[Any]] = [asyncio.create_task(self.engine.bell.wait())]
        if left > 0:  # what is due and not begun waits for what runs
            waits.append(asyncio.ensure_future(self._runtime.pause(min(left, _NAP_SECONDS))))
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for one in waits:
            one.cancel()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        return self._runtime.start(self._guarded(work))

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception:  # noqa: BLE001 - the host's own fault: said, and tried again soon
            log().error("durable_step_failed", exc_info=True)
            await self._runtime.pause(1)
