"""A visitor signs in: what they were shown, acknowledged and visited becomes the person's, once."""

import asyncio
from datetime import timedelta

import pytest

from shared.experience.visits.models import from_envelope, to_data
from shared.kernel.envelope import Envelope, envelope
from shared.messaging.campaigns.models import Channel
from shared.people.access import NOBODY, Principal
from shared.people.profiles.merging import ADDRESS
from shared.people.profiles.models import Profile
from tests.factories.app import sign_in
from tests.factories.experience import (
    ULID,
    answer,
    ask,
    cost,
    known_as,
    profile_of,
    publish,
)
from tests.factories.merges import ANA, OFTEN, UUID, ana_of, meet, stored, worked
from tests.factories.messaging import campaign

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
async def drained(app):
    yield
    await app.activity.drain()


class TestSigningUp:
    """The first visit of an account: what the visitor was becomes the person's, at once."""

    async def test_what_the_visitor_saw_is_not_shown_again(self, app):
        await publish(app, campaign())
        await answer(app, (await ask(app)).messages[0], "acknowledged")

        assert (await ask(app, ANA)).messages == []

    async def test_a_message_on_the_page_while_signing_in_is_not_shown_twice(self, app):
        await publish(
            app,
            campaign(delivery_channels=[Channel.MODAL]),
            campaign(id="c_other", delivery_channels=[Channel.MODAL]),
        )
        assert len((await ask(app)).messages) == 1

        assert (await ask(app, ANA)).messages == []

    async def test_it_costs_one_read_more_that_once(self, app):
        await ask(app)
        await worked(app)

        assert await cost(ask(app, ANA)) == {"read": 2}
        await worked(app)
        assert await cost(ask(app, ANA)) == {"read": 1}

    async def test_showing_something_makes_the_profile_and_ends_the_visitors(self, app):
        await publish(app, campaign(scheduling=OFTEN))
        await answer(app, (await ask(app)).messages[0], "seen")
        visitor = known_as(app).key
        (message,) = (await ask(app, ANA)).messages
        profiles = await stored(app)

        assert list(profiles) == ["uid-ana"]
        assert profiles["uid-ana"]["type"] == "user"
        assert (await ana_of(app)).campaigns["c_test"].shown == 1
        assert visitor not in message.model_dump_json()

    async def test_showing_nothing_leaves_it_to_the_worker(self, app):
        await publish(app, campaign())
        await answer(app, (await ask(app)).messages[0], "acknowledged")
        await worked(app)
        app.clock.advance(DAY)
        await ask(app, ANA)
        await worked(app, times=2)
        ana = await ana_of(app)

        assert list(await stored(app)) == ["uid-ana"]
        assert ana.visits.total == 2
        assert ana.campaigns["c_test"].acknowledged
        assert ana.linked_keys == (known_as(app).key,)
        assert ana.first_seen_at == app.clock.now() - DAY

    async def test_a_visitor_of_the_previous_epoch_is_found_by_the_worker(self, app):
        await publish(app, campaign())
        await answer(app, (await ask(app)).messages[0], "acknowledged")
        await worked(app)
        app.clock.advance(app.settings.epoch)
        await ask(app, ANA, page="/nothing")
        await worked(app)

        assert list(await stored(app)) == ["uid-ana"]
        assert (await ana_of(app)).campaigns["c_test"].acknowledged

    async def test_ten_parallel_first_decisions_make_one_person(self, app):
        await publish(app, campaign(scheduling=OFTEN), campaign(id="c_2", delivery_channels=[Channel.TOAST]))
        await answer(app, (await ask(app, channels=["banner"])).messages[0], "seen")
        decisions = await asyncio.gather(*(ask(app, ANA) for _ in range(10)))
        await worked(app)

        assert list(await stored(app)) == ["uid-ana"]
        assert sum(len(decision.messages) for decision in decisions) == 2
        assert (await ana_of(app)).campaigns["c_test"].shown == 1


class TestSigningIn:
    """Somebody with a profile comes back by a device that has a memory of its own."""

    @pytest.fixture(autouse=True)
    async def known(self, app):
        await publish(app, campaign(scheduling=OFTEN))
        await meet(app, ANA, channels=[])
        await answer(app, (await ask(app, ANA, visitorId=None, address="0.0.0.0")).messages[0], "seen", ANA)
        await worked(app)

    @pytest.mark.parametrize("times", [1, 3])
    async def test_both_memories_become_one(self, app, times):
        app.clock.advance(DAY)
        await answer(app, (await ask(app)).messages[0], "dismissed")
        await worked(app)
        app.clock.advance(DAY)
        await ask(app, ANA, page="/x", channels=[])
        await worked(app, times)
        ana = await ana_of(app)

        assert list(await stored(app)) == ["uid-ana"]
        assert ana.visits.total == 3
        assert (ana.campaigns["c_test"].shown, ana.campaigns["c_test"].dismissed) == (2, True)
        assert ana.linked_keys == (known_as(app).key,)

    async def test_the_decision_never_pays_for_it(self, app):
        await ask(app)
        await worked(app)
        for _ in range(3):
            assert await cost(ask(app, ANA, channels=[])) == {"read": 1}
            await worked(app)

    async def test_once_taken_in_the_visitor_travels_no_more(self, app):
        await ask(app, ANA, channels=[])
        (first,) = await self._sent(app)
        assert first.person.formerly == known_as(app)
        await ask(app, ANA, channels=[])
        (second,) = await self._sent(app)

        assert second.person.formerly is None
        assert await cost(app.visits.apply(self._message(app, second))) == {"read": 1}

    async def test_looking_for_a_visitor_who_left_nothing_is_remembered(self, app):
        """4 reads: the person twice, the visitor under two epochs' keys; and one query for each key and area."""
        await ask(app, ANA, channels=[])
        await app.activity.drain()
        (message,) = await app.queues.receive("activity")

        spent = await cost(app.visits.apply(Envelope.decode(message.body)))
        assert (spent["read"], spent["write"], spent["mongo"] <= 12) == (9, 1, True)

    async def test_two_devices_are_taken_in_one_after_the_other(self, app):
        for device in (ULID, UUID):
            await answer(app, (await ask(app, visitorId=device)).messages[0], "seen")
        await worked(app)
        for device in (ULID, UUID):
            await ask(app, ANA, visitorId=device, channels=[])
        await worked(app)

        assert list(await stored(app)) == ["uid-ana"]
        assert (await ana_of(app)).campaigns["c_test"].shown == 3

    async def test_two_people_on_one_device_share_nothing_that_came_later(self, app):
        await answer(app, (await ask(app)).messages[0], "seen")
        await ask(app, ANA, channels=[])
        await worked(app)
        await ask(app, Principal("uid-bob"), channels=[])
        await worked(app)
        profiles = await stored(app)

        assert profiles["uid-ana"]["campaigns"]["c_test"]["shown"] == 2
        assert "campaigns" not in profiles["uid-bob"]

    async def test_what_was_done_signed_out_is_taken_in_at_the_next_sign_in(self, client, app):
        """Within an hour of the sign-in, as the token tells it; later the visitor's profile stays a visitor's."""
        token = sign_in(app, "uid-ana")
        body = {"releaseId": "r1", "visitorId": ULID, "channels": []}
        for _ in range(2):
            await answer(app, (await ask(app)).messages[0], "seen")
            await client.post("/api/experience/decide", json=body, token=token)
            await worked(app)
        assert (await ana_of(app)).campaigns["c_test"].shown == 3

        app.clock.advance(timedelta(minutes=59))
        await answer(app, (await ask(app)).messages[0], "seen")
        app.clock.advance(timedelta(seconds=45))
        await client.post("/api/experience/decide", json=body, token=token)
        await worked(app)
        assert (await ana_of(app)).campaigns["c_test"].shown == 4

        old = app.issuer.token("uid-ana", claims={"auth_time": int(app.clock.now().timestamp()) - 3700})
        await answer(app, (await ask(app)).messages[0], "seen")
        await client.post("/api/experience/decide", json=body, token=old)
        await worked(app)
        assert (await ana_of(app)).campaigns["c_test"].shown == 4

    async def test_a_report_after_the_merge_settles_the_person(self, app):
        """By the token alone, or by whoever is signed in while the visitor's profile is gone."""
        message = (await ask(app)).messages[0]
        await ask(app, ANA, channels=[])
        await worked(app)
        await answer(app, message, "dismissed", NOBODY)
        ana = await ana_of(app)

        assert (await app.deliveries.get(message.delivery_id)).recipient_id == "uid-ana"
        assert (ana.campaigns["c_test"].shown, ana.campaigns["c_test"].dismissed) == (2, True)
        assert ana.reservations == {}

    async def test_a_report_between_sign_up_and_worker_settles_the_person(self, app):
        bob = Principal("uid-bob")
        app.catalog.apply(campaign(id="c_2", delivery_channels=[Channel.TOAST]))
        message = (await ask(app, channels=["banner"])).messages[0]
        assert (await ask(app, bob, channels=["toast"])).messages
        await answer(app, message, "acknowledged", bob)

        assert (await stored(app))["uid-bob"]["campaigns"]["c_test"]["acknowledged"]

    async def test_late_news_of_the_visitor_do_no_harm(self, app):
        await ask(app, channels=[])
        await app.activity.drain()
        (late,) = await app.queues.receive("activity", visibility_seconds=1)
        await ask(app, ANA, channels=[])
        await worked(app)
        before = await ana_of(app)
        await app.visits.apply(Envelope.decode(late.body))
        await ask(app, ANA, channels=[])
        await worked(app)

        assert (await ana_of(app)).visits.total == before.visits.total

    async def _sent(self, app):
        await app.activity.drain()
        messages = await app.queues.receive("activity")
        sent = [visit for message in messages for visit in from_envelope(Envelope.decode(message.body))]
        for message in messages:
            await app.visits.apply(Envelope.decode(message.body))
            await app.queues.delete("activity", message)
        return sent

    def _message(self, app, *visits):
        return envelope("visits", app.ids.new("b"), "", app.clock.now(), to_data(visits))


class TestAddress:
    """«visitorId alone identifies a visitor when sent; the address only without one» (design/wire.md)."""

    @pytest.fixture(autouse=True)
    async def noticed(self, app):
        await publish(app, campaign())

    async def test_who_says_yes_to_being_remembered_keeps_what_they_did_before(self, app):
        await answer(app, (await ask(app, visitorId=None)).messages[0], "acknowledged")
        await ask(app, channels=[])
        await worked(app)
        visitor = await profile_of(app)

        assert visitor.campaigns["c_test"].acknowledged
        assert visitor.linked_keys == (ADDRESS,)
        assert (await ask(app)).messages == []

    async def test_others_behind_the_address_keep_their_caps(self, app):
        await answer(app, (await ask(app, visitorId=None)).messages[0], "acknowledged")
        for device in (ULID, UUID):
            await ask(app, visitorId=device, channels=[])
        await worked(app)

        assert (await ask(app, visitorId=None)).messages == []

    async def test_a_visitor_takes_in_one_address_and_no_other(self, app):
        await ask(app, address="203.0.113.1", channels=[])
        await worked(app)
        await answer(app, (await ask(app, visitorId=None, address="203.0.113.2")).messages[0], "acknowledged")
        await ask(app, address="203.0.113.2", channels=[])
        await worked(app)

        assert "c_test" not in (await profile_of(app)).campaigns
        assert len((await ask(app, address="203.0.113.2")).messages) == 1

    async def test_a_crowds_address_is_nobodys_past(self, app):
        await answer(app, (await ask(app, visitorId=None)).messages[0], "acknowledged")
        for _ in range(13):
            await ask(app, visitorId=None)
            app.clock.advance(timedelta(minutes=31))
        await worked(app)
        await ask(app, channels=[])
        await worked(app)
        visitor = await profile_of(app)

        assert (visitor.visits.total, visitor.campaigns) == (1, {})

    async def test_somebody_who_signs_in_without_a_visitor_id_takes_in_the_address(self, app):
        await answer(app, (await ask(app, visitorId=None)).messages[0], "acknowledged")
        await ask(app, ANA, visitorId=None, channels=[])
        await worked(app, times=2)

        assert (await ana_of(app)).campaigns["c_test"].acknowledged
        assert (await ask(app, ANA, visitorId=None)).messages == []
        assert len(await stored(app)) == 2

    @pytest.mark.parametrize("address", ["0.0.0.0", "::"])
    async def test_an_address_that_nobody_told_is_no_ones_past(self, app, address):
        await answer(app, (await ask(app, visitorId=None, address=address)).messages[0], "acknowledged")
        await ask(app, ANA, visitorId=None, address=address, channels=[])
        await worked(app)

        assert "c_test" not in (await ana_of(app)).campaigns

    async def test_from_the_address_to_the_visitor_to_the_person(self, app):
        await answer(app, (await ask(app, visitorId=None)).messages[0], "acknowledged")
        await ask(app, channels=[])
        await worked(app)
        await ask(app, ANA, channels=[])
        await worked(app)

        assert (await ana_of(app)).campaigns["c_test"].acknowledged
        assert known_as(app).key not in await stored(app)

    async def test_no_key_is_told_to_anybody(self, client, app):
        await ask(app, channels=[])
        await ask(app, ANA, channels=[])
        await worked(app)
        key = known_as(app).key
        seen = await client.get("/api/people/uid-ana", token=sign_in(app, "uid-op", "operator"))
        me = await client.get("/api/people/me", token=sign_in(app, "uid-ana"))

        assert key in (await ana_of(app)).linked_keys
        assert key.encode() not in seen.body + me.body


async def test_a_person_keeps_what_they_have_when_no_visitor_is_found(app):
    profile = Profile("uid-ana", "user", favorites=("org_1",), marketing_opt_in=True)
    await app.documents.commit(app.profile_repository.writes(Profile("uid-ana", "user"), profile))
    await ask(app, ANA, channels=[])
    await worked(app)
    ana = await ana_of(app)

    assert (ana.favorites, ana.marketing_opt_in) == (("org_1",), True)
