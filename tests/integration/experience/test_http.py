"""Decide, report and be remembered, through the whole middleware; and what hostile callers get."""

import json

import pytest

from tests.factories.app import sign_in
from tests.factories.experience import ULID, known_as, publish
from tests.factories.messaging import campaign

DECIDE, ACK = "/api/experience/decide", "/api/messages/ack"
BODY = {"releaseId": "r1", "visitorId": ULID}


@pytest.fixture(autouse=True)
async def noticed(app):
    await publish(app, campaign())
    yield
    await app.activity.drain()


async def test_a_visitor_is_shown_a_message_answers_it_and_is_not_asked_again(client, app):
    decision = await client.post(DECIDE, json=BODY)
    (message,) = decision.json["messages"]
    report = {"deliveryId": message["deliveryId"], "action": "acknowledged", "ackToken": message["ackToken"]}
    ack = await client.post(ACK, json=report)

    assert decision.status == ack.status == 200
    assert decision.json["personType"] == "ip"
    assert message["content"]["title"] == "Milonga tonight"
    assert ack.json["deliveryStatus"] == "acknowledged"
    assert set(ack.json["timestamps"]) == {"createdAt", "deliveredAt", "seenAt", "ackAt", "expiresAt"}
    assert (await client.post(DECIDE, json=BODY)).json["messages"] == []
    assert (await client.post(ACK, json=report)).json == ack.json


async def test_the_answer_tells_what_it_cost(client, app):
    await client.post(DECIDE, json=BODY, token=sign_in(app, "uid-first"))
    reply = await client.post(DECIDE, json=BODY, token=sign_in(app, "uid-ana"))

    assert 'reads;desc="2"' in reply.headers["Server-Timing"]
    assert 'writes;desc="2"' in reply.headers["Server-Timing"]


async def test_decisions_and_reports_are_reported_without_any_key(client, app, caplog):
    message = (await client.post(DECIDE, json=BODY)).json["messages"][0]
    await client.post(
        ACK, json={"deliveryId": message["deliveryId"], "action": "seen", "ackToken": message["ackToken"]}
    )
    names = [json.loads(record.message)["event"] for record in caplog.records if record.name == "cabeceo"]

    assert "message_decision" in names
    assert "message_ack" in names
    assert known_as(app).key not in caplog.text
    assert message["ackToken"] not in caplog.text
    assert ULID not in caplog.text


async def test_a_forged_forwarding_header_is_no_other_visitor(client, app):
    """The address is the one that the trusted proxy saw."""
    body = {"releaseId": "r1"}
    assert len((await client.post(DECIDE, json=body)).json["messages"]) == 1
    forged = await client.post(DECIDE, json=body, headers={"X-Forwarded-For": "198.51.100.99"})
    other = await client.post(DECIDE, json=body, address="198.51.100.99")

    assert forged.json["messages"] == []
    assert len(other.json["messages"]) == 1


async def test_a_bad_token_is_no_visitor(client):
    assert (await client.post(DECIDE, json=BODY, token="x.y.z")).status == 401


async def test_another_persons_delivery_is_404(client, app):
    ana, bob = sign_in(app, "uid-ana"), sign_in(app, "uid-bob")
    message = (await client.post(DECIDE, json=BODY, token=ana)).json["messages"][0]
    report = {"deliveryId": message["deliveryId"], "action": "seen"}

    for token in (bob, None):
        reply = await client.post(ACK, json=report, token=token)
        assert (reply.status, reply.code) == (404, "not_found")
    assert (await client.post(ACK, json=report, token=ana)).status == 200


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/releaseId"),
        ({**BODY, "releaseId": {"$gt": ""}}, "/releaseId"),
        ({**BODY, "releaseId": "r" * 65}, "/releaseId"),
        ({**BODY, "releaseId": "r1\u202e"}, "/releaseId"),
        ({**BODY, "visitorId": "me"}, "/visitorId"),
        ({**BODY, "visitorId": "v_" + "0" * 32}, "/visitorId"),
        ({**BODY, "locale": "<script>"}, "/locale"),
        ({**BODY, "page": "javascript:alert(1)"}, "/page"),
        ({**BODY, "page": "/" + "x" * 500}, "/page"),
        ({**BODY, "featureFlags": ["a"] * 51}, "/featureFlags"),
        ({**BODY, "featureFlags": "a"}, "/featureFlags"),
        ({**BODY, "channels": ["popup"]}, "/channels/0"),
        ({**BODY, "geo": {"country": "Narnia"}}, "/geo/country"),
        ({**BODY, "personKey": "uid-ana"}, "/personKey"),
        ({**BODY, "now": "2030-01-01T00:00:00Z"}, "/now"),
    ],
)
async def test_what_does_not_fit_is_refused_with_its_place(client, body, pointer):
    reply = await client.post(DECIDE, json=body)

    assert reply.status == 422
    assert reply.json["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"deliveryId": "d"},
        {"deliveryId": "d", "action": "delivered"},
        {"deliveryId": ["d"], "action": "seen"},
    ],
)
async def test_a_report_that_does_not_fit(client, body):
    assert (await client.post(ACK, json=body)).status == 422


async def test_a_zone_that_only_the_browser_knows_is_ignored(client):
    reply = await client.post(
        DECIDE, json={**BODY, "timezone": "Mars/Olympus_Mons", "locale": "es-AR", "page": "/"}
    )

    assert reply.status == 200


async def test_explanations_are_for_admins_and_organizers(client, app):
    target = f"{DECIDE}?explain=true"
    admin = await client.post(target, json=BODY, token=sign_in(app, "uid-admin", "admin"))

    assert [row["reason"] for row in admin.json["trace"]] == ["shown"]
    assert (await client.post(target, json=BODY)).status == 401
    assert (await client.post(target, json=BODY, token=sign_in(app, "uid-ana"))).status == 403
    assert "trace" not in (await client.post(DECIDE, json=BODY)).json
