"""Broadcasts from acceptance to their end, step by step on embedded stores."""

import asyncio
import heapq
import json
from collections import Counter
from datetime import timedelta

import pytest

from shared.clients.documents.port import Query
from shared.clients.queues.port import ACTIVITY
from shared.clients.webhooks.port import Sent
from shared.kernel.errors import Conflict, Forbidden, Invalid, NotFound, PaymentRequired, TooManyRequests
from shared.kernel.telemetry import counted
from shared.messaging.broadcasts.pipe import Grant, Pipe
from shared.people.access import Principal
from shared.people.consent.models import Scope
from shared.people.hooks import Subject
from shared.premium.credits.proof import CreditProof
from tests.factories.app import make_app, make_settings
from tests.factories.broadcasts import (
    LUCIA,
    NoReceiver,
    body,
    crowd,
    delivered,
    in_tier,
    person,
    run,
    send,
    stored,
)
from tests.factories.consent import grant
from tests.factories.crowds import counted as counted_people
from tests.factories.crowds import dancer
from tests.factories.experience import work_off
from tests.factories.premium import ADMIN, ORG, added_up, fund

QUICK = json.dumps({"gold": {"cooldownHours": 0}})
DANCES = {"attribute": "person.favorites", "op": "contains", "value": "org_dances"}


def a_worker(folder, *, settings=None, **given):
    told = {"cabeceo_data": folder, "bulk_writes_per_second": 1_000_000, "simulations_per_minute": 1000}
    return make_app(folder=folder, settings=make_settings(**(told | (settings or {}))), **given)


@pytest.fixture
async def app(tmp_path):
    made = a_worker(tmp_path, settings={"tiers": QUICK})
    await in_tier(made, "gold")
    yield made
    await made.close()


async def dancers(app, number, **fields):
    """Signed-in people with a marketing opt-in in the inbox who dance."""
    for n in range(number):
        uid = f"uid-{n:04}"
        await person(app, uid, favorites=["org_dances"], **fields)
        await grant(app, uid, "marketing", "inbox")


CRITERIA = {"type": "criteria", "criteria": DANCES}


class TestFollowers:
    async def test_everybody_who_is_not_silent_finds_it_in_their_inbox_once(self, app):
        await crowd(app, 1200, muted=7)

        accepted = await send(app)
        ended = await run(app, accepted.id)

        assert accepted.state == "scheduled"
        assert (ended.state, ended.progress.delivered, ended.progress.lost) == (
            "settled",
            {"inbox": 1193},
            {"muted": 7},
        )
        found = await delivered(app, accepted.id)
        assert len({data["recipient"]["id"] for data in found.values()}) == len(found) == 1193
        assert all(
            data["dispatchContext"]["consentId"] == f"cn-{data['recipient']['id']}" for data in found.values()
        )

    async def test_it_stays_within_its_budget_of_store_operations(self, app):
        await crowd(app, 6_000, shard=490)
        with counted() as bill:
            ended = await run(app, (await send(app)).id)
        assert ended.progress.delivered == {"inbox": 6_000}
        # what a broadcast costs however many it reaches: accepting, beginning, ending
        assert bill["write"] <= 1.005 * 6_000 + 15
        assert bill["read"] <= 0.005 * 6_000 + 20
        # figures hear of hundreds at a time
        assert bill["queue"] <= 6_000 / 300 + 5

    async def test_who_is_silent_by_now_or_left_or_was_erased_gets_nothing(self, app):
        for uid in ("uid-ana", "uid-bea", "uid-eva", "uid-luz"):
            await app.favorites.add(uid, ORG)
        ident = (await send(app)).id
        following = await app.broadcasting.running._begin(await stored(app, ident))
        await app.broadcasting.running._freeze(following)
        await app.favorites.mute("uid-ana", ORG, muted=True)
        await app.favorites.remove("uid-bea", ORG)
        for hook in app.person_hooks:
            await hook.erase(Subject("uid-eva"), app.clock.now())

        ended = await run(app, ident)

        assert [each["recipient"]["id"] for each in (await delivered(app, ident)).values()] == ["uid-luz"]
        assert ended.progress.lost == {"muted": 1, "no_consent": 1, "erased": 1}

    async def test_nothing_of_the_audience_is_kept_after_the_end(self, app):
        await crowd(app, 30)
        ident = (await send(app)).id
        await run(app, ident)
        assert await app.documents.query(Query(f"messageBroadcasts/{ident}/audiencePages")) == []

    async def test_who_follows_others_or_was_sent_another_one_is_left_out(self, app):
        for n in range(4):
            await app.favorites.add(f"uid-{n}", ORG)
        await app.favorites.add("uid-1", "org_2")
        first = (await send(app, "first")).id
        await run(app, first)
        await app.favorites.add("uid-9", ORG)
        told = {"type": "favorites", "exclude": {"followersOf": ["org_2"]}}
        second = await run(app, (await send(app, "second", audience=told)).id)
        assert (second.progress.delivered, second.frozen.lost) == ({"inbox": 4}, {"excluded": 1})
        told = {"type": "favorites", "exclude": {"received": [first]}}
        third = await run(app, (await send(app, "third", audience=told)).id)
        assert (third.progress.delivered, third.frozen.lost) == ({"inbox": 1}, {"excluded": 4})

    async def test_a_push_is_counted_in_the_pressure_budget_and_told_once(self, app):
        await fund(app, 100)
        for n in range(3):
            uid = f"uid-{n}"
            await app.favorites.add(uid, ORG)
            await grant(app, uid, "organizers", "push")
        for uid in ("uid-0", "uid-1"):
            await app.documents.commit([a_device(app, uid)])
        for uid in ("uid-1",):
            profile = await app.documents.get(f"experienceProfiles/{uid}")
            tired = [{"channel": "push", "at": app.clock.now()}] * 4
            await person(app, uid, **{**profile.data, "shown": tired})

        ended = await run(app, (await send(app, channels=["inbox", "push"])).id)

        assert ended.progress.delivered == {"inbox": 3, "push": 1}
        told = await delivered(app, ended.id)
        pushes = {
            each["recipient"]["id"]: each for each in told.values() if each["deliveryChannel"] == "push"
        }
        assert {uid: each["deliveryStatus"] for uid, each in pushes.items()} == {
            "uid-0": "delivered",
            "uid-2": "failed",
        }
        assert (await added_up(app))["spent"] == 1
        profile = await app.documents.get("experienceProfiles/uid-0")
        assert [each["channel"] for each in profile.data["shown"]] == ["push"]

    async def test_figures_learn_whom_it_reached_and_which_way(self, app):
        await counted_people(app, [dancer(n + 1, person_key=f"uid-{n}") for n in range(2)])
        await fund(app, 100)
        for n in range(3):
            await app.favorites.add(f"uid-{n}", ORG)
            await grant(app, f"uid-{n}", "organizers", "push")
        await app.documents.commit([a_device(app, "uid-0")])

        ended = await run(app, (await send(app, channels=["inbox", "push"])).id)
        await work_off(app, ACTIVITY, times=2)

        rows = await app.analytics.find("activity_2026_11", {"day": "2026-11-21", "type": "message_reached"})
        assert {each["meta"]["campaignId"] for each in rows} == {ended.id}
        # uid-2 was never here: nothing is to be learnt of them
        assert sorted((each["person"], each["meta"]["channel"]) for each in rows) == [
            ("uid-0", "inbox"),
            ("uid-0", "push"),
            ("uid-1", "inbox"),
        ]


def a_device(app, uid):
    from shared.clients.documents.port import Set

    told = {"personKey": uid, "token": f"token-of-{uid}", "platform": "web", "label": None}
    now = app.clock.now()
    times = {"createdAt": now, "seenAt": now, "expiresAt": now + timedelta(days=9)}
    return Set(f"devices/dv_{uid}", told | times)


class TestCriteria:
    async def test_only_who_opted_in_and_fits_is_written_to_and_paid_for(self, app):
        await fund(app, 100)
        await dancers(app, 8)
        await person(app, "uid-none", favorites=["org_dances"])
        await person(app, "uid-sits")
        await grant(app, "uid-sits", "marketing", "inbox")

        ended = await run(app, (await send(app, audience=CRITERIA)).id)

        assert (ended.progress.delivered, ended.credits) == ({"inbox": 8}, 16)
        assert await added_up(app) == {"issued": -100, "available": 84, "reserved": 0, "spent": 16}
        assert (await CreditProof(app.documents, app.clock).run()).faults == {}

    async def test_away_from_home_the_opt_in_must_be_confirmed(self, app):
        await fund(app, 100)
        await dancers(app, 2, home={"region": "Catalonia", "country": "ES"})
        told = CRITERIA | {"place": {"region": "Madrid", "country": "ES"}}
        ended = await run(app, (await send(app, audience=told)).id)
        assert (ended.progress.delivered, ended.progress.lost) == ({}, {"not_confirmed": 2})
        assert (await added_up(app))["spent"] == 0

    async def test_who_withdrew_after_it_was_frozen_gets_nothing(self, app):
        await fund(app, 100)
        await dancers(app, 2)
        ident = (await send(app, audience=CRITERIA)).id
        following = await app.broadcasting.running._begin(await stored(app, ident))
        await app.broadcasting.running._freeze(following)
        await app.consents.withdraw("uid-0000", Scope("marketing", "inbox"), source="test")
        ended = await run(app, ident)
        assert (ended.progress.delivered, ended.progress.lost) == ({"inbox": 1}, {"withdrawn": 1})

    async def test_too_little_credit_and_an_unknown_segment_are_refused(self, app):
        await dancers(app, 2)
        with pytest.raises(PaymentRequired):
            await send(app, audience=CRITERIA)
        with pytest.raises(Invalid, match="segment"):
            await send(app, audience={"type": "segment", "segmentId": "seg_1"})
        assert await app.documents.query(Query("messageBroadcasts")) == []

    @pytest.mark.parametrize(
        ("criteria", "pointer"),
        [
            ({"attribute": "no.such", "op": "eq", "value": 1}, "/audience/criteria/attribute"),
            ({"attribute": "page.path", "op": "exists", "value": True}, "/audience/criteria/attribute"),
        ],
    )
    async def test_conditions_that_do_not_fit_are_named(self, app, criteria, pointer):
        with pytest.raises(Invalid) as told:
            await send(app, audience=CRITERIA | {"criteria": criteria})
        assert pointer in [fault.pointer for fault in told.value.faults]


class TestAccepting:
    async def test_a_dry_run_writes_nothing_and_tells_what_will_come(self, app):
        await crowd(app, 300, muted=40)
        with counted() as bill:
            told = await app.broadcasting.accepting.try_out(LUCIA, body())
        assert bill["write"] == 0
        assert (told.exact, told.people.value, told.recipients["inbox"].value) == (True, 300, 260)
        assert [(loss.reason, loss.people.value) for loss in told.losses] == [("muted", 40)]
        assert (await send(app, digest=told.digest)).state == "scheduled"

    async def test_small_cohorts_are_not_told_to_organizers(self, app):
        await crowd(app, 30, muted=12)
        told = await app.broadcasting.accepting.try_out(LUCIA, body())
        assert [(loss.people.value, loss.people.text) for loss in told.losses] == [(None, "under 20")]
        assert (await app.broadcasting.accepting.try_out(ADMIN, body())).losses[0].people.value == 12

    async def test_no_price_or_forecast_tells_a_small_cohort(self, app):
        told = []
        for number in (1, 7, 19):
            await dancers(app, number)
            found = await app.broadcasting.accepting.try_out(LUCIA, body(audience=CRITERIA))
            told.append((found.people, found.recipients, found.credits, found.operations, found.seconds))
        assert told[0] == told[1] == told[2]
        assert told[0][2] == 19 * 2

    async def test_what_was_tried_is_what_is_reserved(self, app):
        await fund(app, 100)
        await dancers(app, 5)
        digest = (await app.broadcasting.accepting.try_out(LUCIA, body(audience=CRITERIA))).digest
        assert (await send(app, audience=CRITERIA, digest=digest)).credits == 38
        assert (await added_up(app))["reserved"] == 38

    @pytest.mark.parametrize(
        "change",
        [
            {"content": {"title": "Another", "body": "one"}},
            {"channels": ["inbox", "push"]},
            {"audience": {"type": "favorites", "exclude": {"followersOf": ["org_3"]}}},
            {"schedule": {"localTime": "2026-12-01T20:00", "timezone": "Europe/Madrid"}},
        ],
    )
    async def test_a_digest_of_other_terms_is_refused(self, app, change):
        await crowd(app, 30)
        await fund(app, 100)
        digest = (await app.broadcasting.accepting.try_out(LUCIA, body())).digest
        with pytest.raises(Conflict) as told:
            await send(app, digest=digest, **change)
        assert told.value.code == "digest_changed"
        with pytest.raises(Conflict):
            await send(app, digest=digest[:-3] + "abc")

    async def test_a_tier_says_what_may_be_sent_how_many_and_how_often(self, tmp_path):
        app = a_worker(tmp_path)
        await crowd(app, 1100)
        with pytest.raises(Forbidden):
            await send(app, audience=CRITERIA)
        with pytest.raises(Invalid, match="1000"):
            await send(app)
        await in_tier(app, "bronze")
        await send(app)
        with pytest.raises(TooManyRequests) as told:
            await send(app, "next")
        assert (told.value.code, told.value.retry_after) == ("cooldown", 24 * 3600)
        app.clock.advance(timedelta(hours=24))
        await send(app, "next")
        await app.close()

    async def test_one_that_reached_nobody_holds_up_no_other(self, tmp_path):
        app = a_worker(tmp_path)
        await crowd(app, 30)
        ident = (await send(app)).id
        await app.broadcasting.service.cancel(LUCIA, ident)
        assert (await run(app, ident)).state == "cancelled"
        await send(app, "next")
        await app.close()

    async def test_of_many_at_once_one_is_accepted(self, tmp_path):
        app = a_worker(tmp_path)
        await crowd(app, 30)
        told = await asyncio.gather(*(send(app, f"seed-{n}") for n in range(8)), return_exceptions=True)
        assert sum(not isinstance(each, Exception) for each in told) == 1
        assert {type(each) for each in told if isinstance(each, Exception)} <= {TooManyRequests, Conflict}
        await app.close()

    async def test_the_same_key_is_the_same_broadcast(self, app):
        await crowd(app, 30)
        assert (await send(app)).id == (await send(app)).id
        assert len(await app.documents.query(Query("messageBroadcasts"))) == 1

    @pytest.mark.parametrize(
        ("local", "zone", "instant"),
        [
            ("2026-11-29T09:00", "America/Argentina/Buenos_Aires", "2026-11-29T12:00:00+00:00"),
            ("2027-01-01T00:00", "Asia/Kathmandu", "2026-12-31T18:15:00+00:00"),
        ],
    )
    async def test_a_local_time_is_the_moment_it_is_there(self, app, local, zone, instant):
        await crowd(app, 30)
        accepted = await send(app, schedule={"localTime": local, "timezone": zone})
        assert accepted.starts_at.isoformat() == instant

    @pytest.mark.parametrize("local", ["2026-11-01T09:00", "2027-05-01T09:00", "2026-02-31T09:00"])
    async def test_no_time_of_the_past_or_far_away_or_that_is_none(self, app, local):
        with pytest.raises(Invalid):
            await send(app, schedule={"localTime": local, "timezone": "UTC"})

    async def test_anothers_does_not_exist(self, app):
        await crowd(app, 30)
        ident = (await send(app)).id
        stranger = Principal("uid-x", frozenset({"organizer"}), frozenset({"org_2"}))
        service = app.broadcasting.service
        for call in (service.get, service.cancel, service.pause, service.resume, service.report):
            with pytest.raises(NotFound):
                await call(stranger, ident)
        with pytest.raises(NotFound):
            await app.broadcasting.accepting.send(stranger, body(), seed="x")


class TestTheEnd:
    async def test_the_report_counts_what_readers_did(self, app):
        await crowd(app, 60)
        ident = (await send(app)).id
        await run(app, ident)
        for number, each in enumerate(sorted(await delivered(app, ident))[:30]):
            found = await app.documents.get(app.deliveries.path(each))
            reader = Principal(found.data["recipient"]["id"])
            from shared.experience.ack.schemas import AckRequest

            action = "acknowledged" if number < 25 else "clicked"
            for said in ("seen", action):
                request = AckRequest.model_validate({"deliveryId": each, "action": said})
                await app.acknowledgements.acknowledge(request, reader)

        report = await app.broadcasting.service.report(LUCIA, ident)

        assert (report.delivered.value, report.seen.value, report.acknowledged.value) == (60, 30, 25)
        assert (report.clicked.text, report.replies.text) == ("under 20", "under 20")
        assert (await app.broadcasting.service.report(ADMIN, ident)).clicked.value == 5

    async def test_the_audit_trail_tells_it_once(self, app):
        await crowd(app, 30)
        ident = (await send(app)).id
        ended = await run(app, ident)
        told = [
            each.data
            for each in await app.documents.query(Query("auditTrail"))
            if each.data["kind"] == "broadcast.sent"
        ]
        assert [each["detail"]["counts"] for each in told] == [{"inbox": 30, "lost": 0}]
        assert told[0]["detail"]["audienceHash"] == ended.frozen.digest != ""

    async def test_a_webhook_is_tried_until_it_is_taken_and_again_when_asked(self, tmp_path):
        receiver = Receiver([Sent("later", None), Sent("later", 500), Sent("taken", 204)])
        app = a_worker(tmp_path, given_webhooks=receiver)
        await crowd(app, 30)
        began = app.clock.now()
        ident = (await send(app)).id
        await run(app, ident)
        assert [told["data"]["counts"] for _, told in receiver.got] == [{"inbox": 30, "lost": 0}] * 3
        assert len({name for name, _ in receiver.got}) == 1
        assert app.clock.now() - began == timedelta(seconds=305)
        receiver.answers.append(Sent("taken", 200))
        await app.broadcasting.service.tell_again(ADMIN, ident)
        await run(app, ident)
        assert len(receiver.got) == 4
        await app.close()

    async def test_a_receiver_that_never_answers_is_given_up_after_three_days(self, tmp_path):
        app = a_worker(tmp_path, given_webhooks=NoReceiver())
        await crowd(app, 30)
        began = app.clock.now()
        assert not (await run(app, (await send(app)).id)).open
        assert timedelta(days=3) < app.clock.now() - began < timedelta(days=4)
        await app.close()


class Receiver:
    """A webhook's other side with answers prepared."""

    def __init__(self, answers):
        self.answers, self.got = answers, []

    async def send(self, ident, body):
        self.got.append((ident, body))
        return self.answers.pop(0)

    async def close(self):
        pass


class TestFairness:
    async def test_organizers_take_turns_however_many_broadcasts_each_has(self, app):
        pipe, turns = Pipe(app.documents, app.clock, 500), Counter()
        asks = [(app.clock.now(), name, 0) for name in ("big-1", "big-2", "big-3", "small-1")]
        for _ in range(200):
            at, name, page = heapq.heappop(asks)
            app.clock.advance(at - app.clock.now())
            organizer = name.partition("-")[0]
            told = await pipe.ask(organizer, f"{name}/{page}", 5000)
            turns[organizer] += isinstance(told, Grant)
            again = (told.end, name, page + 1) if isinstance(told, Grant) else (told, name, page)
            heapq.heappush(asks, again)
        assert turns.total() > 60
        assert abs(turns["big"] - turns["small"]) <= 1

    async def test_a_stretch_asked_for_again_is_the_same(self, app):
        pipe = Pipe(app.documents, app.clock, 500)
        first = await pipe.ask("org_1", "b/0", 5000)
        assert await pipe.ask("org_1", "b/0", 5000) == first
        assert await pipe.ask("org_1", "b/1", 5000) == first.end

    async def test_a_message_to_one_person_does_not_wait_for_a_broadcast(self, app):
        from tests.factories import threads

        await Pipe(app.documents, app.clock, 1).ask(ORG, "b/0", 1_000_000)
        await app.favorites.add("uid-ana", ORG)
        before = app.clock.now()
        await threads.send(app, threads.LUCIA, "Cheap shoes")
        assert app.clock.now() == before
