"""How one worker's objects end: nothing buffered is lost, nothing open is forgotten."""

import pytest

from shared.wiring import App


class Client:
    """Notes its end; ``fails`` makes it a bad one."""

    def __init__(self, told, *, fails=False):
        self._told, self._fails = told, fails

    async def close(self):
        self._told.append("closed")
        if self._fails:
            raise RuntimeError


async def test_buffers_are_handed_over_in_order_before_anything_is_closed():
    told = []

    async def first():
        told.append("first")

    async def second():
        told.append("second")

    app = App(given_documents=Client(told), given_queues=Client(told), given_directory=Client(told))
    app.draining += [first, second]
    assert app.documents
    assert app.queues
    await app.close()
    assert told == ["first", "second", "closed", "closed"]


async def test_a_failure_does_not_keep_the_rest_open():
    told = []

    async def broken():
        raise ConnectionError

    app = App(given_documents=Client(told), given_queues=Client(told, fails=True))
    app.draining.append(broken)
    assert app.documents
    assert app.queues
    with pytest.raises((ConnectionError, RuntimeError)):
        await app.close()
    assert told == ["closed", "closed"]


async def test_what_was_never_built_is_not_built_to_be_closed():
    await App().close()
