"""Events over HTTP, to the queue, to MongoDB: what is taken, what is refused, what survives."""

import asyncio
import hashlib
from datetime import timedelta

import pytest

from shared import wiring
from shared.analytics.behaviour.models import COLLECTION
from shared.analytics.intake.models import Event, from_envelope, texts
from shared.analytics.intake.rules import event_key
from shared.clients.documents.port import Query
from shared.clients.errors import StoreUnavailable
from shared.kernel.envelope import Envelope
from tests.factories.activity import life
from tests.factories.app import NOW, make_app, make_settings, sign_in
from tests.factories.client import Client
from tests.factories.experience import WORKERS, ask, function, sweep, work_off

KEY = "sk_" + "k" * 40
VISITOR = "01JD3K8M5V7Q9X2R4T6W8Y0Z1A"


@pytest.fixture
async def app(tmp_path):
    digest = hashlib.sha256(KEY.encode()).hexdigest()
    other = hashlib.sha256(KEY.upper().encode()).hexdigest()
    settings = make_settings(
        cabeceo_data=tmp_path, server_keys=[f"tickets:track+credits:{digest}", f"mail:other:{other}"]
    )
    app = make_app(folder=tmp_path, settings=settings)
    yield app
    await app.close()
    wiring.use(None)


def view(**more):
    return {"eventType": "view", "metadata": {"eventId": "e1", "timezone": "Europe/Rome"}} | more


async def track(client, *events, key=None, **body):
    headers = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140"}
    return await client.post("/api/track", json={"events": list(events)} | body, token=key, headers=headers)


async def behaviour(app, key):
    await work_off(app, "activity")
    found = await app.analytics.find(COLLECTION, {"_id": key})
    return found[0] if found else None


async def rows(app):
    await work_off(app, "activity")
    return await app.analytics.find("activity_2026_11", {}, order=[("_id", 1)])


async def test_a_visitors_events_are_counted(app, client):
    reply = await track(client, view(eventId="1"), view(eventId="2"), visitorId=VISITOR)
    assert reply.status == 202
    assert reply.json == {
        "accepted": 2,
        "items": [
            {"index": 0, "eventId": "1", "status": "accepted"},
            {"index": 1, "eventId": "2", "status": "accepted"},
        ],
    }
    assert {row["type"] for row in await rows(app)} == {"view"}


async def test_an_event_sent_again_counts_once(app, client):
    for _ in range(3):
        await track(client, view(eventId="1"), visitorId=VISITOR)
    assert len(await rows(app)) == 1


async def test_one_persons_ids_are_not_anothers(app, client):
    await track(client, view(eventId="1"), visitorId=VISITOR)
    await track(client, view(eventId="1"), key=sign_in(app, "ana"))
    assert len(await rows(app)) == 2


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (
            {"eventType": "purchase", "metadata": {"eventId": "e", "amount": 1, "currency": "EUR"}},
            "server_only",
        ),
        (
            {"eventType": "seat_change", "metadata": {"eventId": "e", "taken": 1, "capacity": 2}},
            "server_only",
        ),
        (view(personKey="somebody"), "not_yours"),
        (view(timestamp=(NOW + timedelta(minutes=6)).isoformat()), "too_new"),
        (view(timestamp=(NOW - timedelta(hours=73)).isoformat()), "too_old"),
        ({"eventType": "view", "metadata": {}}, "invalid_metadata"),
        ({"eventType": "view", "metadata": {"eventId": "$where"}}, "invalid_metadata"),
        ({"eventType": "view", "metadata": {"eventId": "e", "timezone": "Mars/Base"}}, "invalid_metadata"),
        ({"eventType": "checkin", "metadata": {"eventId": "e", "eventType": "waltz"}}, "invalid_metadata"),
        ({"eventType": "custom", "metadata": {"$set": 1}}, "invalid_metadata"),
        ({"eventType": "custom", "metadata": {"a.b": 1}}, "invalid_metadata"),
        ({"eventType": "custom", "metadata": {"a": {"b": 1}}}, "invalid_metadata"),
        ({"eventType": "custom", "metadata": {f"f{n}": n for n in range(21)}}, "invalid_metadata"),
        ({"eventType": "custom", "metadata": {"a": "x" * 513}}, "invalid_metadata"),
    ],
)
async def test_what_is_refused_says_why_and_harms_no_other(app, client, event, code):
    reply = await track(client, event, view(eventId="good"), visitorId=VISITOR)
    assert reply.status == 202
    assert [item.get("code") for item in reply.json["items"]] == [code, None]
    assert [row["type"] for row in await rows(app)] == ["view"]


async def test_a_timestamp_within_the_window_is_kept(app, client):
    at = NOW - timedelta(hours=71)
    await track(
        client, view(timestamp=at.isoformat()), view(timestamp=(NOW + timedelta(minutes=4)).isoformat())
    )
    assert sorted(row["at"] for row in await rows(app)) == [at, NOW + timedelta(minutes=4)]


async def test_a_server_tells_of_money_for_anyone(app, client):
    sale = {"eventId": "e1", "quantity": 2, "amount": 3000, "currency": "EUR", "organizerId": "o1"}
    reply = await track(
        client,
        {"eventId": "s1", "eventType": "purchase", "personKey": "ana", "metadata": sale},
        {
            "eventId": "s2",
            "eventType": "refund",
            "personKey": "ana",
            "metadata": sale | {"quantity": 1, "amount": 1500},
        },
        {"eventType": "purchase", "metadata": sale},
        key=KEY,
    )
    assert [item.get("code") for item in reply.json["items"]] == [None, None, "person_missing"]
    found = await behaviour(app, "ana")
    assert (found["purchases"]["count"], found["purchases"]["spent"]) == (1, {"EUR": 1500})
    [day] = await app.analytics.find("eventDay", {"event": "e1"})
    assert (day["tickets"], day["refunds"], day["revenue"], day["organizer"]) == (1, 1, {"EUR": 1500}, "o1")


async def test_a_key_needs_its_scope_and_nothing_else_will_do(client, app):
    assert (await track(client, view(personKey="ana"), key=KEY.upper())).status in (401, 403)
    assert (await track(client, view(), key="sk_" + "x" * 40)).status == 401
    assert (await client.get("/api/people/me", token=KEY)).status in (401, 403)


async def test_a_check_in_counts_once_for_each_social_day(app, client):
    def checkin(at):
        return {
            "eventType": "checkin",
            "timestamp": at,
            "metadata": {
                "eventId": "e1",
                "eventType": "milonga",
                "cityId": "ba",
                "timezone": "America/Argentina/Buenos_Aires",
            },
        }

    token = sign_in(app, "ana")
    # 23:00 and 02:00 of one night in Buenos Aires, and the next evening
    for at in ("2026-11-19T02:00:00Z", "2026-11-19T05:00:00Z", "2026-11-20T02:00:00Z"):
        await track(client, checkin(at), key=token)
    found = await behaviour(app, "ana")
    assert found["attendance"]["checkins"] == 2
    assert found["travelPattern"]["lastCities"] == ["ba"]
    assert await app.analytics.count("checkins", {"person": "ana"}) == 2
    assert (
        await app.profile_repository.read(app.visitors.identify("ana", visitor_id=None, address="", now=NOW))
    ).attendance.total == 2


async def test_bots_are_kept_with_a_reason_and_left_out(app, client):
    await client.post(
        "/api/track", json={"events": [view()], "visitorId": VISITOR}, headers={"User-Agent": "Googlebot/2.1"}
    )
    [row] = await rows(app)
    assert row["bot"] == "user_agent"
    [day] = await app.analytics.find("eventDay", {"event": "e1"})
    assert (day["counts"], day["bots"]) == ({}, {"user_agent": 1})


async def test_a_decision_is_a_visit_and_a_fresh_token_a_login(app):
    from shared.people.access import Principal

    for _ in range(3):
        await ask(app, Principal("ana", signed_in_at=NOW - timedelta(minutes=10)), timezone="Europe/Rome")
    await app.activity.drain()
    found = await behaviour(app, "ana")
    assert found["engagement"]["totalVisits"] == 1
    assert sum(found["sessionTiming"]["hourOfDayDistribution"]) == 1
    assert found["sessionTiming"]["peakLoginHour"] == 20


async def test_what_people_do_on_the_site_is_told_by_itself(app):
    from shared.people.access import Principal
    from tests.factories.experience import answer, publish
    from tests.factories.messaging import campaign

    await publish(app, campaign())
    ana = Principal("ana")
    [message] = (await ask(app, ana)).messages
    for action in ("seen", "seen", "clicked", "dismissed"):
        await answer(app, message, action, ana)
    await app.favorites.add("ana", "org_1")
    await app.favorites.add("ana", "org_1")
    await app.favorites.add("ana", "org_2")
    app.clock.advance(timedelta(seconds=1))
    await app.favorites.remove("ana", "org_2")
    await app.events.drain()
    found = await behaviour(app, "ana")
    assert found["messages"] == {"seen": 1, "clicked": 1}
    assert found["following"] == ["org_1"]
    assert len(found["favorites"]) == 2


class Away:
    """A MongoDB that does not answer."""

    def __getattr__(self, name):
        async def call(*_arguments, **_named):
            raise StoreUnavailable

        return call


async def test_mongodb_away_for_ten_minutes_loses_nothing(app, client):
    for n in range(5):
        await track(client, view(eventId=str(n)), visitorId=VISITOR)
    real, app.ingest._analytics, app.ingest._folding._analytics = app.analytics, Away(), Away()
    for _ in range(10):
        await work_off(app, "activity")
        app.clock.advance(timedelta(minutes=1))
    assert await app.queues.length("activity") == 5
    assert await app.queues.length("activity-poison") == 0
    app.ingest._analytics = app.ingest._folding._analytics = real
    await work_off(app, "activity", times=2)
    assert len(await rows(app)) == 5


async def test_with_the_queue_away_events_are_staged_and_still_answered(app, client):
    class Broken:
        def __getattr__(self, name):
            async def call(*_arguments, **_named):
                raise StoreUnavailable

            return call

    queues, app.handover._queues = app.queues, Broken()
    assert (await track(client, view(eventId="1"), visitorId=VISITOR)).status == 202
    assert len(await app.documents.query(Query("analyticsEvents"))) == 1
    app.handover._queues = queues
    await sweep(app)
    assert len(await rows(app)) == 1
    assert await app.documents.query(Query("analyticsEvents")) == []


async def test_with_both_away_nobody_is_told_that_it_was_taken(app, client):
    class Broken:
        async def give(self, _message, **_more):
            return False

    real, app.packing._handover = app.packing._handover, Broken()
    assert (await track(client, view(eventId="1"), visitorId=VISITOR)).status == 503
    app.packing._handover = real
    assert (await track(client, view(eventId="1"), visitorId=VISITOR)).status == 202
    assert len(await rows(app)) == 1


async def test_requests_of_one_moment_share_a_message(app, client):
    app.tracking._gathering._linger = 0.2
    replies = await asyncio.gather(
        *(track(client, view(eventId=str(n)), visitorId=VISITOR) for n in range(20))
    )
    assert {reply.status for reply in replies} == {202}
    assert await app.queues.length("activity") == 1
    assert len(await rows(app)) == 20


def test_hundreds_of_events_share_a_message_and_come_out_as_they_went_in():
    events = life(500)
    [text] = texts(events)
    assert len(text) < 48 * 1024
    message = Envelope(kind="events", id="b", key="", at=NOW, data={"z": text})
    assert from_envelope(message) == events


def test_events_that_do_not_pack_are_split():
    import os

    events = [
        Event(event_key("x", str(n)), "custom", 1, "p", "user", "browser", {"a": os.urandom(255).hex()})
        for n in range(300)
    ]
    packed = list(texts(events))
    assert len(packed) > 1
    assert all(len(text) < 48 * 1024 for text in packed)
    found = [
        each
        for text in packed
        for each in from_envelope(Envelope(kind="events", id="b", key="", at=NOW, data={"z": text}))
    ]
    assert found == events


def test_the_queue_has_its_worker():
    assert function(*WORKERS["activity"])
    assert Client
