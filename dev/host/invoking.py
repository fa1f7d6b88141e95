"""Runs functions as the worker does: coroutines on the event loop, others in a thread pool (platform-facts.md §3)."""

import asyncio
import contextvars
import functools
import inspect
import os
import uuid
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from dev.host.loading import Function
from shared.kernel.clock import Clock
from shared.kernel.telemetry import log

Pause = Callable[[float], Awaitable[None]]
"""Waits some seconds: ``asyncio.sleep``, or what a test lets pass."""


class Runtime:
    """Clock, pauses and invocations of one host; knows what is still under way when the host stops."""

    def __init__(self, clock: Clock, pause: Pause = asyncio.sleep) -> None:
        self.clock, self.pause = clock, pause
        self.durable_binding: Callable[[], str] = str  # what a durable client's parameter receives
        threads = os.environ.get("PYTHON_THREADPOOL_THREAD_COUNT")
        self._pool = ThreadPoolExecutor(int(threads) if threads else None, "function")
        self._tasks: set[asyncio.Task[None]] = set()
        self._threads: set[Future[Any]] = set()

    async def call(self, function: Function, value: Any) -> Any:
        """Run a function on its trigger's value; what it raises is raised here."""
        arguments = {function.trigger["name"]: value}
        arguments |= {name: self.durable_binding() for name in function.clients}
        if function.wants_context:
            arguments["context"] = SimpleNamespace(
                invocation_id=str(uuid.uuid4()),
                function_name=function.name,
                function_directory=str(Path(inspect.getfile(function.code)).parent),
            )
        if inspect.iscoroutinefunction(function.code):
            return await function.code(**arguments)
        work = functools.partial(function.code, **arguments)
        thread = self._pool.submit(contextvars.copy_context().run, work)
        self._threads.add(thread)
        thread.add_done_callback(self._threads.discard)
        return await asyncio.wrap_future(thread)

    async def attempt(self, function: Function, make_value: Callable[[], Any]) -> bool:
        """Run a function that nobody waits for; a failure is logged and gives False."""
        try:
            await self.call(function, make_value())
        except Exception:  # noqa: BLE001 - whatever it raises is its failure, not the host's
            log().error("function_failed", function=function.name, exc_info=True)
            return False
        return True

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Begin a piece of work that ``drain`` waits for."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def drain(self, seconds: float) -> bool:
        """Let what is under way end within some seconds, then cancel it.

        False means that a function still runs in a thread, which nothing but the end of the process stops.
        """
        tasks = list(self._tasks)
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        self._pool.shutdown(wait=False, cancel_futures=True)
        return not self._threads
