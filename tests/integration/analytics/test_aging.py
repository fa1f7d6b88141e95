"""Who stays at home loses cities as years go by, though nothing is heard of them."""

from datetime import timedelta

import pytest

from blueprints.analytics import figures_timer
from blueprints.ops import jobs_timer
from shared import wiring
from shared.analytics.ingest import aging
from shared.analytics.ingest.aging import Aging
from shared.people.errands import UntilDone
from tests.factories.crowds import AT, DAY, counted, dancer
from tests.factories.experience import Killed, Life, Mortal, function

YEAR = timedelta(days=365)


def traveller(n, *days_ago):
    """Somebody who was in a city that many days ago each."""
    cities = {f"city_{place}": AT - days * DAY for place, days in enumerate(days_ago)}
    return dancer(n, revision=1, cities=cities)


async def patterns(anywhere):
    found = await anywhere.analytics.find("userBehaviorAnalytics", {}, order=[("n", 1)])
    return [(each["travelPattern"]["uniqueCities"], each["revision"]) for each in found]


async def test_only_who_lost_a_city_is_written_and_once(anywhere):
    await counted(anywhere, [traveller(1, 10, 20, 364), traveller(2, 10, 20, 30), traveller(3)])
    assert await anywhere.aging.page() == 0
    anywhere.clock.advance(timedelta(days=1))
    assert (await anywhere.aging.page(), await anywhere.aging.page()) == (1, 0)
    assert await patterns(anywhere) == [(2, 2), (3, 1), (0, 1)]

    anywhere.clock.advance(YEAR)
    assert await anywhere.aging.page() == 2
    assert await patterns(anywhere) == [(0, 3), (0, 2), (0, 1)]
    assert await anywhere.aging.page() == 0


async def test_the_loss_reaches_who_asks_the_documents_and_the_next_refresh(anywhere):
    await counted(anywhere, [traveller(1, 10, 20, 364)])
    anywhere.clock.advance(timedelta(days=1))
    wiring.use(anywhere)
    await function(figures_timer.bp, "figures_aging")(timer=None)
    await function(jobs_timer.bp, "errands_run")(timer=None)
    [found] = await anywhere.analytics.find("userBehaviorAnalytics", {})

    assert (found["travelPattern"]["multiCityScore"], found["updatedAt"]) == (3, anywhere.clock.now())
    assert await anywhere.facet_refresh.run() == 1


@pytest.mark.parametrize("calls", range(5))
async def test_a_run_that_dies_anywhere_is_gone_on_with(anywhere, monkeypatch, calls):
    monkeypatch.setattr(aging, "PAGE", 2)
    await counted(anywhere, [traveller(n, 10, 364) for n in range(1, 8)])
    anywhere.clock.advance(timedelta(days=1))
    with pytest.raises(Killed):
        await went(Aging(Mortal(anywhere.analytics, Life(calls)), anywhere.clock))
    await went(anywhere.aging)

    assert await patterns(anywhere) == [(1, 2)] * 7


async def test_a_run_is_bounded(anywhere, monkeypatch):
    monkeypatch.setattr(aging, "PAGE", 2)
    await counted(anywhere, [traveller(n, 364) for n in range(1, 8)])
    anywhere.clock.advance(timedelta(days=1))

    assert [await went(anywhere.aging, most=2) for _ in range(3)] == [[2, 2], [2, 1], [0]]


async def went(ageing, most=9):
    """How many were looked at, page by page."""
    return [number async for number, _ in UntilDone("cities", ageing.page, full=2, most=most).run()]
