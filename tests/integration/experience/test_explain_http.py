"""Explanations over HTTP: what admins and organizers get, and that nobody else gets anything."""

from datetime import timedelta

import orjson
import pytest

from shared.messaging.campaigns.models import Scheduling
from tests.factories.app import sign_in
from tests.factories.experience import ULID, known_as, publish
from tests.factories.messaging import campaign

BODY = {"releaseId": "r1", "visitorId": ULID}
DECIDE = "/api/experience/decide"


@pytest.fixture(autouse=True)
async def drained(app):
    yield
    await app.activity.drain()


async def test_every_check_tells_its_values(app, client):
    start = app.clock.now() + timedelta(days=1)
    await publish(app, campaign(scheduling=Scheduling(start_at=start)))
    reply = await client.post(f"{DECIDE}?explain=true", json=BODY, token=sign_in(app, "admin", "admin"))
    (row,) = reply.json["trace"]
    window = next(each for each in row["checks"] if each["check"] == "window")

    assert (row["check"], row["reason"], row["until"]) == ("window", "not_started", "2026-11-22T20:00:00Z")
    assert window["wanted"] == {"startAt": "2026-11-22T20:00:00Z", "endAt": None}
    assert window["actual"] == {"now": "2026-11-21T20:00:00Z"}


async def test_a_kept_decision_is_read_back_over_http(app, client):
    await publish(app, campaign())
    admin = sign_in(app, "admin", "admin")
    made = (await client.post(f"{DECIDE}?explain=true", json=BODY, token=admin)).json
    await app.decision_log.drain()
    path = f"/api/experience/decisions/{made['decisionId']}"
    told = await client.get(f"{path}?replay=now", token=admin)

    assert told.status == 200
    assert told.json["exact"]
    assert told.json["trace"] == made["trace"]
    assert told.json["difference"]["campaigns"] == []
    assert known_as(app).key not in orjson.dumps(told.json).decode()
    assert (await client.get(path, token=sign_in(app, "uid-ana"))).status == 403
    assert (await client.get(path)).status == 401
    assert (await client.get(path, token=sign_in(app, "o", "organizer", organizers=("org_9",)))).status == 404
    assert (await client.get(f"{path}?replay=then", token=admin)).status == 422


async def test_a_message_tells_its_reader_why(app, client):
    await publish(app, campaign())
    (message,) = (await client.post(DECIDE, json=BODY)).json["messages"]

    assert message["reason"] == {"code": "everyone", "text": "Because it is for everyone"}
