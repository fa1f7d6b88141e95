"""Nothing personal is in a log line, whatever route is called and whatever goes wrong."""

import logging

import pytest

from shared.clients.documents.embedded import EmbeddedDocuments
from shared.clients.queues.port import ALL_QUEUES
from shared.kernel.clock import ManualClock
from tests.factories.app import NOW, make_app
from tests.factories.client import Client
from tests.factories.experience import work_off
from tests.factories.needs import UID
from tests.factories.operations import a_world, drain
from tests.factories.stores import Trouble

ADDRESS = "203.0.113.7"


def told(body):
    """What a person wrote: every text of a body that has a space in it, or more than 40 characters."""
    if isinstance(body, dict):
        return [text for inner in body.values() for text in told(inner)]
    if isinstance(body, list):
        return [text for inner in body for text in told(inner)]
    return [body] if isinstance(body, str) and (" " in body or len(body) > 40) else []


@pytest.mark.parametrize("step", [None, 1])
async def test_nothing_personal_is_logged(tmp_path, operation, caplog, step):
    """Ids of requests, jobs and messages are; who somebody is, where they call from, what they wrote and what opens doors are not."""
    caplog.set_level(logging.DEBUG)
    clock, trouble = ManualClock(NOW), Trouble("refuses")
    documents = trouble.around(EmbeddedDocuments(":memory:", clock))
    app = make_app(folder=tmp_path, clock=clock, given_documents=documents)
    world = await a_world(app, operation)
    token = world.token
    trouble.at = None if step is None else trouble.calls + step
    await world.send(Client(app, address=ADDRESS), token=token)
    trouble.at = None
    await drain(app)
    for queue in ALL_QUEUES:
        await work_off(app, queue)
    await app.close()

    said = "\n".join(f"{record.getMessage()} {record.exc_info or ''}" for record in caplog.records)
    assert f'"{operation.name}"' in said
    personal = [UID, ADDRESS, *told(world.body), *([token] if token else [])]
    assert [word for word in personal if word in said] == []
