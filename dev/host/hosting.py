"""One host: listeners and web site over the functions of one app, and its clean stop."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import uvicorn

from dev.host.config import HostJson, Keys
from dev.host.durable.listener import DurableListener
from dev.host.durable.management import Management
from dev.host.http import Extras, Site
from dev.host.invoking import Pause, Runtime
from dev.host.loading import Function
from dev.host.queues import QueueListener, WakingQueues
from dev.host.timers import TimerListener
from shared.kernel.clock import Clock, SystemClock

GRACE_SECONDS: Final = 10
_UVICORN: Final[dict[str, Any]] = {
    "http": "httptools", "ws": "none", "lifespan": "off", "log_config": None, "access_log": False,
    "proxy_headers": False, "server_header": False,
}  # fmt: skip


class Host:
    """Runs an app's functions. ``data`` keeps its keys, the timers' status and the orchestrations."""

    def __init__(
        self,
        functions: Sequence[Function],
        settings: HostJson,
        queues: WakingQueues,
        data: Path,
        extras: Extras = Extras(),  # noqa: B008 - immutable
        *,
        clock: Clock | None = None,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self._runtime = runtime = Runtime(clock or SystemClock(), pause)
        self.keys = Keys.kept_in(data / "host-keys.json")
        self._durable = DurableListener(functions, settings.extensions.durable_task, data, runtime)
        self.durable = Management(self._durable.engine, self.keys.system)
        runtime.durable_binding = self.durable.binding
        self.site = Site(functions, settings, self.keys, runtime, extras=extras, durable=self.durable)
        queued, timed = (
            [function for function in functions if function.kind == kind and not function.disabled]
            for kind in ("queueTrigger", "timerTrigger")
        )
        options = settings.extensions.queues
        self._queues = [QueueListener(function, queues, options, runtime) for function in queued]
        self._timers = [TimerListener(function, data / "timers", runtime) for function in timed]
        self._polling: list[asyncio.Task[None]] = []
        self._ticking: list[asyncio.Task[None]] = []
        self._orchestrating: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start the listeners of queues, timers and orchestrations."""
        self._orchestrating = asyncio.create_task(self._durable.run())
        self._polling = [asyncio.create_task(listener.run()) for listener in self._queues]
        self._ticking = [asyncio.create_task(listener.run()) for listener in self._timers]

    async def stop(self, grace: float = GRACE_SECONDS) -> bool:
        """Take nothing new, let what runs end within some seconds, release the messages of what did not.

        False means that a function still runs in a thread.
        """
        for listener in self._queues:
            listener.stop()
        for task in self._ticking:
            task.cancel()
        self._durable.stop()
        orchestrating = [self._orchestrating] if self._orchestrating else []
        await asyncio.gather(*self._polling, *self._ticking, *orchestrating, return_exceptions=True)
        ended = await self._runtime.drain(grace)
        self._durable.close()
        return ended

    async def serve(self, address: socket.socket, stop: asyncio.Event, grace: int = GRACE_SECONDS) -> bool:
        """Serve on a bound socket until ``stop`` is set, then stop cleanly; see ``stop`` for what it gives."""
        server = _Server(uvicorn.Config(self.site, timeout_graceful_shutdown=grace, **_UVICORN))
        name, port = address.getsockname()[:2]
        self.durable.address = f"http://{'127.0.0.1' if name in ('0.0.0.0', '::') else name}:{port}"  # noqa: S104
        self.start()
        serving = asyncio.create_task(server.serve(sockets=[address]))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        server.should_exit = True
        _, ended = await asyncio.gather(serving, self.stop(grace))
        return ended


class _Server(uvicorn.Server):
    """Leaves signals to whoever runs the host."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield
