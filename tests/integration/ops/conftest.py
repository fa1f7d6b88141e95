"""The person whose data the jobs are about."""

import pytest

from tests.factories.app import sign_in


@pytest.fixture
async def drained(app):
    """What left the answers' path arrives before the test is over."""
    yield
    await app.activity.drain()


@pytest.fixture
def ana(app):
    return sign_in(app, "uid-ana")
