"""Devices and push notifications: registered, moved, forgotten; their tokens are told to nobody."""

from datetime import timedelta

import pytest

from shared.clients.documents.port import Query
from shared.clients.push.embedded import EmbeddedPush
from shared.people.devices.service import MAX_DEVICES, Notification
from shared.people.hooks import Subject
from tests.factories.app import sign_in
from tests.factories.experience import cost

URL = "/api/people/me/devices"
TOKEN = "fcm-token-of-a-phone:APA91b"
NOTE = Notification("d_1", "Milonga tonight", "Doors at nine.", "/events/1")


@pytest.fixture
def ana(app):
    return sign_in(app, "uid-ana")


@pytest.fixture
def push(app) -> EmbeddedPush:
    return app.push


def body(token=TOKEN, **more):
    return {"token": token, "platform": "android"} | more


class TestRegister:
    async def test_a_device_is_kept_and_shown_without_its_token(self, client, ana):
        reply = await client.post(URL, json=body(label="Ana's phone"), token=ana)
        listed = await client.get(URL, token=ana)

        assert reply.status == 200
        assert reply.json == {
            "id": reply.json["id"],
            "platform": "android",
            "label": "Ana's phone",
            "createdAt": "2026-11-21T20:00:00Z",
            "seenAt": "2026-11-21T20:00:00Z",
        }
        assert listed.json == {"items": [reply.json]}
        assert TOKEN not in (reply.body + listed.body).decode()

    async def test_registering_again_keeps_it_on(self, client, app, ana):
        first = await client.post(URL, json=body(), token=ana)
        app.clock.advance(timedelta(minutes=10))
        again = await client.post(URL, json=body(), token=ana)

        assert again.json == first.json | {"seenAt": "2026-11-21T20:10:00Z"}
        assert len((await client.get(URL, token=ana)).json["items"]) == 1

    async def test_a_phone_belongs_to_whoever_signed_in_last(self, client, app, ana):
        bea = sign_in(app, "uid-bea")
        await client.post(URL, json=body(), token=ana)
        await client.post(URL, json=body(), token=bea)

        assert (await client.get(URL, token=ana)).json == {"items": []}
        assert len((await client.get(URL, token=bea)).json["items"]) == 1
        assert (await app.devices.notify("uid-ana", NOTE)).cause == "no_device"

    async def test_the_longest_unseen_make_room(self, client, app, ana):
        for number in range(MAX_DEVICES + 2):
            app.clock.advance(timedelta(seconds=1))
            await client.post(URL, json=body(f"token-number-{number:05}"), token=ana)

        assert len((await client.get(URL, token=ana)).json["items"]) == MAX_DEVICES
        kept = {found.data["token"] for found in await app.documents.query(Query("devices"))}
        assert kept == {f"token-number-{number:05}" for number in range(2, MAX_DEVICES + 2)}

    @pytest.mark.parametrize(
        ("change", "pointer"),
        [
            ({"token": "short"}, "/token"),
            ({"token": "x" * 1025}, "/token"),
            ({"token": "has spaces in it, and more"}, "/token"),
            ({"platform": "fridge"}, "/platform"),
            ({"label": "a\u0000b"}, "/label"),
            ({"personKey": "uid-bea"}, "/personKey"),
        ],
    )
    async def test_what_does_not_fit_is_refused(self, client, ana, change, pointer):
        reply = await client.post(URL, json=body() | change, token=ana)

        assert reply.status == 422
        assert [fault["pointer"] for fault in reply.json["errors"]] == [pointer]

    async def test_a_token_stands_in_no_log(self, client, app, ana, caplog):
        await client.post(URL, json=body(), token=ana)
        await client.post(URL, json=body(TOKEN + "!"), token=ana)
        await app.push.tell(TOKEN, "unregistered")
        await app.devices.notify("uid-ana", NOTE)

        assert TOKEN not in caplog.text


class TestRemove:
    async def test_it_is_gone_and_again_is_fine(self, client, app, ana):
        ident = (await client.post(URL, json=body(), token=ana)).json["id"]

        assert [(await client.delete(f"{URL}/{ident}", token=ana)).status for _ in range(2)] == [204, 204]
        assert (await client.get(URL, token=ana)).json == {"items": []}

    async def test_anothers_is_left_alone(self, client, app, ana):
        ident = (await client.post(URL, json=body(), token=ana)).json["id"]
        reply = await client.delete(f"{URL}/{ident}", token=sign_in(app, "uid-bea"))

        assert reply.status == 204
        assert len((await client.get(URL, token=ana)).json["items"]) == 1


class TestNotify:
    async def test_every_device_gets_it_and_those_that_are_gone_are_forgotten(self, client, app, ana, push):
        for number in range(3):
            await client.post(URL, json=body(f"token-number-{number:05}"), token=ana)
        await push.tell("token-number-00001", "unregistered")
        report = await app.devices.notify("uid-ana", NOTE)

        assert (report.accepted, report.retry_after) == (2, None)
        told = [(one.message.token[-1], one.message.title, one.message.link) for one in await push.outbox()]
        assert sorted(told) == [("0", "Milonga tonight", "/events/1"), ("2", "Milonga tonight", "/events/1")]
        assert len((await client.get(URL, token=ana)).json["items"]) == 2
        assert await cost(app.devices.notify("uid-ana", NOTE)) == {"read": 2}

    async def test_what_may_work_later_says_when(self, client, app, ana, push):
        await client.post(URL, json=body(), token=ana)
        await push.tell(TOKEN, "later")
        report = await app.devices.notify("uid-ana", NOTE)

        assert (report.accepted, report.retry_after, report.cause) == (0, 60, "unavailable")
        assert len((await client.get(URL, token=ana)).json["items"]) == 1

    async def test_what_will_never_work_says_so(self, client, app, ana, push):
        await client.post(URL, json=body(), token=ana)
        await push.tell(TOKEN, "refused")

        assert (await app.devices.notify("uid-ana", NOTE)).cause == "invalid"
        assert (await app.devices.notify("uid-nobody", NOTE)).cause == "no_device"

    async def test_a_device_that_was_not_seen_for_long_is_not_written_to(self, client, app, ana, push):
        await client.post(URL, json=body(), token=ana)
        app.clock.advance(timedelta(days=271))

        assert (await app.devices.notify("uid-ana", NOTE)).cause == "no_device"
        assert [
            await hook.retain(app.clock.now()) for hook in app.person_hooks if hook.name == "devices"
        ] == [1]


async def test_export_and_erasure(client, app, ana):
    await client.post(URL, json=body(), token=ana)
    [hook] = [hook for hook in app.person_hooks if hook.name == "devices"]
    told = [record async for record in hook.export(Subject("uid-ana"))]

    assert [record["platform"] for record in told] == ["android"]
    assert TOKEN not in str(told)
    assert await hook.erase(Subject("uid-ana"), app.clock.now()) == 1
    assert await app.documents.query(Query("devices")) == []
