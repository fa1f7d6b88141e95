"""What a campaign's author is told of how far its messages got."""

import pytest

from blueprints.messaging import campaigns_http
from shared.kernel import telemetry
from shared.people.access import Principal
from tests.factories.app import sign_in
from tests.factories.client import Client
from tests.factories.experience import publish
from tests.factories.messaging import campaign, delivery

ADMIN = Principal("admin", frozenset({"admin"}))
OWNED = {"id": "c_org", "type": "organizer_broadcast", "organizer_id": "org_1"}


async def delivered(app, status, number, ident="c_org"):
    writes = [
        app.deliveries.create(delivery(id=f"d_{status}_{at}", campaign_id=ident, status=status))
        for at in range(number)
    ]
    await app.documents.commit(writes)


@pytest.fixture
async def counted(app):
    await publish(app, campaign(**OWNED))
    for status, number in {
        "pending": 3,
        "delivered": 2,
        "seen": 24,
        "dismissed": 4,
        "acknowledged": 31,
    }.items():
        await delivered(app, status, number)
    await delivered(app, "clicked", 9, ident="c_another")
    return app


async def test_an_admin_is_told_exactly_where_each_message_got_to(counted):
    with telemetry.counted() as bill:
        report = await counted.campaign_reports.report(ADMIN, "c_org")

    assert (report.shown.value, report.seen.value, report.acknowledged.value) == (59, 24, 31)
    assert (report.delivered.value, report.clicked.value) == (2, 0)
    assert bill == {"read": 7}


async def test_an_organizer_is_told_no_small_number_and_none_of_anothers(counted):
    client = Client(counted, campaigns_http.bp)
    lucia = sign_in(counted, "lucia", "organizer", organizers=("org_1",))
    other = sign_in(counted, "mirta", "organizer", organizers=("org_2",))
    path = "/api/messages/campaigns/c_org/report"

    report = (await client.get(path, token=lucia)).json

    assert report["shown"] == {"value": 60, "text": "60"}
    assert (report["seen"]["value"], report["acknowledged"]["text"]) == (25, "30")
    assert report["dismissed"] == {"text": "under 20"} == report["clicked"]
    assert (await client.get(path, token=other)).status == 404
