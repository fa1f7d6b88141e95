"""Visitors who stayed away for 180 days are forgotten; who came back is not, nor is anybody with an account."""

from datetime import timedelta

import pytest

from blueprints.people import purge_timer
from shared import wiring
from shared.clients.documents.port import Create, Query, Update
from shared.clients.errors import StoreUnavailable
from shared.people import purge
from shared.people.purge import IDLE, VisitorPurge
from tests.factories.documents import Before, FaultyDocuments
from tests.factories.experience import Killed, Life, Mortal, cost, function

PROFILES = "experienceProfiles"
DAY = timedelta(days=1)


async def met(app, key, days_ago, kind="ip"):
    seen = app.clock.now() - days_ago * DAY
    await app.documents.commit(
        [Create(f"{PROFILES}/{key}", {"personKey": key, "type": kind, "lastSeenAt": seen})]
    )


async def many(app, number, days_ago=200):
    seen = app.clock.now() - days_ago * DAY
    for start in range(0, number, 250):
        await app.documents.commit(
            [
                Create(f"{PROFILES}/v_{n:05}", {"personKey": f"v_{n:05}", "type": "ip", "lastSeenAt": seen})
                for n in range(start, min(start + 250, number))
            ]
        )


async def left(app):
    return {found.id for found in await app.documents.query(Query(PROFILES))}


async def test_only_visitors_and_only_after_180_days(app):
    await met(app, "v_old", 180.01)
    await met(app, "v_late", 179.99)
    await met(app, "v_new", 0)
    await met(app, "uid-ana", 900, "user")
    wiring.use(app)
    await function(purge_timer.bp, "visitors_purge")(timer=None)

    assert IDLE == 180 * DAY
    assert await left(app) == {"v_late", "v_new", "uid-ana"}


async def test_it_pages_and_pays_a_read_and_a_delete_for_each(app):
    await many(app, 450)

    assert await cost(app.visitor_purge.run()) == {"read": 450, "delete": 450}
    assert await cost(app.visitor_purge.run()) == {"read": 1}


async def test_a_run_is_bounded_and_the_next_one_goes_on(app, monkeypatch):
    monkeypatch.setattr(purge, "MAX_PER_RUN", 400)
    await many(app, 500)

    assert await app.visitor_purge.run() == 400
    assert await app.visitor_purge.run() == 100


class ComingBack(FaultyDocuments):
    """Between the query and the deletes some come back."""

    def __init__(self, inner, *keys):
        super().__init__(inner)
        self.keys = keys

    async def query(self, query):
        found = await self.inner.query(query)
        for key in self.keys:
            await self.inner.commit([Update(f"{PROFILES}/{key}", {"lastSeenAt": self.now})])
        self.keys = ()
        return found


async def test_who_comes_back_meanwhile_stays(app):
    await many(app, 300)
    documents = ComingBack(app.documents, "v_00007", "v_00011")
    documents.now = app.clock.now()

    assert await VisitorPurge(documents, app.clock).run() == 298
    assert await left(app) == {"v_00007", "v_00011"}


@pytest.mark.parametrize("calls", range(6))
async def test_a_run_that_dies_leaves_the_rest_to_the_next(app, calls):
    await many(app, 420)
    try:
        await VisitorPurge(Mortal(app.documents, Life(calls)), app.clock).run()
    except Killed:
        assert calls < 6
    await app.visitor_purge.run()

    assert await left(app) == set()


async def test_a_store_that_is_away_is_told_and_harms_nothing(app):
    await many(app, 10)
    documents = FaultyDocuments(app.documents)
    documents.then("commit", Before())
    with pytest.raises(StoreUnavailable):
        await VisitorPurge(documents, app.clock).run()

    assert await VisitorPurge(documents, app.clock).run() == 10
