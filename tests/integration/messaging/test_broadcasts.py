"""Broadcasts from acceptance to their end, step by step on embedded stores."""

import heapq
from collections import Counter
from datetime import timedelta

import pytest

from shared.clients.documents.port import Query
from shared.clients.queues.port import ACTIVITY
from shared.kernel.errors import Invalid, PaymentRequired
from shared.kernel.telemetry import counted
from shared.messaging.broadcasts.pipe import Grant, Pipe
from shared.people.consent.models import Scope
from shared.people.hooks import Subject
from shared.premium.credits.proof import CreditProof
from tests.factories.broadcasts import (
    CRITERIA,
    QUICK,
    a_worker,
    crowd,
    dancers,
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
from tests.factories.premium import ORG, added_up, fund


@pytest.fixture
async def app(tmp_path):
    made = a_worker(tmp_path, settings=QUICK)
    await in_tier(made, "gold")
    yield made
    await made.close()


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
