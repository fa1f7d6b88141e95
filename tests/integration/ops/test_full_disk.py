"""No room is left: new work is refused and says when to come again, what is there is read, and all goes on when there is room."""

import pytest

from shared.clients.documents.embedded import EmbeddedDocuments
from shared.clients.queues.embedded import EmbeddedQueues
from shared.kernel.clock import ManualClock
from tests.factories.app import NOW, make_app, sign_in
from tests.factories.client import Client

ME = "/api/people/me"
MORE = "PRAGMA max_page_count = 1073741823"


async def room(documents, statement):
    """How many pages the file may have."""
    await documents._run(lambda store: store._db.execute(statement).fetchall())


@pytest.fixture
async def full(tmp_path):
    """A worker whose file of documents has reached its end, and somebody who is known to it."""
    clock = ManualClock(NOW)
    app = make_app(
        folder=tmp_path,
        clock=clock,
        given_documents=EmbeddedDocuments(tmp_path / "documents.db", clock),
        given_queues=EmbeddedQueues(tmp_path / "queues.db", clock),
    )
    client, token = Client(app), sign_in(app, "uid-ana")
    assert (await client.patch(ME, json={"displayName": "Ana"}, token=token)).status == 200
    await room(app.documents, "PRAGMA max_page_count = 1")  # it never shrinks what is there
    yield app, client, token
    await app.close()


async def fill(client, token):
    """Campaigns until there is no room for another; gives the refusal."""
    for number in range(400):
        body = {
            "type": "organizer_broadcast",
            "organizerId": "org_1",
            "name": f"Number {number}",
            "deliveryChannels": ["inbox"],
            "content": {"title": "T", "body": "B" * 2000},
        }
        reply = await client.post("/api/messages/campaigns", json=body, token=token)
        if reply.status != 201:
            return number, reply
    raise AssertionError("there was room for all")


async def test_new_work_is_refused_and_what_is_there_is_read(full):
    app, client, ana = full
    admin = sign_in(app, "uid-admin", "admin")
    number, refused = await fill(client, admin)

    assert (refused.status, refused.code) == (503, "unavailable")
    assert int(refused.headers["Retry-After"]) > 0
    assert (await client.get(ME, token=ana)).json["displayName"] == "Ana"

    await room(app.documents, MORE)
    listed = await client.get("/api/messages/campaigns?limit=100", token=admin)
    assert len(listed.json["items"]) == min(number, 100)  # nothing half
    assert (await client.patch(ME, json={"displayName": "Ana Sol"}, token=ana)).status == 200
