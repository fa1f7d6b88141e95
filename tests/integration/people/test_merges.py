"""A visitor signs in: what they were shown, acknowledged and visited becomes the person's, once."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.clients.documents.port import Query
from shared.clients.errors import StoreUnavailable
from shared.experience.visits.models import Visit, from_envelope, to_data
from shared.kernel.clock import to_millis
from shared.kernel.envelope import Envelope, envelope
from shared.messaging.campaigns.models import Channel, Scheduling
from shared.people.access import NOBODY, Principal
from shared.people.merges import Merges
from shared.people.profiles.merging import ADDRESS
from shared.people.profiles.models import Profile
from shared.people.profiles.repository import ProfileRepository
from shared.people.profiles.rules import Seen
from tests.factories.app import make_app, sign_in
from tests.factories.examples import examples
from tests.factories.experience import (
    ULID,
    Killed,
    Life,
    Mortal,
    answer,
    ask,
    cost,
    known_as,
    profile_of,
    publish,
    work_off,
)
from tests.factories.faults import FaultyDocuments
from tests.factories.messaging import campaign

ANA = Principal("uid-ana")
UUID = "6f1c2b1e-7b0a-4c39-9c39-2b9f4a1d6e57"
DAY = timedelta(days=1)
OFTEN = Scheduling(max_deliveries_per_user=9)


@pytest.fixture(autouse=True)
async def drained(app):
    yield
    await app.activity.drain()


async def worked(app, times=1):
    """The buffer and the worker have done what they have to."""
    await app.activity.drain()
    return await work_off(app, "activity", times=times)


async def meet(app, principal, **request):
    """The person has a profile of their own, and no visitor behind them."""
    await ask(app, principal, visitorId=None, address="0.0.0.0", **request)
    await worked(app)


async def stored(app, collection="experienceProfiles"):
    return {found.id: found.data for found in await app.documents.query(Query(collection))}


async def ana_of(app):
    """Ana's own profile, whoever else she may be."""
    return await app.profile_repository.read(known_as(app, "uid-ana", visitor_id=None))


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
        assert (spent["read"], spent["write"], spent["mongo"] <= 12) == (6, 1, True)

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


async def a_visitor_with_a_past(app):
    """Ana has a profile, the visitor one with a campaign and a reservation; gives the message that merges them."""
    await publish(app, campaign(scheduling=OFTEN), campaign(id="c_2", delivery_channels=[Channel.TOAST]))
    await meet(app, ANA, channels=[])
    first, second = (await ask(app)).messages
    await answer(app, first, "seen")
    visit = Visit(known_as(app, "uid-ana"), Seen(to_millis(app.clock.now()), "r1"))
    return envelope("visits", "b_1", "", app.clock.now(), to_data([visit])), second


async def everything(app):
    profiles, deliveries = await stored(app), await stored(app, app.deliveries.collection)
    return profiles, {ident: data["recipient"] for ident, data in deliveries.items()}


def visits_on(app, documents):
    from shared.experience.visits.service import Visits
    from shared.messaging.deliveries.hooks import DeliveryHooks
    from shared.people.erasures import Erasures

    repository = ProfileRepository(documents, app.ids)
    merges = Merges(documents, repository, [DeliveryHooks(documents, app.deliveries.collection)])
    return Visits(repository, merges, Erasures(documents, app.hash_secret), app.visitors, app.clock)


class TestInterrupted:
    async def _expected(self):
        other = make_app()
        message, _ = await a_visitor_with_a_past(other)
        await other.visits.apply(message)
        expected = await everything(other)
        await other.activity.drain()
        await other.close()
        return expected

    @pytest.mark.parametrize("calls", range(10))
    async def test_a_worker_that_dies_between_any_two_steps(self, app, calls):
        """The message comes again, and all is as if nobody had died."""
        message, _ = await a_visitor_with_a_past(app)
        try:
            await visits_on(app, Mortal(app.documents, Life(calls))).apply(message)
        except Killed:
            assert calls < 9
        await app.visits.apply(message)

        assert await everything(app) == await self._expected()

    @pytest.mark.parametrize(
        "faults", [["refuse"], ["lose"], [None, "refuse"], [None, "lose"], ["lose", "lose"]]
    )
    async def test_a_store_that_refuses_or_loses_its_answer(self, app, faults):
        message, _ = await a_visitor_with_a_past(app)
        documents = FaultyDocuments(app.documents)
        documents.faults = list(faults)
        worker = visits_on(app, documents)
        for _ in faults:
            try:
                await worker.apply(message)
            except StoreUnavailable:
                continue
        await worker.apply(message)

        assert await everything(app) == await self._expected()

    async def test_parallel_workers_decisions_and_reports_count_everything_once(self, app):
        message, waiting = await a_visitor_with_a_past(app)
        results = await asyncio.gather(
            *(app.visits.apply(message) for _ in range(6)),
            answer(app, waiting, "seen", ANA),
            *(ask(app, ANA, channels=[]) for _ in range(4)),
            return_exceptions=True,
        )
        assert not [each for each in results if isinstance(each, AssertionError)]
        await app.visits.apply(message)
        await answer(app, waiting, "seen", ANA)
        ana = await ana_of(app)

        assert list(await stored(app)) == ["uid-ana"]
        assert {ident: memory.shown for ident, memory in ana.campaigns.items()} == {"c_test": 1, "c_2": 1}
        assert ana.visits.total == 1


@given(
    st.lists(
        st.sampled_from(["anonymous", "visitor", "other-device", "ana", "worker", "worker-twice", "pause"]),
        min_size=3,
        max_size=14,
    )
)
@settings(max_examples=examples(25))
def test_whatever_order_things_happen_in_what_was_seen_is_counted_once(steps):
    """All that was seen is in one of the profiles; once everything is worked off, what the devices saw is Ana's."""

    async def played():
        app = make_app()
        seen = 0
        try:
            await publish(app, campaign(scheduling=Scheduling(max_deliveries_per_user=99)))
            for step in [*steps, "visitor", "worker", "ana", "other", "worker-twice"]:
                if step == "pause":
                    app.clock.advance(timedelta(minutes=40))
                elif step.startswith("worker"):
                    await worked(app, times=2 if step == "worker-twice" else 1)
                else:
                    seen += await looked(app, step)
            profiles = await stored(app)
            devices = {known_as(app).key, known_as(app, visitor_id=UUID).key}
            counted = sum(p.get("campaigns", {}).get("c_test", {}).get("shown", 0) for p in profiles.values())
            assert counted == seen
            assert not devices & {k for k in profiles if k in profiles["uid-ana"].get("linkedKeys", ())}
        finally:
            await app.activity.drain()
            await app.close()

    async def looked(app, step):
        """Somebody opens the page, and sees what there is to see."""
        app.clock.advance(timedelta(seconds=1))
        who = Principal("uid-ana", signed_in_at=app.clock.now()) if step in ("ana", "other") else NOBODY
        device = {"other-device": UUID, "other": UUID}.get(step, ULID)
        shown = await ask(app, who, visitorId=device, address="0.0.0.0")
        for message in shown.messages:
            await answer(app, message, "seen", who)
        return len(shown.messages)

    asyncio.run(played())


async def test_a_person_keeps_what_they_have_when_no_visitor_is_found(app):
    profile = Profile("uid-ana", "user", favorites=("org_1",), marketing_opt_in=True)
    await app.documents.commit(app.profile_repository.writes(Profile("uid-ana", "user"), profile))
    await ask(app, ANA, channels=[])
    await worked(app)
    ana = await ana_of(app)

    assert (ana.favorites, ana.marketing_opt_in) == (("org_1",), True)
