import asyncio
from datetime import timedelta

import pytest

from shared.clients.documents.embedded import EmbeddedDocuments
from shared.clients.documents.port import Update
from shared.clients.errors import StoreUnavailable
from shared.kernel import telemetry
from shared.kernel.clock import ManualClock
from shared.kernel.errors import (
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
)
from shared.kernel.ids import UlidSource
from shared.kernel.pagination import Cursors
from shared.messaging.campaigns.models import Campaign
from shared.messaging.campaigns.schemas import CampaignsQuery, ChangeCampaign, CreateCampaign, VersionsQuery
from shared.messaging.campaigns.service import Campaigns
from shared.people.access import Principal
from tests.factories.messaging import NOW, campaign_body

ADMIN = Principal("admin", frozenset({"admin"}))
LUCIA = Principal("lucia", frozenset({"organizer"}), frozenset({"org_1", "org_2"}))
PEDRO = Principal("pedro", frozenset({"organizer"}), frozenset({"org_9"}))


def system(**changes):
    return CreateCampaign.model_validate(campaign_body(**changes))


def broadcast(organizer="org_1", **changes):
    return system(type="organizer_broadcast", organizerId=organizer, deliveryChannels=["inbox"], **changes)


class LosesAnswers(EmbeddedDocuments):
    """Commits, loses the answer and commits again, as the real client does by itself."""

    async def commit(self, writes):
        await super().commit(writes)
        return await super().commit(writes)


class MeetsAnother(EmbeddedDocuments):
    """Lets somebody else change every document between our read and our write."""

    async def get(self, path):
        found = await super().get(path)
        if found is not None:
            await super().commit([_touch(found)])
        return found


def _touch(snapshot):
    return Update(snapshot.path, {"name": "Changed by another", "version": snapshot.data["version"] + 1})


class Stage:
    """Campaigns over an embedded store, the clock and what the hook heard."""

    def __init__(self, store=EmbeddedDocuments):
        self.clock = ManualClock(NOW)
        self.documents = store(":memory:", self.clock)
        self.heard: list[Campaign] = []
        ids = UlidSource(self.clock)
        self.campaigns = Campaigns(self.documents, self.clock, ids, Cursors(["s" * 32]), self.heard.append)

    async def made(self, body=None, by=ADMIN, **options):
        self.clock.advance(timedelta(seconds=1))
        return await self.campaigns.create(by, body or system(), **options)


@pytest.fixture
async def stage():
    """A stage with an empty store."""
    built = Stage()
    yield built
    await built.documents.close()


async def test_what_was_created_is_read_back_the_same(stage):
    body = system(
        audience={"all": [{"attribute": "visits.total", "op": "gte", "value": 3}]},
        scheduling={"startAt": "2025-11-01T10:00:00.123456+02:00", "cooldownHours": 12},
        metadata={"releaseId": "2025.11"},
    )
    made = await stage.made(body)

    assert await stage.campaigns.get(ADMIN, made.id) == made
    assert made.scheduling.start_at.isoformat() == "2025-11-01T08:00:00.123456+00:00"


async def test_creating_costs_two_writes_and_tells_the_hook(stage):
    with telemetry.counted() as bill:
        made = await stage.made()

    assert bill == {"write": 2}
    assert stage.heard == [made]


async def test_a_repeated_create_finds_the_first_one(stage):
    first = await stage.made(seed="key-1")
    again = await stage.made(seed="key-1")
    other = await stage.made(seed="key-2")

    assert again == first
    assert other.id != first.id
    assert len((await stage.campaigns.page(ADMIN, CampaignsQuery())).items) == 2


async def test_a_refused_create_stores_nothing(stage):
    with pytest.raises(Forbidden):
        await stage.made(by=LUCIA)
    with pytest.raises(NotFound):
        await stage.made(broadcast("org_9"), by=LUCIA)
    with pytest.raises(Invalid):
        await stage.made(system(deliveryChannels=["helper"]))

    assert (await stage.campaigns.page(ADMIN, CampaignsQuery())).items == []
    assert stage.heard == []


async def test_a_change_costs_one_read_and_two_writes_and_tells_the_hook(stage):
    made = await stage.made()
    with telemetry.counted() as bill:
        changed = await stage.campaigns.change(ADMIN, made.id, ChangeCampaign(name="Renamed"), if_match="1")

    assert bill == {"read": 1, "write": 2}
    assert (changed.name, changed.version) == ("Renamed", 2)
    assert await stage.campaigns.get(ADMIN, made.id) == changed
    assert stage.heard == [made, changed]


async def test_a_change_that_says_nothing_new_writes_nothing(stage):
    made = await stage.made()
    with telemetry.counted() as bill:
        same = await stage.campaigns.change(ADMIN, made.id, ChangeCampaign(name=made.name), if_match="1")

    assert bill == {"read": 1}
    assert same == made


async def test_a_change_names_the_version_it_builds_on(stage):
    made = await stage.made()

    with pytest.raises(PreconditionRequired):
        await stage.campaigns.change(ADMIN, made.id, ChangeCampaign(name="New"), if_match=None)
    with pytest.raises(PreconditionFailed):
        await stage.campaigns.change(ADMIN, made.id, ChangeCampaign(name="New"), if_match="2")


async def test_of_many_changes_at_once_exactly_one_wins(stage):
    made = await stage.made()
    tries = [
        stage.campaigns.change(ADMIN, made.id, ChangeCampaign(priority=number), if_match="1")
        for number in range(10)
    ]
    results = await asyncio.gather(*tries, return_exceptions=True)

    won = [result for result in results if isinstance(result, Campaign)]
    assert len(won) == 1
    assert all(isinstance(result, PreconditionFailed) for result in results if result not in won)
    assert await stage.campaigns.get(ADMIN, made.id) == won[0]


async def test_a_commit_repeated_by_the_store_counts_once():
    """The answer to the first try was lost: the second meets what the first one wrote."""
    stage = Stage(LosesAnswers)
    made = await stage.made()
    changed = await stage.campaigns.change(ADMIN, made.id, ChangeCampaign(name="New"), if_match="1")
    await stage.campaigns.archive(ADMIN, made.id)
    versions = await stage.campaigns.versions(ADMIN, made.id, VersionsQuery())

    assert changed.version == 2
    assert [each.status for each in versions.items] == ["archived", "draft", "draft"]
    assert [each.version for each in stage.heard] == [1, 2, 3]
    await stage.documents.close()


async def test_a_change_over_somebody_elses_is_refused():
    stage = Stage(MeetsAnother)
    made = await stage.made()

    with pytest.raises(PreconditionFailed):
        await stage.campaigns.change(ADMIN, made.id, ChangeCampaign(name="New"), if_match="1")
    await stage.documents.close()


async def test_archiving_keeps_the_campaign_readable_and_can_be_repeated(stage):
    made = await stage.made(system(status="active"))
    await stage.campaigns.archive(ADMIN, made.id)
    with telemetry.counted() as bill:
        await stage.campaigns.archive(ADMIN, made.id)

    assert bill == {"read": 1}
    assert (await stage.campaigns.get(ADMIN, made.id)).status == "archived"
    assert await stage.campaigns.active() == []


async def test_the_active_campaigns_come_in_one_query(stage):
    wanted = [await stage.made(system(status="active")) for _ in range(3)]
    await stage.made()
    with telemetry.counted() as bill:
        active = await stage.campaigns.active()

    assert bill == {"read": 3}
    assert sorted(each.id for each in active) == sorted(each.id for each in wanted)


@pytest.mark.parametrize("ident", ["c_none", "", "..", "a/b", "x" * 300, "__all__", "c_é", "c_\ud800"])
async def test_what_is_not_there_is_not_found(stage, ident):
    with pytest.raises(NotFound):
        await stage.campaigns.get(ADMIN, ident)


async def test_another_organizers_campaign_does_not_exist_by_any_verb(stage):
    made = await stage.made(broadcast(), by=LUCIA)
    tries = [
        stage.campaigns.get(PEDRO, made.id),
        stage.campaigns.change(PEDRO, made.id, ChangeCampaign(name="Mine"), if_match="1"),
        stage.campaigns.archive(PEDRO, made.id),
        stage.campaigns.versions(PEDRO, made.id, VersionsQuery()),
        stage.campaigns.page(PEDRO, CampaignsQuery(organizer_id="org_1")),
    ]

    for each in tries:
        with pytest.raises(NotFound):
            await each
    assert (await stage.campaigns.page(PEDRO, CampaignsQuery())).items == []
    assert await stage.campaigns.get(LUCIA, made.id) == made


async def test_an_organizer_lists_their_own_campaigns_and_an_admin_all(stage):
    first = await stage.made(broadcast("org_1"), by=LUCIA)
    second = await stage.made(broadcast("org_2"), by=LUCIA)
    third = await stage.made(broadcast("org_9"), by=PEDRO)
    site = await stage.made()

    async def listed(principal, **query):
        return (await stage.campaigns.page(principal, CampaignsQuery(**query))).items

    assert await listed(ADMIN) == [site, third, second, first]
    assert await listed(LUCIA) == [second, first]
    assert await listed(LUCIA, organizer_id="org_1") == [first]
    assert await listed(ADMIN, organizer_id="org_9") == [third]
    assert await listed(Principal("new", frozenset({"organizer"}))) == []


async def test_every_combination_of_filters_has_its_index(stage):
    made = await stage.made(broadcast(status="active"), by=LUCIA)
    for status in (None, "active"):
        for kind in (None, "organizer_broadcast"):
            for organizer in (None, "org_1"):
                for who in (ADMIN, LUCIA):
                    query = CampaignsQuery(status=status, type=kind, organizer_id=organizer)
                    assert (await stage.campaigns.page(who, query)).items == [made]


async def test_filters_leave_out_what_does_not_match(stage):
    await stage.made(broadcast(), by=LUCIA)
    kept = await stage.made(system(type="upgrade", status="active"))

    found = await stage.campaigns.page(ADMIN, CampaignsQuery(status="active", type="upgrade"))
    assert found.items == [kept]


async def test_pages_cover_the_list_once_even_where_times_are_equal(stage):
    made = [await stage.campaigns.create(ADMIN, system()) for _ in range(7)]
    seen, cursor = [], None
    for expected in (3, 3, 1):
        page = await stage.campaigns.page(ADMIN, CampaignsQuery(limit=3, cursor=cursor))
        assert len(page.items) == expected
        seen += page.items
        cursor = page.next_cursor

    assert cursor is None
    assert sorted(each.id for each in seen) == sorted(each.id for each in made)


async def test_a_cursor_is_good_for_its_own_list_only(stage):
    for _ in range(2):
        await stage.made(broadcast(), by=LUCIA)
    cursor = (await stage.campaigns.page(ADMIN, CampaignsQuery(limit=1))).next_cursor

    for who, query in [
        (ADMIN, CampaignsQuery(limit=1, cursor=cursor, status="draft")),
        (LUCIA, CampaignsQuery(limit=1, cursor=cursor)),
        (ADMIN, CampaignsQuery(limit=1, cursor=f"{cursor}x")),
    ]:
        with pytest.raises(Malformed):
            await stage.campaigns.page(who, query)


async def test_versions_come_newest_first_and_in_pages(stage):
    made = await stage.made()
    for number in range(1, 4):
        await stage.campaigns.change(ADMIN, made.id, ChangeCampaign(priority=number), if_match=str(number))

    first = await stage.campaigns.versions(ADMIN, made.id, VersionsQuery(limit=3))
    rest = await stage.campaigns.versions(ADMIN, made.id, VersionsQuery(limit=3, cursor=first.next_cursor))

    assert [each.version for each in first.items] == [4, 3, 2]
    assert rest.items == [made]
    assert rest.next_cursor is None


async def test_the_hook_hears_nothing_of_what_was_not_stored(stage):
    made = await stage.made()

    async def dark(writes):
        raise StoreUnavailable

    stage.documents.commit = dark
    with pytest.raises(StoreUnavailable):
        await stage.campaigns.change(ADMIN, made.id, ChangeCampaign(name="New"), if_match="1")

    assert stage.heard == [made]
