"""Broadcasts to a segment: tried behind the shield of cohorts, pinned when they are accepted, written to who was pinned and agrees."""

from datetime import timedelta

import pytest

from blueprints.messaging import broadcasts_durable
from shared.analytics.segments.schemas import ChangeSegment, CreateSegment
from shared.clients.errors import StoreUnavailable
from shared.clients.queues.port import BROADCASTS
from shared.kernel.errors import Conflict, Invalid, TooManyRequests
from shared.kernel.telemetry import counted as bill_of
from shared.messaging.broadcasts import segments
from shared.people.access import Principal, Role
from tests.factories.broadcasts import (
    LUCIA,
    QUICK,
    a_worker,
    body,
    delivered,
    in_tier,
    person,
    run,
    send,
    stored,
)
from tests.factories.consent import grant
from tests.factories.crowds import counted, dancer, store
from tests.factories.durable import Engine
from tests.factories.experience import work_off
from tests.factories.premium import ADMIN, added_up, fund

GOLD = {"attribute": "person.tier", "op": "eq", "value": "gold"}
OTHER = Principal("uid-other", frozenset({Role.ORGANIZER}), frozenset({"org_other"}))


@pytest.fixture
async def app(tmp_path):
    made = a_worker(tmp_path, settings=QUICK)
    yield made
    await made.close()


async def a_segment(app, owner=LUCIA, filters=GOLD):
    """The audience that a segment of these is."""
    made = await app.segments.create(owner, CreateSegment(segment_name="Gold", filters=filters), None)
    return {"type": "segment", "segmentId": made.id}


async def prepared(app, *, people=30, willing=25):
    """A segment, of whom the first have opted in; one more who has and is not of it; credits for all."""
    await in_tier(app, "gold")
    await fund(app, 1000)
    await counted(app, [dancer(n, tier="gold") for n in range(1, people + 1)])
    for n in range(1, people + 2):
        await person(app, f"uid-{n}")
        if n <= willing or n > people:
            await grant(app, f"uid-{n}", "marketing", "inbox")
    return await a_segment(app)


async def changed(app, *, people=30, gone=10):
    """Some leave the segment, one joins."""
    app.clock.advance(timedelta(minutes=5))
    left = [dancer(n) for n in range(1, gone + 1)]
    await store(app, [*left, dancer(people + 1, tier="gold")])
    await app.facet_refresh.run()


async def tried(app, audience, principal=LUCIA, **changes):
    return await app.broadcasting.accepting.try_out(principal, body(audience=audience, **changes))


async def test_killed_at_every_step_who_was_accepted_gets_it_once_whatever_becomes_of_the_segment(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(segments, "PAGE", 7)
    steps, n = 1, 0
    while n < steps:
        app = a_worker(tmp_path / str(n), settings=QUICK)
        audience = await prepared(app)
        ident = (await send(app, audience=audience)).id
        await changed(app)
        engine = Engine(app, broadcasts_durable.bp)
        await work_off(app, BROADCASTS, durable=engine, times=2)
        if n:
            engine.kill_at(n)
        await engine.run_to_end()
        ended, found = await stored(app, ident), await delivered(app, ident)
        assert (ended.state, ended.audience.segment_version) == ("settled", 1)
        assert {each["recipient"]["id"] for each in found.values()} == {f"uid-{n}" for n in range(1, 26)}
        assert (len(found), ended.progress.lost, ended.credits) == (25, {"no_consent": 5}, 50)
        sums = await added_up(app)
        assert (sums["spent"], sums["reserved"]) == (50, 0)
        if not n:
            steps = engine.steps
        await engine.close()
        await app.close()
        n += 1


class TestTrying:
    async def test_it_tells_losses_drift_and_a_digest_and_keeps_nothing(self, app):
        audience = await prepared(app, people=60, willing=35)
        await changed(app, people=60, gone=20)
        told = await tried(app, audience, ADMIN)
        # 41 are left, 16 of them willing
        assert (told.exact, told.people.value, told.recipients["inbox"].value) == (True, 41, 16)
        assert [(loss.reason, loss.people.value) for loss in told.losses] == [("no_consent", 25)]
        drift = told.drift
        numbers = [each.value for each in (drift.then, drift.now, drift.joined, drift.left)]
        assert (numbers, drift.alarming) == ([60, 41, 1, 20], True)
        assert await app.segment_members.pinned("b_") is None

    async def test_small_cohorts_are_hidden_and_no_price_or_forecast_tells_them(self, app):
        audience = await prepared(app, people=60, willing=7)
        told = await tried(app, audience)
        assert (told.recipients["inbox"].text, told.drift.joined.text) == ("under 20", "under 20")
        await grant(app, "uid-40", "marketing", "inbox")
        again = await tried(app, audience)
        assert (told.credits, told.operations, told.seconds, told.losses) == (
            again.credits,
            again.operations,
            again.seconds,
            again.losses,
        )
        assert 7 * 2 < told.credits <= 40 * 2

    async def test_who_one_person_is_cannot_be_asked_by_leaving_them_out(self, app):
        audience = await prepared(app, people=60, willing=40)
        await person(app, "uid-9", favorites=["org_2"])
        await grant(app, "uid-9", "marketing", "inbox")
        all_of_them = await tried(app, audience)
        but_one = await tried(app, audience | {"exclude": {"followersOf": ["org_2"]}})
        assert all_of_them.recipients == but_one.recipients
        assert (all_of_them.people, all_of_them.credits) == (but_one.people, but_one.credits)

    async def test_every_number_is_a_question_of_the_organizers_day_and_a_send_as_tried_is_none(
        self, tmp_path
    ):
        app = a_worker(tmp_path, settings=QUICK | {"cohort_questions_per_day": 10})
        audience = await prepared(app)
        told = await tried(app, audience)
        with pytest.raises(TooManyRequests) as refused:
            await tried(app, audience)
        assert refused.value.code == "cohort_budget_spent"
        accepted = await send(app, audience=audience, digest=told.digest)
        assert (accepted.state, accepted.credits) == ("scheduled", told.credits)
        await app.close()

    async def test_a_sample_stands_for_a_large_one(self, tmp_path):
        app = a_worker(tmp_path, settings=QUICK | {"simulation_profiles": 100})
        audience = await prepared(app, people=200, willing=100)
        told = await tried(app, audience, ADMIN)
        assert (told.exact, told.people.value) == (False, 200)
        assert 70 <= told.recipients["inbox"].value <= 130
        assert told.credits >= 200
        await app.close()

    async def test_a_new_version_is_another_thing_than_what_was_tried(self, app):
        audience = await prepared(app)
        told = await tried(app, audience)
        change = ChangeSegment(segment_name="Other")
        await app.segments.change(LUCIA, audience["segmentId"], change, if_match="1")
        with pytest.raises(Conflict) as refused:
            await send(app, audience=audience, digest=told.digest)
        assert refused.value.code == "digest_changed"
        accepted = await send(app, audience=audience | {"version": 1}, digest=told.digest)
        assert (await stored(app, accepted.id)).audience.segment_version == 1

    async def test_the_forecast_of_operations_covers_the_bill(self, app):
        audience = await prepared(app, people=60, willing=55) | {"exclude": {"followersOf": ["org_2"]}}
        told = await tried(app, audience, ADMIN)
        with bill_of() as bill:
            ended = await run(app, (await send(app, audience=audience, digest=told.digest)).id)
        assert ended.progress.delivered == {"inbox": 55}
        # what a broadcast costs however many it reaches, and what trying it again costs when it is accepted
        again = 2 * 60
        assert 55 <= bill["write"] <= told.operations.writes + 15
        assert bill["read"] <= told.operations.reads + again + 25
        assert told.operations.reads <= 2 * (60 + 2) + 1


class TestSending:
    async def test_an_opt_in_from_abroad_must_be_confirmed(self, app):
        audience = await prepared(app, people=3, willing=3)
        for n, region in ((1, "Catalonia"), (2, "Catalonia"), (3, "Madrid")):
            found = await app.documents.get(f"experienceProfiles/uid-{n}")
            await person(app, f"uid-{n}", **found.data, home={"region": region, "country": "ES"})
        told = audience | {"place": {"region": "Madrid", "country": "ES"}}
        ended = await run(app, (await send(app, audience=told)).id)
        assert (ended.progress.delivered, ended.progress.lost) == ({"inbox": 1}, {"not_confirmed": 2})

    async def test_until_it_goes_out_its_organizer_is_told_no_number(self, app):
        audience = await prepared(app, people=60, willing=40)
        ident = (await send(app, audience=audience)).id
        begun = await app.broadcasting.running._begin(await stored(app, ident))
        await app.broadcasting.running._freeze(begun)
        view = await app.broadcasting.service.cancel(LUCIA, ident)
        assert (view.progress.people.text, view.progress.losses) == ("not told yet", [])
        assert (await app.broadcasting.service.get(ADMIN, ident)).progress.people.value == 60
        await run(app, ident)
        assert (await app.broadcasting.service.get(LUCIA, ident)).progress.people.value is None

    async def test_a_repeat_after_trouble_is_for_the_people_of_the_first_time(self, app, monkeypatch):
        audience = await prepared(app)
        accepting, commit = app.broadcasting.accepting, app.broadcasting.accepting._accept

        async def dies(_):
            raise StoreUnavailable("the worker dies here")

        monkeypatch.setattr(accepting, "_accept", dies)
        with pytest.raises(StoreUnavailable):
            await send(app, audience=audience)
        monkeypatch.setattr(accepting, "_accept", commit)
        await changed(app)
        change = ChangeSegment(segment_name="Other")
        await app.segments.change(LUCIA, audience["segmentId"], change, if_match="1")
        ended = await run(app, (await send(app, audience=audience)).id)
        assert (ended.audience.segment_version, ended.progress.delivered) == (1, {"inbox": 25})

    async def test_anothers_segment_and_a_version_that_never_was_are_refused(self, app):
        await prepared(app)
        theirs = await a_segment(app, OTHER)
        for audience in (theirs, await a_segment(app) | {"version": 7}):
            with pytest.raises(Invalid) as refused:
                await send(app, audience=audience)
            assert refused.value.code == "segment_unknown"

    async def test_a_ready_made_segment_is_everybodys(self, app):
        await prepared(app)
        audience = {"type": "segment", "segmentId": "multi_city_travelers_advanced"}
        assert (await tried(app, audience, ADMIN)).people.value == 0
        assert (await run(app, (await send(app, audience=audience)).id)).state == "settled"
