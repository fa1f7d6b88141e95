"""The two queue services that must behave alike, and how time passes for each."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from shared.clients.queues.azure import AzureQueues
from shared.clients.queues.embedded import EmbeddedQueues
from shared.clients.queues.port import Queues
from shared.kernel.clock import ManualClock, SystemClock
from shared.kernel.settings import Settings

MAKERS = [pytest.param("embedded"), pytest.param("azure", marks=pytest.mark.stores)]


@dataclass
class Service:
    """One queue service under test; ``queue`` is a fresh name, ``tick`` lets a little time pass."""

    queues: Queues
    queue: str
    now: Callable[[], datetime]
    tick: Callable[[], Awaitable[None]]

    async def until(self, holds: Callable[[], Awaitable[object]]) -> None:
        """Let time pass until something holds; 100 ticks at most."""
        for _ in range(100):
            if await holds():
                return
            await self.tick()
        pytest.fail("it never held")


def connection_string() -> str:
    """Azurite's address; without one the real run fails, for a skipped proof is none."""
    return os.environ["AZURITE_CONNECTION_STRING"]


@pytest.fixture(params=MAKERS)
async def service(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Service]:
    """A service with an unused queue."""
    name = f"contract-{uuid4().hex}"
    if request.param == "embedded":
        clock = ManualClock(datetime(2026, 3, 1, tzinfo=UTC))

        async def advance() -> None:
            clock.advance(timedelta(milliseconds=100))

        made = Service(EmbeddedQueues(tmp_path / "queues.sqlite", clock), name, clock.now, advance)
    else:
        settings = Settings(queues="azure", azurewebjobsstorage=connection_string())
        made = Service(AzureQueues(settings), name, SystemClock().now, lambda: asyncio.sleep(0.1))
    yield made
    await made.queues.close()
