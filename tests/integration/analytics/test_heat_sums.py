"""Weeks and months of logins are summed at night; whoever asks gets the same answer before and after, for less."""

import random
from datetime import timedelta

import pytest

from blueprints.analytics import figures_timer
from blueprints.ops import jobs_timer
from shared import wiring
from shared.analytics.heatmaps.models import COLLECTION, HeatDay, to_fields
from shared.analytics.heatmaps.schemas import HeatmapQuery
from shared.analytics.heatmaps.sums import HeatSums
from shared.ops.jobs.schemas import JobsQuery
from shared.people.access import Principal, Role
from tests.factories.app import NOW
from tests.factories.experience import Killed, Life, Mortal, cost, function

OPERATOR = Principal("op", roles=frozenset({Role.OPERATOR.value}))
SCOPES = ("all", "city:rome", "org:o1")
TODAY = NOW.date()


def days(number=130, seed=3):
    """Logins of the last days in three scopes; nobody came in some weeks."""
    chance = random.Random(seed)
    for back in range(number):
        day = TODAY - timedelta(days=back)
        if day.isocalendar().week % 5 == 0:
            continue
        for scope in SCOPES:
            if chance.random() < 0.6:
                yield HeatDay(
                    scope, day.isoformat(), tuple(chance.choice((0, 0, 3)) for _ in range(24)), (), 1
                )


async def stored(app, some):
    documents = [{"_id": day.key, **to_fields(day, app.clock.now())} for day in some]
    await app.analytics.delete(COLLECTION, {"_id": {"$in": [each["_id"] for each in documents]}})
    await app.analytics.insert(COLLECTION, documents)


def asked(scope, granularity, first, last):
    told = {"scope": scope, "granularity": granularity, "from": first.isoformat(), "to": last.isoformat()}
    return HeatmapQuery.model_validate(told)


async def answers(app, seed=5):
    """What many ask, without how old it is."""
    chance, found = random.Random(seed), []
    for _ in range(12):
        first = TODAY - timedelta(days=chance.randrange(129))
        query = asked(
            chance.choice(SCOPES),
            chance.choice(("daily", "weekly", "monthly")),
            first,
            first + timedelta(days=chance.randrange((TODAY - first).days + 1)),
        )
        answer = await app.heatmaps.of(query, OPERATOR)
        found.append(answer.model_dump(exclude={"as_of", "lag_seconds"}))
    return found


async def sums(app):
    found = await app.analytics.find(COLLECTION, {"scope": "all"})
    return {each["_id"]: sum(each["cells"]) for each in found if "cells" in each}


async def test_answers_are_the_same_before_and_after_the_night(anywhere):
    await stored(anywhere, days())
    before = await answers(anywhere)
    await anywhere.heat_sums.run()

    assert await answers(anywhere) == before
    assert len({tuple(cell["logins"] for cell in each["cells"]) for each in before}) > 5
    found = await sums(anywhere)
    assert found["all|weekly|2026-11-16"] > 0
    assert found["all|monthly|2026-11-01"] > found["all|weekly|2026-11-16"]
    assert 0 in found.values()


async def test_a_year_by_weeks_is_few_documents(anywhere):
    await stored(anywhere, days())
    query = asked("city:rome", "weekly", TODAY - timedelta(days=129), TODAY)
    await anywhere.heat_sums.run()

    assert await cost(anywhere.heatmaps.of(query, OPERATOR)) == {"mongo": 4}


async def test_the_next_night_sums_only_what_is_not_settled(anywhere):
    await stored(anywhere, days(40))
    first = await anywhere.heat_sums.run()
    again = await anywhere.heat_sums.run()

    assert first > 60
    assert again == 3  # two weeks and this month
    late = HeatDay("all", (TODAY - timedelta(days=1)).isoformat(), (7,) * 24, (), 2)
    await stored(anywhere, [late])
    before = await answers(anywhere)
    await anywhere.heat_sums.run()
    assert await answers(anywhere) == before


async def test_the_nightly_timer_sums(app):
    wiring.use(app)
    await function(figures_timer.bp, "figures_proof")(timer=None)
    await function(jobs_timer.bp, "errands_run")(timer=None)
    [job] = (await app.jobs.page(JobsQuery())).items

    assert await sums(app)
    assert (job.kind, job.state, [each.step for each in job.progress]) == (
        "figures",
        "done",
        ["days", "people", "weeksAndMonths"],
    )


@pytest.mark.parametrize("calls", [0, 3, 10, 50, 90])
async def test_a_night_that_was_killed_is_gone_on_with(app, calls):
    await stored(app, days(60))
    before = await answers(app)
    with pytest.raises(Killed):
        await HeatSums(Mortal(app.analytics, Life(calls)), app.clock).run()
    assert await answers(app) == before
    await app.heat_sums.run()
    assert await answers(app) == before
