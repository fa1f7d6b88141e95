"""Alive says that the process answers; ready, that every store does."""

import asyncio

from shared.clients.errors import StoreUnavailable


class Dark:
    """A store that does not answer."""

    def __init__(self, error=None):
        self.error = error

    async def ping(self):
        if self.error:
            raise self.error
        await asyncio.Event().wait()

    async def close(self):
        pass


async def test_alive_asks_no_store(app, client):
    app.documents = app.queues = Dark(StoreUnavailable("x"))
    reply = await client.get("/api/health")

    assert (reply.status, reply.json) == (200, {"status": "alive"})
    assert "reads" not in reply.headers["Server-Timing"]


async def test_ready_when_every_store_answers(client):
    reply = await client.get("/api/ready")

    assert (reply.status, reply.json) == (200, {"status": "ready", "stores": ["documents", "queues"]})


async def test_not_ready_names_the_store_that_is_dark(app, client):
    app.queues = Dark(StoreUnavailable("AccountKey=secret"))
    reply = await client.get("/api/ready")

    assert (reply.status, reply.code, reply.json["detail"]) == (503, "not_ready", "No answer from: queues.")
    assert reply.headers["Retry-After"]
    assert b"secret" not in reply.body


async def test_a_store_that_hangs_is_given_up_in_time(app, client, monkeypatch):
    """Within a second each; shortened here, because it is the event loop's timer."""
    monkeypatch.setattr("blueprints.ops.health_http._PATIENCE_SECONDS", 0.01)
    app.documents = Dark()

    assert (await client.get("/api/ready")).json["detail"] == "No answer from: documents."
