"""Reports of messages, and operators' decisions."""

import asyncio

import pytest

from shared.clients.documents.port import Query
from shared.messaging.threads.schemas import Until
from tests.factories.app import sign_in
from tests.factories.documents import After, FaultyDocuments
from tests.factories.threads import ANA, LUCIA, THREAD, favourite, seen, send, sent_id, texts, threads_of

URL = f"/api/messages/threads/{THREAD}/reports"
REPORTS = "/api/messages/reports"


@pytest.fixture
async def token(app):
    """Ana's, who has been sent two things that nobody wants."""
    await favourite(app)
    for text in ("Cheap", "shoes"):
        await send(app, LUCIA, text)
    await send(app, ANA, "No")
    return sign_in(app, "uid-ana")


@pytest.fixture
def operator(app):
    return sign_in(app, "uid-rita", "operator")


def body(*client_ids, author=LUCIA, **more):
    return {"messageIds": [sent_id(each, author) for each in client_ids], "reason": "spam"} | more


async def reported(client, token, **more):
    reply = await client.post(URL, json=body("Cheap", "shoes", **more), token=token)
    assert reply.status == 201
    return reply.json["reportId"]


async def trail(app):
    entries = [entry.data for entry in await app.documents.query(Query("auditTrail"))]
    return [entry for entry in entries if entry["kind"] == "report.decided"]


async def test_evidence_is_kept_as_it_was(app, client, token, operator):
    ident = await reported(client, token, comment="Every day!")
    (report,) = (await client.get(REPORTS, token=operator)).json["items"]

    assert report["reportId"] == ident
    assert [message["body"] for message in report["messages"]] == ["Cheap", "shoes"]
    assert (report["reportedBy"], report["organizerId"], report["comment"]) == ("user", "org_1", "Every day!")
    assert (await client.get(f"{REPORTS}/{ident}", token=operator)).json == report


async def test_the_same_messages_are_one_report(client, token, operator):
    first = await client.post(URL, json=body("Cheap", "shoes"), token=token)
    again = await client.post(URL, json=body("shoes", "Cheap", reason="scam"), token=token)

    assert (again.status, again.json) == (201, first.json)
    assert len((await client.get(REPORTS, token=operator)).json["items"]) == 1


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        (body("No", author=ANA), "/messageIds/0"),
        (body("Cheap", "nothing"), "/messageIds/1"),
        (body(), "/messageIds"),
        (body("Cheap", reason="boring"), "/reason"),
        (body("Cheap", comment="\u202e"), "/comment"),
    ],
)
async def test_only_messages_of_the_other_that_one_has(client, token, sent, pointer):
    reply = await client.post(URL, json=sent, token=token)

    assert (reply.status, reply.json["errors"][0]["pointer"]) == (422, pointer)


async def test_what_never_reached_somebody_cannot_be_reported_by_them(app, client, token):
    await app.threads.block(ANA, THREAD, Until())
    await send(app, LUCIA, "withheld")
    assert (await client.post(URL, json=body("withheld"), token=token)).status == 422


async def test_a_decision_is_made_once_and_stands_in_the_audit_trail(app, client, token, operator):
    url = f"{REPORTS}/{await reported(client, token)}/decision"
    decided = [
        await client.post(url, json={"outcome": "dismissed", "note": "Harmless."}, token=operator)
        for _ in range(2)
    ]
    otherwise = await client.post(url, json={"outcome": "removed"}, token=operator)

    assert [reply.status for reply in decided] == [200, 200]
    assert decided[0].json == decided[1].json
    assert (otherwise.status, otherwise.code) == (409, "report_decided")
    (entry,) = await trail(app)
    assert entry["subject"] == "organizer:org_1"
    assert entry["actor"].startswith("al_")
    assert "uid" not in str(entry)
    assert [
        len((await client.get(f"{REPORTS}?status={each}", token=operator)).json["items"])
        for each in ("open", "decided")
    ] == [0, 1]


async def test_removed_texts_are_gone_for_both_and_kept_in_the_report(app, client, token, operator):
    await send(app, LUCIA, "bye")
    ident = (await client.post(URL, json=body("Cheap", "bye"), token=token)).json["reportId"]
    before = await client.get(URL.replace("reports", "messages"), token=token)
    decision = await client.post(f"{REPORTS}/{ident}/decision", json={"outcome": "removed"}, token=operator)

    assert [message["body"] for message in decision.json["messages"]] == ["Cheap", "bye"]
    for reader in (ANA, LUCIA):
        assert await texts(app, reader) == ["", "shoes", "No", ""]
        assert [bool(message.removed) for message in await seen(app, reader)] == [True, False, False, True]
        assert (await threads_of(app, reader))[0].last_message.preview == ""
    assert (await threads_of(app, ANA))[0].unread == 3
    polled = await client.get(
        URL.replace("reports", "messages"), token=token, headers={"If-None-Match": before.headers["ETag"]}
    )
    assert polled.status == 200


async def test_operators_at_the_same_time_decide_once(app, client, token, operator):
    url = f"{REPORTS}/{await reported(client, token)}/decision"
    replies = await asyncio.gather(
        *(client.post(url, json={"outcome": each}, token=operator) for each in ("removed", "dismissed") * 3)
    )

    assert sorted(reply.status for reply in replies) == [200] * 3 + [409] * 3
    assert len(await trail(app)) == 1


async def test_a_decision_whose_answer_was_lost_is_made_once(app, client, token, operator):
    url = f"{REPORTS}/{await reported(client, token)}/decision"
    app.reports._documents = FaultyDocuments(app.documents).then("commit", After())
    replies = [await client.post(url, json={"outcome": "removed"}, token=operator) for _ in range(2)]

    assert [reply.status for reply in replies] == [503, 200]
    assert len(await trail(app)) == 1


async def test_an_organizer_reports_a_person_who_stands_under_their_alias(app, client, token, operator):
    olga = sign_in(app, "uid-lucia", "organizer", organizers=("org_1",))
    ident = (await client.post(URL, json=body("No", author=ANA), token=olga)).json["reportId"]
    await client.post(f"{REPORTS}/{ident}/decision", json={"outcome": "dismissed"}, token=operator)

    (entry,) = await trail(app)
    assert entry["subject"].startswith("al_")
    assert entry["subject"] != entry["actor"]


async def test_participants_do_not_see_reports(client, token):
    for method, path in (("GET", ""), ("GET", "/r_x"), ("POST", "/r_x/decision")):
        reply = await client.request(method, REPORTS + path, json={"outcome": "removed"}, token=token)
        assert reply.status == 403
