"""Inboxes as their readers use them: what is there, what comes back, what is gone, and what it costs."""

import asyncio
from datetime import timedelta

import pytest

from shared.clients.documents.port import Set
from shared.kernel.errors import NotFound
from shared.messaging.inbox.schemas import InboxChange, InboxQuery, ReadAllQuery
from shared.people.access import Principal
from tests.factories.app import NOW, sign_in
from tests.factories.documents import After, Before, FaultyDocuments
from tests.factories.experience import cost, publish
from tests.factories.inbox import (
    ANA,
    announcement,
    campaigns_in,
    change,
    counted,
    item_id,
    listed,
    put,
    several,
)
from tests.factories.messaging import delivery

URL = "/api/messages/inbox"
ADMIN = Principal("admin", frozenset({"admin"}))
HOUR = timedelta(hours=1)


@pytest.fixture
def token(app):
    return sign_in(app, ANA)


class TestPut:
    async def test_a_message_is_put_once_however_often_it_is_sent(self, app):
        assert [await app.inbox.put(announcement(), ANA) for _ in range(3)] == [True, False, False]
        await change(app, item_id(), read=True)
        await app.inbox.put(announcement(), ANA)

        (item,) = await listed(app)
        assert (item.state, item.content.title) == ("read", "Milonga tonight")

    async def test_a_lost_answer_and_twenty_at_once_are_one_message(self, app):
        app.documents = faulty = FaultyDocuments(app.documents)
        faulty.then("commit", After(), Before())
        results = await asyncio.gather(
            *(app.inbox.put(announcement(), ANA) for _ in range(20)), return_exceptions=True
        )

        assert sum(result is True for result in results) <= 1
        assert await counted(app) == (1, 1)

    async def test_it_costs_one_write(self, app):
        assert await cost(app.inbox.put(announcement(), ANA)) == {"write": 1}

    async def test_a_message_is_kept_to_the_end_of_the_180th_day_or_until_its_campaign_ends(self, app):
        await put(app, "c_long", end_at=NOW + timedelta(days=1000))
        await put(app, "c_short", end_at=NOW + HOUR)

        expiry = {item.campaign_id: item.expires_at for item in await listed(app)}
        assert expiry == {"c_long": NOW + timedelta(days=180, hours=4), "c_short": NOW + HOUR}


class TestList:
    async def test_newest_first_page_by_page_while_others_come_and_go(self, app, client, token):
        made = await several(app, 25)
        first = (await client.get(f"{URL}?limit=10", token=token)).json
        await put(app, "c_new")
        await change(app, made[3], archived=True)
        second = (await client.get(f"{URL}?limit=10&cursor={first['nextCursor']}", token=token)).json
        third = (await client.get(f"{URL}?limit=10&cursor={second['nextCursor']}", token=token)).json

        seen = [item["deliveryId"] for page in (first, second, third) for item in page["items"]]
        assert seen == [ident for ident in reversed(made) if ident != made[3]]
        assert "nextCursor" not in third

    async def test_a_cursor_belongs_to_its_reader_and_its_filters(self, app, client, token):
        await several(app, 3)
        cursor = (await client.get(f"{URL}?limit=1", token=token)).json["nextCursor"]
        bruno = sign_in(app, "uid-bruno")

        for target, who in ((f"{URL}?cursor={cursor}", bruno), (f"{URL}?state=read&cursor={cursor}", token)):
            assert (await client.get(target, token=who)).code == "bad_cursor"

    async def test_one_organizers_messages(self, app):
        await put(app, "c_1", organizer="org_1")
        await put(app, "c_2", organizer="org_2")

        assert await campaigns_in(app, organizerId="org_2") == ["c_2"]

    async def test_nobody_sees_what_is_anothers(self, app):
        await put(app, "c_dj", uid="uid-bruno")

        assert await listed(app) == []
        assert await counted(app) == (0, 0)

    async def test_a_page_of_20_costs_23_reads_and_later_pages_22(self, app):
        await several(app, 45)
        query = InboxQuery(limit=20)
        assert await cost(app.inbox.page(ANA, query)) == {"read": 23}
        cursor = (await app.inbox.page(ANA, query)).body.next_cursor
        assert await cost(app.inbox.page(ANA, InboxQuery(limit=20, cursor=cursor))) == {"read": 22}


class TestChange:
    async def test_every_state_can_be_taken_back(self, app):
        (ident,) = await put(app, "c_dj")
        for fields, state in [
            ({"read": True}, "read"),
            ({"read": False}, "unread"),
            ({"archived": True}, "archived"),
            ({"archived": False}, "unread"),
            ({"read": True, "archived": True}, "archived"),
            ({"archived": False}, "read"),
        ]:
            changed = await change(app, ident, **fields)
            assert changed.state == state
            assert [item.state for item in await listed(app, state=state)] == [state]

        assert changed.revision == 6

    async def test_it_costs_one_read_and_one_write_and_a_repeat_only_the_read(self, app):
        (ident,) = await put(app, "c_dj")
        assert await cost(change(app, ident, read=True)) == {"read": 1, "write": 1}
        assert await cost(change(app, ident, read=True)) == {"read": 1}

    async def test_opening_a_message_acknowledges_its_delivery_for_good(self, app):
        """Acknowledgements are captured when the person opens the message (messaging-platform.md §6.2)."""
        (ident,) = await put(app, "c_dj")
        await change(app, ident, read=True)
        await change(app, ident, read=False)

        delivery = await app.deliveries.get(ident)
        assert delivery.status == "acknowledged"
        assert {"seenAt", "ackAt"} <= delivery.timestamps.keys()

    async def test_a_report_beside_it_is_not_lost(self, app, client, token):
        (ident,) = await put(app, "c_dj")
        await change(app, ident, archived=True)
        await client.post("/api/messages/ack", json={"deliveryId": ident, "action": "clicked"}, token=token)

        (item,) = await listed(app, state="archived")
        assert (await app.deliveries.get(ident)).status == "clicked"
        assert item.revision == 1

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({"read": None}, "/read"),
            ({"read": "yes"}, "/read"),
            ({"revision": 7}, "/revision"),
            ({"archived": True, "snoozedUntil": "2026-11-22T20:00:00Z"}, ""),
            ({"snoozedUntil": "2026-11-21T20:00:00Z"}, "/snoozedUntil"),
            ({"snoozedUntil": "2028-11-21T20:00:00Z"}, "/snoozedUntil"),
            ({"snoozedUntil": "2027-11-20T20:00:00Z"}, "/snoozedUntil"),
            ({"snoozedUntil": "2026-11-22T20:00:00"}, "/snoozedUntil"),
        ],
    )
    async def test_what_does_not_fit_is_refused(self, app, client, token, body, pointer):
        (ident,) = await put(app, "c_dj")
        reply = await client.patch(f"{URL}/{ident}", json=body, token=token)

        assert (reply.status, reply.json["errors"][0]["pointer"]) == (422, pointer)

    async def test_anothers_item_is_not_there(self, app, client, token):
        (brunos,) = await put(app, "c_dj", uid="uid-bruno")
        reply = await client.patch(f"{URL}/{brunos}", json={"read": True}, token=token)

        assert (reply.status, (await listed(app, "uid-bruno"))[0].state) == (404, "unread")

    @pytest.mark.parametrize("recipient", [("organizer", ANA), ("ip", ANA)])
    async def test_an_organizer_whose_id_is_my_uid_is_not_me(self, app, recipient):
        (ident,) = await put(app, "c_dj")
        stored = (await app.documents.get(app.deliveries.path(ident))).data
        await app.documents.commit(
            [
                Set(
                    app.deliveries.path(ident),
                    stored | {"recipient": dict(zip(("type", "id"), recipient, strict=True))},
                )
            ]
        )

        assert await counted(app) == (0, 0)
        with pytest.raises(NotFound):
            await change(app, ident, read=True)

    async def test_a_message_of_the_page_is_no_item(self, app):
        await app.documents.commit([app.deliveries.create(delivery(recipient_id=ANA))])
        with pytest.raises(NotFound):
            await change(app, delivery().id, read=True)

    async def test_changes_at_the_same_time_all_arrive(self, app):
        made = await several(app, 8)
        fields = [{"read": True}, {"archived": True}, {"snoozedUntil": app.clock.now() + HOUR}]
        await asyncio.gather(*(change(app, ident, **each) for ident in made for each in fields[:2]))

        assert {(item.state, item.read_at is None) for item in await listed(app, state="archived")} == {
            ("archived", False)
        }
        assert await counted(app) == (0, 0)


class TestReadAll:
    async def test_everything_unread_is_read_and_nothing_is_acknowledged(self, app):
        made = await several(app, 5)
        await change(app, made[0], archived=True)
        await change(app, made[1], snoozedUntil=app.clock.now() + HOUR)
        answer = await app.inbox.read_all(ANA, ReadAllQuery())

        assert (answer.updated, answer.complete) == (3, True)
        assert await counted(app) == (0, 3)
        assert (await app.deliveries.get(made[4])).status == "seen"
        app.clock.advance(HOUR)
        assert await counted(app) == (1, 4)

    async def test_one_organizers(self, app):
        await put(app, "c_1", organizer="org_1")
        await put(app, "c_2", organizer="org_2")
        await app.inbox.read_all(ANA, ReadAllQuery(organizer_id="org_1"))

        assert await campaigns_in(app, state="unread") == ["c_2"]

    async def test_it_costs_a_read_and_a_write_an_item(self, app):
        await several(app, 5)
        assert await cost(app.inbox.read_all(ANA, ReadAllQuery())) == {"read": 5, "write": 5}
        assert await cost(app.inbox.read_all(ANA, ReadAllQuery())) == {"read": 1}

    async def test_at_most_1000_a_call_and_it_says_that_there_are_more(self, app):
        writes = [app.inbox.item(announcement(f"c_{number}"), ANA) for number in range(1010)]
        for start in range(0, len(writes), 500):
            await app.documents.commit(writes[start : start + 500])

        answers = [await app.inbox.read_all(ANA, ReadAllQuery()) for _ in range(2)]
        assert [(answer.updated, answer.complete) for answer in answers] == [(1000, False), (10, True)]

    async def test_it_meets_other_changes_half_way(self, app):
        made = await several(app, 10)
        await asyncio.gather(
            app.inbox.read_all(ANA, ReadAllQuery()),
            *(change(app, ident, archived=True) for ident in made[:5]),
        )

        assert await counted(app) == (0, 5)


class TestPoll:
    async def poll(self, client, token, etag, target=URL):
        return await client.get(target, token=token, headers={"If-None-Match": etag})

    @pytest.mark.parametrize("target", [URL, f"{URL}?state=snoozed", f"{URL}/counts"])
    async def test_nothing_new_is_304_for_two_reads(self, app, client, token, target):
        await several(app, 5)
        app.clock.advance(timedelta(seconds=30))
        first = await client.get(target, token=token)
        for _ in range(3):
            app.clock.advance(timedelta(seconds=30))
            again = await self.poll(client, token, first.headers["ETag"], target)
            assert (again.status, again.body, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
            assert 'reads;desc="2"' in again.headers["Server-Timing"]

    @pytest.mark.parametrize("target", [URL, f"{URL}/counts"])
    async def test_whatever_changes_is_told(self, app, client, target):
        made = await several(app, 3, end_at=app.clock.now() + timedelta(days=1))
        await publish(app, announcement("c_02"))
        app.clock.advance(HOUR)

        async def withdraw():
            await app.campaigns.archive(ADMIN, "c_02")

        async def wait():
            app.clock.advance(timedelta(minutes=10))

        async def wait_longer():
            app.clock.advance(timedelta(days=1))

        for happens in (
            lambda: put(app, "c_new"),
            lambda: change(app, made[0], read=True),
            lambda: change(app, made[1], snoozedUntil=app.clock.now() + timedelta(minutes=10)),
            wait,
            withdraw,
            lambda: app.inbox.read_all(ANA, ReadAllQuery()),
            wait_longer,
        ):
            app.clock.advance(timedelta(seconds=11))
            before = await client.get(target, token=sign_in(app, ANA))
            known = before.headers["ETag"]
            assert (await self.poll(client, sign_in(app, ANA), known, target)).status == 304
            await happens()
            after = await self.poll(client, sign_in(app, ANA), known, target)
            assert (after.status, after.body != before.body) == (200, True)

    async def test_a_version_is_of_one_reader_and_one_question(self, app, client, token):
        await several(app, 3)
        app.clock.advance(HOUR / 2)
        etag = (await client.get(URL, token=token)).headers["ETag"]

        assert (await self.poll(client, sign_in(app, "uid-bruno"), etag)).status == 200
        assert (await self.poll(client, token, etag, f"{URL}?limit=1")).status == 200

    async def test_a_change_that_was_written_before_but_read_after_is_not_missed(self, app, client, token):
        """A commit may bear a slightly earlier time than the answer that did not hold it yet."""
        app.clock.advance(HOUR / 2)
        etag = (await client.get(URL, token=token)).headers["ETag"]
        await put(app, "c_dj")

        assert (await self.poll(client, token, etag)).status == 200

    async def test_a_version_from_the_future_or_made_up_does_not_stand(self, app, client, token):
        await put(app, "c_dj")
        digest = (await client.get(URL, token=token)).headers["ETag"].strip('"').split(".")[0]
        for etag in (f'"{digest}.99999999999999.99999999999999.{digest}"', f'"{digest}.x.y"', '"7"'):
            assert (await self.poll(client, token, etag)).status == 200


async def test_a_lost_answer_is_made_good_by_asking_again(app, client, token):
    (ident,) = await put(app, "c_dj")
    app.inbox._documents = FaultyDocuments(app.documents).then("commit", After())
    replies = [await client.patch(f"{URL}/{ident}", json={"archived": True}, token=token) for _ in range(2)]

    assert [reply.status for reply in replies] == [503, 200]
    assert replies[1].json["revision"] == 1


async def test_an_empty_change_changes_nothing(app):
    (ident,) = await put(app, "c_dj")
    assert (await app.inbox.change(ANA, ident, InboxChange())).revision == 0
