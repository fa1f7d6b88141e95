"""Where the embedded twins call SQLite: one call after the other, and never in the way of the event loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal, TypeVar, TypeVarTuple, Unpack

ResultT = TypeVar("ResultT")
Arguments = TypeVarTuple("Arguments")


class Lane:
    """Runs calls in their order: on a thread of its own where they may wait for the disk, else where it is asked.

    Args:
        path: what SQLite opens; ``":memory:"`` never waits, and a thread would take longer than the call.
        name: of the thread.
    """

    def __init__(self, path: Path | Literal[":memory:"], name: str) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name) if isinstance(path, Path) else None

    async def run(self, work: Callable[[Unpack[Arguments]], ResultT], *arguments: *Arguments) -> ResultT:
        """What the work gives or raises; whoever waits as well has a turn before it."""
        if self._thread is None:
            await asyncio.sleep(0)
            return work(*arguments)
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)
