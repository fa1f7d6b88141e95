"""An engine over the samples."""

import pytest

from shared.kernel.clock import ManualClock
from tests.factories.app import NOW
from tests.factories.durable import Engine
from tests.integration.durable import samples


@pytest.fixture
async def engine():
    samples.DONE.clear()
    samples.FAILURES.clear()
    engine = Engine(None, samples.bp, clock=ManualClock(NOW))
    yield engine
    await engine.close()
