import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from shared.clients.errors import StoreUnavailable
from shared.experience.decide.catalog import RETRY_SECONDS, Catalog
from shared.kernel.clock import ManualClock
from tests.factories.messaging import campaign


class Source:
    """Campaigns as the store has them; counts its queries, can be away, and can be slow."""

    def __init__(self, *campaigns):
        self.campaigns = list(campaigns)
        self.queries = 0
        self.away = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def load(self):
        self.queries += 1
        found = list(self.campaigns)
        await self.gate.wait()
        if self.away:
            raise StoreUnavailable
        return found


@pytest.fixture
def clock():
    return ManualClock(datetime(2025, 11, 3, tzinfo=UTC))


@pytest.fixture
def source():
    return Source(campaign(id="c_a"), campaign(id="c_b", priority=900))


@pytest.fixture
def catalog(source, clock):
    return Catalog(source.load, clock, max_age_seconds=300)


async def ids(catalog):
    await catalog.current()
    return [each.campaign.id for each in catalog.candidates]


async def begin():
    """Let what runs in the background run up to the closed gate."""
    for _ in range(5):
        await asyncio.sleep(0)


async def settle():
    """Let what runs in the background end."""
    background = asyncio.all_tasks() - {asyncio.current_task()}
    if background:
        await asyncio.wait(background, timeout=30)


async def test_campaigns_come_in_their_order_of_urgency(catalog):
    assert await ids(catalog) == ["c_b", "c_a"]


async def test_a_hundred_first_decisions_share_one_query(catalog, source):
    source.gate.clear()
    waiting = [asyncio.create_task(ids(catalog)) for _ in range(100)]
    await begin()
    source.gate.set()

    assert await asyncio.gather(*waiting) == [["c_b", "c_a"]] * 100
    assert source.queries == 1


async def test_young_campaigns_are_not_read_again(catalog, source, clock):
    await ids(catalog)
    clock.advance(timedelta(seconds=299))
    await ids(catalog)
    await settle()

    assert source.queries == 1


async def test_an_old_answer_is_given_while_a_new_one_is_fetched(catalog, source, clock):
    await ids(catalog)
    source.campaigns.append(campaign(id="c_new"))
    source.gate.clear()
    clock.advance(timedelta(seconds=300))

    assert await ids(catalog) == ["c_b", "c_a"]
    await begin()
    source.gate.set()
    await settle()
    assert await ids(catalog) == ["c_b", "c_a", "c_new"]
    assert source.queries == 2


async def test_with_the_store_away_the_old_campaigns_go_on(catalog, source, clock):
    await ids(catalog)
    source.away = True
    clock.advance(timedelta(hours=2))

    assert await ids(catalog) == ["c_b", "c_a"]
    await settle()
    await ids(catalog)
    await settle()
    assert source.queries == 2
    source.away = False
    source.campaigns.clear()
    clock.advance(timedelta(seconds=RETRY_SECONDS))
    await ids(catalog)
    await settle()
    assert await ids(catalog) == []


async def test_without_any_campaigns_yet_the_caller_is_told_and_the_next_one_tries_again(catalog, source):
    source.away = True
    with pytest.raises(StoreUnavailable):
        await ids(catalog)
    source.away = False

    assert await ids(catalog) == ["c_b", "c_a"]


async def test_a_change_made_here_counts_at_once(catalog):
    await ids(catalog)
    catalog.apply(campaign(id="c_a", version=2, priority=950))
    assert await ids(catalog) == ["c_a", "c_b"]

    catalog.apply(campaign(id="c_a", version=3, status="paused"))
    assert await ids(catalog) == ["c_b"]


async def test_an_older_version_never_replaces_a_newer_one(catalog):
    await ids(catalog)
    catalog.apply(campaign(id="c_a", version=3, priority=950))
    catalog.apply(campaign(id="c_a", version=2, status="archived"))

    assert await ids(catalog) == ["c_a", "c_b"]


async def test_a_change_made_during_a_refresh_is_not_lost(catalog, source, clock):
    """The query may have been answered before the change was stored."""
    await ids(catalog)
    source.gate.clear()
    clock.advance(timedelta(seconds=300))
    await ids(catalog)
    await begin()
    catalog.apply(campaign(id="c_a", version=2, status="archived"))
    catalog.apply(campaign(id="c_new"))
    source.gate.set()
    await settle()

    assert await ids(catalog) == ["c_b", "c_new"]


async def test_a_broken_campaign_is_left_out_and_reported(catalog, source, capfd, caplog):
    source.campaigns.append(campaign(id="c_bad", audience={"attribute": "no.such", "op": "eq", "value": 1}))

    assert await ids(catalog) == ["c_b", "c_a"]
    assert "campaign_broken" in caplog.text
    assert "c_bad" in caplog.text


async def test_after_invalidate_the_next_decision_fetches(catalog, source):
    await ids(catalog)
    source.campaigns.pop()
    catalog.invalidate()
    await ids(catalog)
    await settle()

    assert await ids(catalog) == ["c_a"]
