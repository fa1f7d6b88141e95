"""Whoever is erased is gone from everywhere, and what stays names nobody."""

import asyncio
from datetime import timedelta

import pytest

from shared.clients.documents.port import Query
from shared.people.access import Principal
from tests.factories.experience import (
    answer,
    ask,
    profile_of,
    publish,
    work_off,
)
from tests.factories.jobs import (
    ANA,
    ERASURE,
    EXPORT,
    a_life,
    a_life_of_ana_alone,
    everything,
    holds,
    job,
    run,
    worked,
)
from tests.factories.messaging import campaign

pytestmark = pytest.mark.usefixtures("drained")


class TestErasure:
    async def test_nothing_that_names_the_person_is_left(self, client, app, ana):
        await a_life(client, app, ana)
        await client.post(EXPORT, token=ana)
        await run(app)
        profile = await profile_of(app, "uid-ana", visitor_id=None)
        named = ["uid-ana", "Ana Sol", *profile.linked_keys]
        assert len(await holds(app, *named)) > 5

        asked = await client.post(ERASURE, token=ana)
        await run(app)
        done = await job(client, ana, asked)
        assert (done["state"], done["progress"][0]) == (
            "done",
            {"step": "profile", "done": True, "documents": 2},
        )
        assert "result" not in done
        # campaigns stay: they are the organizer's
        assert [path for path in await holds(app, *named) if not path.startswith("messageCampaigns")] == []

    async def test_the_proof_names_nobody(self, client, app, ana):
        await a_life(client, app, ana)
        alias = (await profile_of(app, "uid-ana")).alias
        await client.post(ERASURE, token=ana)
        await run(app)
        (proof,) = [
            entry.data
            for entry in await app.documents.query(Query("auditTrail"))
            if entry.data["kind"] == "person.erased"
        ]

        assert proof["at"] == app.clock.now()
        assert proof["detail"]["documents"]["profile"] == 2
        assert proof["subject"] != alias
        assert "uid-ana" not in str(proof)

    async def test_the_audit_stays_and_names_nobody_any_more(self, client, app, ana):
        await a_life(client, app, ana)
        alias = (await profile_of(app, "uid-ana")).alias
        await client.post(ERASURE, token=ana)
        await run(app)

        assert sorted(p.split("/")[0] for p in await holds(app, alias)) == ["auditTrail"]

    async def test_it_is_done_within_a_minute_of_its_start(self, client, app, ana):
        await a_life(client, app, ana)
        asked = await client.post(ERASURE, token=ana)
        app.clock.advance(timedelta(seconds=59))
        await run(app)
        done = await job(client, ana, asked)

        assert done["startedAt"] == done["finishedAt"]

    async def test_the_next_call_begins_anew(self, client, app, ana):
        await a_life(client, app, ana)
        await client.post(ERASURE, token=ana)
        await run(app)
        app.clock.advance(timedelta(seconds=1))
        assert len((await ask(app, ANA)).messages) == 2
        await worked(app)
        profile = await profile_of(app, "uid-ana")

        assert (profile.visits.total, profile.first_seen_at) == (1, app.clock.now())
        assert (profile.display_name, profile.alias) == (None, None)

    async def test_visits_from_before_do_not_bring_the_person_back(self, client, app, ana):
        await ask(app, ANA)
        await app.activity.drain()
        (late,) = await app.queues.receive("activity", visibility_seconds=1)
        await client.post(ERASURE, token=ana)
        await run(app)
        app.clock.advance(timedelta(days=6))
        await work_off(app, "activity")

        assert late
        assert (await profile_of(app, "uid-ana", visitor_id=None)).update_time is None

    async def test_the_visitor_who_came_back_since_the_merge_goes_as_well(self, client, app, ana):
        await a_life(client, app, ana)
        assert (await profile_of(app)).update_time is not None
        await client.post(ERASURE, token=ana)
        await run(app)

        assert (await profile_of(app)).update_time is None

    async def test_others_keep_what_is_theirs(self, client, app, ana):
        bob = Principal("uid-bob")
        await publish(app, campaign())
        await answer(app, (await ask(app, bob, visitorId=None)).messages[0], "seen", bob)
        before = {path: data for path, data in (await everything(app)).items() if "uid-bob" in path}
        await a_life_of_ana_alone(app)
        await client.post(ERASURE, token=ana)
        await run(app)
        after = await everything(app)

        assert before.items() <= after.items()
        assert len(await app.documents.query(Query(app.deliveries.collection))) == 1

    async def test_decisions_in_the_middle_of_it_leave_nothing_from_before(self, client, app, ana):
        await a_life(client, app, ana)
        await client.post(ERASURE, token=ana)
        await asyncio.gather(run(app), *(ask(app, ANA) for _ in range(8)))
        profile = await profile_of(app, "uid-ana", visitor_id=None)

        assert profile.display_name is None
        assert profile.roles == ()

    async def test_twice_is_as_good_as_once(self, client, app, ana):
        for _ in range(2):
            asked = await client.post(ERASURE, token=ana)
            await run(app)
            assert (await job(client, ana, asked))["state"] == "done"
            app.clock.advance(timedelta(minutes=5))
