"""Funnels over HTTP: figures and the people behind them agree, and whose events they are."""

from datetime import timedelta

import pytest

from tests.factories.app import NOW, sign_in

URL = "/api/analytics/funnels"
STEPS = [{"event_type": each} for each in ("view", "cart_add", "purchase")]


@pytest.fixture
def operator(app):
    return sign_in(app, "uid-op", "operator")


async def happened(app, person, *types, organizer="org_1", days_ago=1, event="evt_1", **fields):
    """One event after the other, an hour apart."""
    for number, kind in enumerate(types):
        at = NOW - timedelta(days=days_ago) + timedelta(hours=number)
        ident = f"{person}{kind}{number}{at:%d}".encode().ljust(16, b"-")[:24]
        row = {
            "_id": ident, "type": kind, "at": at, "person": person, "personType": "user", "day": f"{at:%Y-%m-%d}",
            "source": "web", "batch": "b", "event": event, "organizer": organizer, **fields,
        }  # fmt: skip
        assert await app.analytics.insert(f"activity_{at:%Y_%m}", [row]) == 1


async def a_funnel(client, token, **body):
    reply = await client.post(URL, json={"name": "Tickets", "steps": STEPS, **body}, token=token)
    assert reply.status == 201, reply.json
    return reply.json


async def test_people_fall_out_step_by_step_and_every_number_can_be_listed(app, client, operator):
    await happened(app, "ana", "view", "cart_add", "purchase")
    await happened(app, "bea", "view", "login", "cart_add")
    await happened(app, "cleo", "view")
    await happened(app, "dora", "purchase")
    await happened(app, "robot", "view", "cart_add", "purchase", bot="headless")
    ident = (await a_funnel(client, operator))["id"]
    results = (await client.get(f"{URL}/{ident}/results", token=operator)).json

    assert [step["people"] for step in results["steps"]] == [3, 2, 1]
    assert [step["conversion_rate"] for step in results["steps"]] == [1, 0.6667, 0.3333]
    assert [step["step_conversion_rate"] for step in results["steps"]] == [1, 0.6667, 0.5]
    assert (results["conversion_rate"], results["exact"], results["as_of"]) == (
        0.3333,
        True,
        "2026-11-21T20:00:00Z",
    )
    assert results["steps"][1]["median_ms"] == 1.5 * 3600 * 1000
    listed = {}
    for step, part in ((1, "reached"), (2, "reached"), (2, "dropped"), (3, "dropped")):
        reply = await client.get(f"{URL}/{ident}/people?step={step}&part={part}", token=operator)
        listed[step, part] = reply.json["items"]
    assert listed == {
        (1, "reached"): ["ana", "bea", "cleo"],
        (2, "reached"): ["ana", "bea"],
        (2, "dropped"): ["cleo"],
        (3, "dropped"): ["bea"],
    }


async def test_a_list_of_people_goes_on_where_it_stopped(app, client, operator):
    for person in "abc":
        await happened(app, person, "view")
    url = f"{URL}/{(await a_funnel(client, operator))['id']}/people?step=1&limit=2"
    first = (await client.get(url, token=operator)).json
    rest = (await client.get(f"{url}&cursor={first['next_cursor']}", token=operator)).json

    assert (first["items"], rest) == (["a", "b"], {"items": ["c"]})


async def test_attempts_begin_in_the_span_and_end_behind_it_across_months(app, client, operator):
    await happened(app, "ana", "view", days_ago=22)
    await happened(app, "ana", "cart_add", "purchase", days_ago=20)
    ident = (await a_funnel(client, operator))["id"]

    async def reached(span):
        reply = await client.get(f"{URL}/{ident}/results?{span}", token=operator)
        return [step["people"] for step in reply.json["steps"]]

    assert await reached("from=2026-10-25&to=2026-10-31") == [1, 1, 1]
    assert await reached("from=2026-11-01&to=2026-11-07") == [0, 0, 0]


async def test_one_event_of_many(app, client, operator):
    await happened(app, "ana", "view", "cart_add", "purchase", event="evt_1")
    await happened(app, "bea", "view", event="evt_2")
    url = f"{URL}/{(await a_funnel(client, operator))['id']}/results?event_id=evt_2"

    assert [step["people"] for step in (await client.get(url, token=operator)).json["steps"]] == [1, 0, 0]


async def test_an_organizer_sees_their_own_events_and_no_people(app, client, operator):
    await happened(app, "ana", "view", "cart_add", "purchase")
    await happened(app, "bea", "view", "cart_add", organizer="org_2")
    mine, other = (
        sign_in(app, f"uid-{each}", "organizer", organizers=(each,)) for each in ("org_1", "org_2")
    )
    funnel = await a_funnel(client, mine)
    url = f"{URL}/{funnel['id']}"

    assert funnel["organization_id"] == "org_1"
    assert [step["people"] for step in (await client.get(f"{url}/results", token=mine)).json["steps"]] == [
        1,
        1,
        1,
    ]
    assert (await client.get(f"{url}/results", token=other)).status == 404
    assert (await client.get(f"{url}/people?step=1", token=mine)).status == 403
    assert (await client.get(URL, token=other)).json == {"items": []}
    assert len((await client.get(URL, token=mine)).json["items"]) == 1
    assert len((await client.get(URL, token=operator)).json["items"]) == 1


@pytest.mark.parametrize("span", ["from=2026-11-08&to=2026-11-07", "from=2026-01-01&to=2026-11-01"])
async def test_a_span_is_ordered_and_at_most_92_days(client, operator, span):
    ident = (await a_funnel(client, operator))["id"]

    assert (await client.get(f"{URL}/{ident}/results?{span}", token=operator)).status == 422


async def test_too_many_events_are_refused_and_not_guessed_at(app, client, operator, monkeypatch):
    monkeypatch.setattr("shared.analytics.funnels.repository.MAX_ROWS", 2)
    await happened(app, "ana", "view", "cart_add", "purchase")
    ident = (await a_funnel(client, operator))["id"]

    assert (await client.get(f"{URL}/{ident}/results", token=operator)).code == "span_too_wide"
