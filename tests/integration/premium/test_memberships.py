"""A tier is its organizer's, and reaches the people who speak for it: conditions ask their profiles."""

from datetime import timedelta

import pytest

from shared.messaging.campaigns.models import Metadata
from tests.factories.app import sign_in
from tests.factories.experience import profile_of, publish, work_off
from tests.factories.messaging import campaign

DECIDE = "/api/experience/decide"


@pytest.fixture
def admin(app):
    sign_in(app, "uid-lucia")
    return sign_in(app, "uid-admin", "admin")


async def put_roles(client, app, admin, *organizers):
    app.clock.advance(timedelta(seconds=1))
    body = {"roles": ["organizer"], "organizerIds": list(organizers)}
    assert (await client.put("/api/people/uid-lucia/roles", json=body, token=admin)).status == 200
    await work_off(app, "signals")


async def put_tier(client, app, admin, organizer, tier, *, times=1):
    app.clock.advance(timedelta(seconds=1))
    url = f"/api/premium/organizers/{organizer}/tier"
    assert (await client.put(url, json={"tier": tier}, token=admin)).status == 200
    await work_off(app, "signals", times=times)


async def tier(app):
    return (await profile_of(app, "uid-lucia")).tier


@pytest.mark.parametrize("times", [1, 2])
async def test_who_speaks_for_the_organizer_has_its_tier(client, app, admin, times):
    await put_roles(client, app, admin, "org_1")
    assert await tier(app) == "basic"
    await put_tier(client, app, admin, "org_1", "gold", times=times)
    assert await tier(app) == "gold"
    await put_tier(client, app, admin, "org_1", "bronze", times=times)
    assert await tier(app) == "bronze"


async def test_of_several_organizers_the_highest_counts(client, app, admin):
    await put_tier(client, app, admin, "org_1", "bronze")
    await put_tier(client, app, admin, "org_2", "silver")
    await put_roles(client, app, admin, "org_1", "org_2")
    assert await tier(app) == "silver"
    await put_roles(client, app, admin, "org_1")
    assert await tier(app) == "bronze"
    await put_roles(client, app, admin)
    assert await tier(app) is None


async def test_a_campaign_for_a_tier_finds_its_people(client, app, admin):
    await publish(app, campaign(id="c_gold", metadata=Metadata(paid_tier_requirement="silver")))
    await put_roles(client, app, admin, "org_1")
    lucia = app.issuer.token("uid-lucia")
    assert (await client.post(DECIDE, json={"releaseId": "r1"}, token=lucia)).json["messages"] == []

    await put_tier(client, app, admin, "org_1", "gold")
    (message,) = (await client.post(DECIDE, json={"releaseId": "r1"}, token=lucia)).json["messages"]
    assert message["campaignId"] == "c_gold"
    await app.activity.drain()


async def test_nobody_gets_a_profile_by_it(client, app, admin):
    await put_tier(client, app, admin, "org_1", "gold")

    assert (await profile_of(app, "uid-lucia")).update_time is None
