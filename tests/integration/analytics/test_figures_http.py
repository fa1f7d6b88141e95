"""Figures as organizers and operators see them."""

from collections import Counter
from datetime import timedelta

import pytest

from shared.analytics.intake.models import Event
from shared.analytics.intake.rules import event_key
from shared.kernel.clock import to_millis
from tests.factories.app import NOW, sign_in

ROME = "Europe/Rome"


def event(n, type_, *, person="ana", ago=timedelta(0), about="e1", organizer="o1", bot=None, **more):
    metadata = {"eventId": about, "organizerId": organizer, "timezone": ROME} | more
    kind = "ip" if person.startswith("v_") else "user"
    return Event(event_key("t", str(n)), type_, to_millis(NOW - ago), person, kind, "server", metadata, bot)


@pytest.fixture
async def organizer(app):
    return sign_in(app, "org-owner", "organizer", organizers=("o1",))


@pytest.fixture
async def told(app):
    await app.ingest.apply(
        "b1",
        [
            event(1, "view"),
            event(2, "view"),
            event(3, "view", person="bob"),
            event(4, "view", person="v_" + "0" * 32),
            event(5, "view", person="v_" + "1" * 32, bot="user_agent"),
            event(6, "cart_add"),
            event(7, "checkout_start", ago=timedelta(minutes=5)),
            event(8, "checkout_start", person="bob", ago=timedelta(minutes=40)),
            event(9, "purchase", person="bob", quantity=2, amount=3000, currency="EUR"),
            event(10, "refund", person="bob", quantity=1, amount=1500, currency="EUR"),
            event(11, "seat_change", taken=40, capacity=100),
            event(12, "seat_change", taken=39, capacity=100, ago=timedelta(minutes=1)),
            event(13, "view", ago=timedelta(days=1)),
            event(14, "view", about="e2", organizer="o2"),
        ],
    )


async def test_an_events_days_are_those_of_the_document(app, client, told, organizer):
    reply = await client.get("/api/analytics/events/e1/metrics", token=organizer)
    assert reply.status == 200
    today = reply.json["items"][-1]
    assert today | {"as_of": None} == {
        "event_id": "e1",
        "organization_id": "o1",
        "date": "2026-11-21",
        "views": 4,
        "add_to_cart": 1,
        "checkouts_started": 2,
        "tickets_sold": 1,
        "refunds": 1,
        "revenue": 1500,
        "currency": "EUR",
        "revenue_by_currency": {"EUR": 1500},
        "conversion_rate": 0.3333,
        "checkins": 0,
        "rsvps": 0,
        "occupancy": 0.4,
        "unique_viewers": today["unique_viewers"],
        "unique_buyers": {"value": 1, "exact": True, "low": 1, "high": 1},
        "suspected_bots": {"user_agent": 1},
        "as_of": None,
    }
    uniques = today["unique_viewers"]
    assert (uniques["value"], uniques["exact"]) == (3, False)
    assert uniques["low"] <= 3 <= uniques["high"]
    assert (reply.json["total"]["views"], reply.json["total"]["unique_viewers"]["value"]) == (5, 3)


async def test_a_period_is_asked_for_by_social_days(client, told, organizer):
    reply = await client.get(
        "/api/analytics/events/e1/metrics?from=2026-11-20&to=2026-11-20", token=organizer
    )
    assert [day["date"] for day in reply.json["items"]] == ["2026-11-20"]
    for bad in ("from=2026-11-20&to=2026-11-19", "from=2020-01-01&to=2026-11-20", "from=x"):
        assert (await client.get(f"/api/analytics/events/e1/metrics?{bad}", token=organizer)).status == 422


async def test_anothers_event_is_not_there(app, client, told, organizer):
    operator = sign_in(app, "op", "operator")
    for path in ("events/e2/metrics", "events/e2/live", "organizations/o2/live", "heatmaps?scope=org:o2"):
        assert (await client.get(f"/api/analytics/{path}", token=organizer)).status == 404, path
        assert (await client.get(f"/api/analytics/{path}", token=operator)).status == 200, path
    assert (await client.get("/api/analytics/events/none/metrics", token=operator)).status == 404
    assert (await client.get("/api/analytics/events/e1/live", token=sign_in(app, "ana"))).status == 403


async def test_live_snapshots_are_polled(app, client, told, organizer):
    reply = await client.get("/api/analytics/events/e1/live", token=organizer)
    live = reply.json
    assert (live["views"], live["active_checkouts"], live["tickets_sold"]) == (4, 1, 1)
    assert (live["seats_taken"], live["seats"], live["occupancy"]) == (40, 100, 0.4)
    again = {"If-None-Match": reply.headers["ETag"]}
    app.clock.advance(timedelta(seconds=20))
    assert (await client.get("/api/analytics/events/e1/live", token=organizer, headers=again)).status == 304
    await app.ingest.apply("b2", [event(99, "view")])
    assert (await client.get("/api/analytics/events/e1/live", token=organizer, headers=again)).status == 200
    whole = (await client.get("/api/analytics/organizations/o1/live", token=organizer)).json
    assert [each["event_id"] for each in whole["events"]] == ["e1"]
    assert whole["events"][0]["views"] == 5


async def test_uniques_are_within_their_bound(app, client, organizer):
    await app.ingest.apply("big", [event(n, "view", person=f"v_{n:032x}") for n in range(500)])
    [day] = (await client.get("/api/analytics/events/e1/metrics", token=organizer)).json["items"]
    assert day["unique_viewers"]["low"] <= 500 <= day["unique_viewers"]["high"]
    assert day["unique_viewers"]["exact"] is False


async def test_a_heat_map_counts_hours_by_how_often_they_occurred(app, client, organizer):
    # Saturday 21 November 2026, 21:00 in Rome, and the same hour of the two Saturdays before; 01:00 belongs to the evening before
    logins = [event(n, "login", ago=timedelta(days=7 * n), person=f"p{n}") for n in range(3)]
    logins.append(event(9, "login", ago=timedelta(hours=-4), cityId="rome"))
    await app.ingest.apply("b1", logins)
    reply = await client.get(
        "/api/analytics/heatmaps?from=2026-11-01&to=2026-11-21&granularity=weekly", token=organizer
    )
    cells = {(cell["weekday"], cell["hour"]): cell for cell in reply.json["cells"]}
    assert len(cells) == 168
    assert cells[5, 21] == {"weekday": 5, "hour": 21, "logins": 3, "occurrences": 3, "mean": 1.0}
    assert cells[5, 1]["logins"] == 1
    assert sum(cell["logins"] for cell in cells.values()) == 4
    assert [total["logins"] for total in reply.json["series"]] == [1, 1, 2]
    assert Counter(cell["occurrences"] for cell in cells.values()) == {3: 168}
    rome = await client.get("/api/analytics/heatmaps?scope=city:rome&granularity=daily", token=organizer)
    assert rome.json["series"] == [{"start": "2026-11-21", "logins": 1}]
    monthly = await client.get("/api/analytics/heatmaps?scope=org:o1&granularity=monthly", token=organizer)
    assert monthly.json["series"] == [{"start": "2026-11-01", "logins": 4}]
