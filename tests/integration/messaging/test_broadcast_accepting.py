"""Broadcasts that are tried and accepted: what is told before, what is refused, and what a tier allows."""

import asyncio
from datetime import timedelta

import pytest

from shared.clients.documents.port import Query
from shared.kernel.errors import Conflict, Forbidden, Invalid, NotFound, TooManyRequests
from shared.kernel.telemetry import counted
from shared.people.access import Principal
from tests.factories.broadcasts import (
    CRITERIA,
    LUCIA,
    QUICK,
    a_worker,
    body,
    crowd,
    dancers,
    in_tier,
    run,
    send,
)
from tests.factories.premium import ADMIN, added_up, fund


@pytest.fixture
async def app(tmp_path):
    made = a_worker(tmp_path, settings=QUICK)
    await in_tier(made, "gold")
    yield made
    await made.close()


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
