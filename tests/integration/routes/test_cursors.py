"""Cursors are good for the list that they were given for, on every operation that has pages."""

import pytest

from shared.kernel.pagination import Cursors
from tests.factories.operations import operations

PAGED = [operation for operation in operations().values() if "cursor" in operation.parameters]
each_with_pages = pytest.mark.parametrize("operation", PAGED, ids=lambda operation: operation.name)


def test_there_are_lists():
    assert len(PAGED) > 10


@each_with_pages
async def test_a_cursor_of_another_list_or_of_ones_own_making_is_refused(app, client, world, operation):
    """Also one that we have signed, for something else."""
    others = app.cursors.encode(["2026-11-21T20:00:00+00:00", "x"], query="another list")
    forged = Cursors(["f" * 32]).encode([0], query="another list")
    altered = others[:-4] + ("AAAA" if others[-4:] != "AAAA" else "BBBB")
    for cursor in (others, forged, altered, "", ".", "a.b", others.upper()):
        reply = await world.send(client, target=world.target({"cursor": cursor}))
        assert (reply.status, reply.code) == (400, "bad_cursor"), cursor
