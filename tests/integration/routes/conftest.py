"""Tests that hold of every operation in the OpenAPI document, also of those that are written later."""

import pytest

from tests.factories.operations import a_world, operations


@pytest.fixture(params=operations().values(), ids=operations())
def operation(request):
    """Each operation in turn."""
    return request.param


@pytest.fixture
async def world(app, operation):
    """A campaign, a person, and what the operation's request is about."""
    return await a_world(app, operation)
