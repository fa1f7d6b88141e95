"""Each request is one structured line, with ids and its cost, and nothing about anybody."""

import json

from tests.factories.app import sign_in


def lines(caplog):
    return [json.loads(record.message) for record in caplog.records if record.name == "cabeceo"]


async def test_a_request_is_reported_under_its_route(client, caplog):
    caplog.set_level("INFO", "cabeceo")
    reply = await client.get("/api/notes?limit=5", headers={"X-Correlation-Id": "visit-2026-11"})

    (line,) = lines(caplog)
    assert line["event"] == "http_request"
    assert (line["route"], line["method"], line["status"]) == ("notes_list", "GET", 200)
    assert (line["request_id"], line["correlation_id"]) == (reply.headers["X-Request-Id"], "visit-2026-11")
    assert line["operations"] == {"read": 2}


async def test_a_route_with_an_event_is_reported_as_that(client, caplog):
    caplog.set_level("INFO", "cabeceo")
    await client.post("/api/notes", json={"text": "hi"})

    (line,) = lines(caplog)
    assert (line["event"], line["route"], line["status"]) == ("note_added", "notes_add", 201)
    assert line["operations"] == {"read": 2, "write": 1}


async def test_an_error_is_told_by_its_type_and_place(client, sample, caplog):
    caplog.set_level("INFO", "cabeceo")
    sample.fail = ValueError("+1 555 0100")
    await client.get("/api/notes")

    failed, request = lines(caplog)
    assert (failed["event"], failed["error"], request["status"]) == ("unhandled_error", "ValueError", 500)
    assert any(place.startswith("conftest.py:") for place in failed["at"])


async def test_nothing_personal_is_reported(app, client, caplog):
    """No address, token, uid, body, query or path value."""
    caplog.set_level("DEBUG", "cabeceo")
    token = sign_in(app, "ana-uid", "organizer")
    await client.patch("/api/notes/private-id?phone=5550100", json={"text": "my secret"}, token=token)
    await client.post("/api/notes", json={"text": "my secret"}, headers={"Idempotency-Key": "k5550100"})
    await client.get("/api/notes", token="x.y.z")

    for word in ("203.0.113.7", token, "ana-uid", "my secret", "5550100", "private-id", "x.y.z"):
        assert word not in caplog.text
