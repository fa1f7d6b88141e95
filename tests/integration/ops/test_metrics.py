"""How the installation fares: what waits, what was spent by all instances together, and what is then left out."""

import asyncio
import json
from datetime import timedelta

import pytest

from blueprints.analytics import segments_timer
from blueprints.ops import jobs_timer, metrics_timer
from shared import wiring
from shared.analytics.ingest.service import TIMED
from shared.analytics.intake import staging
from shared.clients.documents.port import Query
from shared.clients.queues.port import ACTIVITY, MAX_TTL_SECONDS, POISON_SUFFIX
from shared.kernel import telemetry
from shared.kernel.budget import SHED_FROM, day_of
from shared.kernel.envelope import envelope
from shared.ops.metrics.models import KEPT, Spent
from shared.ops.metrics.repository import COLLECTION, UsageRepository
from shared.ops.metrics.usage import Usage
from tests.factories.app import make_app, make_settings, sign_in
from tests.factories.documents import FaultyDocuments
from tests.factories.experience import answer, ask, function, publish
from tests.factories.messaging import campaign
from tests.factories.queues import FaultyQueues

METRICS = "/api/ops/metrics"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def operator(app):
    return sign_in(app, "uid-op", "operator")


async def watch(app):
    """The timer fires."""
    wiring.use(app)
    await function(metrics_timer.bp, "ops_watch")(timer=None)


async def seen(client, token):
    """The figures, by name and queue."""
    body = (await client.get(METRICS, token=token)).json
    return {(each["name"], each.get("of")): each for each in body["metrics"]}, body


def instance(app, name, spent):
    """Another instance's counts; ``spent`` may grow."""
    return Usage(UsageRepository(app.documents), app.budget, app.clock, instance=name, totals=lambda: spent)


async def test_only_operators_see_the_figures(client, app):
    assert (await client.get(METRICS)).status == 401
    assert (await client.get(METRICS, token=sign_in(app, "uid-ana"))).status == 403


async def test_queues_tell_how_many_wait_since_when_and_what_is_poisoned(client, app, operator):
    await app.queues.send(ACTIVITY, "a")
    await app.queues.send(ACTIVITY, "b", delay_seconds=3600)
    await app.queues.send(ACTIVITY + POISON_SUFFIX, "c", ttl_seconds=MAX_TTL_SECONDS)
    app.clock.advance(20 * MINUTE)
    found, body = await seen(client, operator)

    assert found["queue_waiting", ACTIVITY]["value"] == 2
    assert found["queue_waiting", "signals"]["value"] == 0
    assert found["queue_oldest_seconds", ACTIVITY] | {"of": ""} == {
        "name": "queue_oldest_seconds",
        "of": "",
        "value": 1200.0,
        "warning": 900.0,
        "critical": 3600.0,
        "state": "warning",
    }
    assert found["queue_poisoned", ACTIVITY]["state"] == "warning"
    assert body["state"] == "warning"


async def test_staged_batches_are_counted_and_their_age_is_told(client, app):
    batch = envelope("visits", "em_1", "", app.clock.now(), {})
    await app.documents.commit([staging.stage(batch)])
    app.clock.advance(90 * MINUTE)
    found, body = await seen(client, sign_in(app, "uid-op", "operator"))

    assert found["staged_batches", None]["value"] == 1
    assert found["staged_oldest_seconds", None]["value"] == 5400
    assert body["state"] == "critical"


async def test_a_queue_service_that_is_away_is_critical_and_the_rest_is_shown(
    tmp_path, client, app, operator
):
    app.__dict__["queues"] = FaultyQueues(app.queues)
    app.queues.down = True
    found, body = await seen(client, operator)

    assert found["queue_waiting", ACTIVITY].get("value") is None
    assert found["queue_waiting", ACTIVITY]["state"] == "critical"
    assert found["staged_batches", None]["state"] == "ok"
    assert body["state"] == "critical"


async def test_a_poll_that_knows_the_figures_is_304_until_one_changes(client, app, operator):
    first = await client.get(METRICS, token=operator)
    same = {"If-None-Match": first.headers["ETag"]}
    assert (await client.get(METRICS, token=operator, headers=same)).status == 304

    await app.queues.send(ACTIVITY, "a")
    assert (await client.get(METRICS, token=operator, headers=same)).status == 304
    app.clock.advance(timedelta(seconds=11))
    assert (await client.get(METRICS, token=operator, headers=same)).status == 200


async def test_instances_are_summed_and_a_second_telling_changes_nothing(client, app, operator):
    one, two = instance(app, "one", {"read": 30, "write": 4}), instance(app, "two", {"delete": 2, "write": 6})
    for each in (one, two, two):
        await each.tell()
    total = await two.sum_up()

    assert total.spent == Spent(30, 10, 2)
    assert (await app.usage.total()).spent == total.spent


async def test_writes_that_last_are_a_warning(client, app, operator):
    spent = {"write": 0}
    other = instance(app, "other", spent)
    for _ in range(6):
        await other.tell()
        await other.sum_up()
        app.clock.advance(MINUTE)
        spent["write"] += 360
    found, _ = await seen(client, operator)

    assert found["firestore_writes_per_second", None]["value"] == 6.0
    assert found["firestore_writes_per_second", None]["state"] == "warning"
    assert found["firestore_writes_today", None]["value"] == 1800


async def test_an_instance_begins_each_day_at_nothing(app):
    spent = {"write": 100}
    other = instance(app, "other", spent)
    await other.sum_up()
    app.clock.advance(timedelta(days=1))
    spent["write"] += 7
    total = await other.sum_up()

    assert total.day == day_of(app.clock.now())
    assert total.spent.writes == 7


async def test_counts_of_days_past_are_forgotten(app):
    other = instance(app, "other", {"write": 1})
    await other.sum_up()
    app.clock.advance(KEPT)
    await other.sum_up()

    left = await app.documents.query(Query(COLLECTION))
    assert {each.id for each in left} == {
        f"{day_of(app.clock.now())}",
        f"{day_of(app.clock.now())}_other",
    }


async def test_a_slow_update_of_figures_is_seen_whoever_tells_first(app):
    telemetry.take_longest(TIMED)
    with telemetry.timed(TIMED, app.clock):
        app.clock.advance(timedelta(seconds=75))
    other = instance(app, "other", {})
    await other.tell()
    total = await other.sum_up()

    assert total.longest_ms == 75_000


async def test_a_beat_tells_once_a_minute_and_costs_no_request(app):
    other = instance(app, "other", {"write": 1})
    with telemetry.counted() as bill:
        for _ in range(3):
            other.beat()
            await asyncio.sleep(0)
        await other._telling
    assert not bill
    [kept] = await app.documents.query(Query(COLLECTION))
    app.clock.advance(MINUTE)
    other.beat()
    await other._telling
    [again] = await app.documents.query(Query(COLLECTION))

    assert again.update_time > kept.update_time


async def test_a_store_that_is_away_hinders_no_beat_and_the_next_tells_all(app):
    faulty = FaultyDocuments(app.documents).always("commit", "get")
    other = Usage(UsageRepository(faulty), app.budget, app.clock, instance="x", totals=lambda: {"write": 9})
    other.beat()
    await other._telling
    faulty.heal()

    assert (await other.sum_up()).spent.writes == 9


async def test_the_watch_logs_what_is_beyond_and_what_is_left_out(app, caplog):
    app.budget.per_day = 10
    await instance(app, "other", {"write": 1000}).tell()
    await app.queues.send(ACTIVITY + POISON_SUFFIX, "a")
    await watch(app)
    lines = [json.loads(each.message) for each in caplog.records if each.name == "cabeceo"]

    warned = [line for line in lines if line["event"] == "beyond_threshold_warning"]
    assert [(line["metric"], line["of"]) for line in warned] == [("queue_poisoned", ACTIVITY)]
    assert "budget_spent_share" in {
        line["metric"] for line in lines if line["event"] == "beyond_threshold_critical"
    }
    assert [line["work"] for line in lines if line["event"] == "work_shed"] == list(SHED_FROM)


class TestBudgetSpent:
    @pytest.fixture
    async def app(self, tmp_path):
        app = make_app(
            folder=tmp_path,
            settings=make_settings(
                cabeceo_data=tmp_path, firestore_operations_per_day=1000, decision_sample_share=1.0
            ),
        )
        await instance(app, "other", {"read": 1000}).sum_up()
        yield app
        await app.activity.drain()
        await app.close()
        wiring.use(None)

    async def test_simulations_wait_for_the_next_day(self, client, app):
        await publish(app, campaign(id="c_1"))
        token = sign_in(app, "uid-admin", "admin")
        refused = await client.post("/api/messages/campaigns/c_1/simulate", json={}, token=token)

        assert (refused.status, refused.code) == (503, "budget_spent")
        assert refused.headers["Retry-After"] == str(12 * 3600)
        app.clock.advance(timedelta(hours=12))
        token = sign_in(app, "uid-admin", "admin")
        assert (await client.post("/api/messages/campaigns/c_1/simulate", json={}, token=token)).status == 200

    async def test_decisions_acknowledgements_and_consent_go_on(self, client, app):
        await publish(app, campaign(id="c_1"))
        decided = await ask(app)
        acknowledged = await answer(app, decided.messages[0])

        assert acknowledged.delivery_status == "seen"
        assert (await client.get("/api/people/me/consents", token=sign_in(app, "uid-ana"))).status == 200

    async def test_of_decisions_only_those_that_showed_something_are_kept(self, app):
        await publish(app, campaign(id="c_1"))
        shown = await ask(app)
        again = await ask(app)
        await app.decision_log.drain()
        kept = await app.documents.query(Query("decisions"))

        assert (len(shown.messages), again.messages) == (1, [])
        assert [each.id for each in kept] == [shown.decision_id]

    async def test_the_nightly_rebuild_waits_and_runs_again_the_next_day(self, app):
        started = []

        class Starter:
            async def start_new(self, name, ident, _):
                started.append((name, ident))

        wiring.use(app)
        nightly = function(segments_timer.bp, "segments_nightly").client_function
        await nightly(timer=None, starter=Starter())
        assert started == []
        app.clock.advance(timedelta(hours=12))
        await nightly(timer=None, starter=Starter())

        assert started == [("segments_rebuild", "segments-20261122")]

    async def test_the_archive_waits_for_the_next_night(self, app):
        wiring.use(app)
        nightly = function(jobs_timer.bp, "archive_open")
        await nightly(timer=None)
        assert await app.documents.query(Query("jobs")) == []
        app.clock.advance(timedelta(hours=12))
        await nightly(timer=None)

        assert [job.data["kind"] for job in await app.documents.query(Query("jobs"))] == ["archive"]


async def test_a_worker_that_has_begun_tells_by_itself_after_a_request(client, app):
    wiring.use(app)
    wiring.start()
    await client.get("/api/health")
    await app.usage.drain()

    assert len(await app.documents.query(Query(COLLECTION))) == 1
