"""Segments over HTTP: whose they are, what is refused, versions, and what changed between them."""

from datetime import timedelta

import pytest

from tests.factories.app import sign_in
from tests.factories.crowds import counted, crowd, dancer, store, visited

GOLD = {"attribute": "person.tier", "op": "eq", "value": "gold"}
REGULAR = {"attribute": "visits.total", "op": "gte", "value": 10}
URL = "/api/analytics/segments"


@pytest.fixture
def operator(app):
    return sign_in(app, "uid-op", "operator")


@pytest.fixture
def organizer(app):
    return sign_in(app, "uid-org", "organizer", organizers=("org_1",))


async def made(client, token, filters=GOLD, **body):
    body = {"segment_name": "Ours", "filters": filters, **body}
    reply = await client.post(URL, json=body, token=token)
    assert reply.status == 201, reply.json
    return reply.json


async def estimate(client, token, filters=GOLD, **body):
    return await client.post(
        "/api/analytics/cohorts/estimate", json={"filters": filters, **body}, token=token
    )


async def test_an_operator_hears_exactly_and_an_organizer_roughly(app, client, operator, organizer):
    people = crowd(400)
    await counted(app, people)
    gold = [one for one in people if one.tier == "gold" and one.bot is None]
    users = [one for one in gold if one.person_type == "user"]
    exact, rough = await estimate(client, operator), await estimate(client, organizer)

    assert exact.json == {"count": len(gold), "exact": True, "bound": 0, "asOf": "2026-11-21T20:00:00Z"}
    assert rough.json["exact"] is False
    assert rough.json["count"] % 5 == 0
    assert abs(rough.json["count"] - len(users)) <= 5


async def test_a_small_cohort_is_under_twenty(app, client, organizer):
    await counted(app, [dancer(n, tier="gold") for n in range(1, 20)])

    assert (await estimate(client, organizer)).json == {
        "under": 20, "exact": False, "bound": 20, "asOf": "2026-11-21T20:00:00Z"
    }  # fmt: skip


async def test_before_the_first_snapshot_nobody_can_be_counted(client, operator):
    reply = await estimate(client, operator)

    assert (reply.status, reply.code) == (503, "not_ready")


@pytest.mark.parametrize(
    ("filters", "pointer", "code"),
    [
        ({"attribute": "visits.totl", "op": "gte", "value": 1}, "/filters/attribute", "unknown_attribute"),
        ({"all": [GOLD, {"any": []}]}, "/filters/all/1/any", "empty_group"),
        ({"attribute": "visits.total", "op": "gte", "value": {"$ne": 0}}, "/filters/value", "wrong_type"),
    ],
)
async def test_filters_are_refused_where_they_are_wrong(app, client, filters, pointer, code):
    await counted(app, [dancer(1)])
    token = sign_in(app, "uid-op", "operator")
    for reply in (
        await estimate(client, token, filters),
        await client.post(URL, json={"segment_name": "x", "filters": filters}, token=token),
    ):
        assert reply.status == 422
        assert [(each["pointer"], each["code"]) for each in reply.json["errors"]] == [(pointer, code)]


async def test_an_organizer_of_several_says_for_whom(app, client):
    await counted(app, [dancer(1)])
    token = sign_in(app, "uid-two", "organizer", organizers=("org_1", "org_2"))

    assert (await estimate(client, token)).status == 422
    assert (await estimate(client, token, organizationId="org_2")).status == 200
    assert (await estimate(client, token, organizationId="org_3")).status == 404


async def test_a_segment_is_its_organizers_and_the_operators(app, client, operator, organizer):
    await counted(app, [dancer(n, tier="gold") for n in range(1, 60)])
    mine = await made(client, organizer)
    site = await made(client, operator)
    other = sign_in(app, "uid-other", "organizer", organizers=("org_2",))
    url = f"{URL}/{mine['id']}"

    assert (mine["organization_id"], mine["version"], mine["size_estimate"]) == ("org_1", 1, 60)
    assert "organization_id" not in site
    assert site["size_estimate"] == 59
    for method, path, body in (
        ("GET", url, None),
        ("PATCH", url, {"segment_name": "Mine"}),
        ("GET", f"{url}/versions", None),
        ("GET", f"{url}/diff?from=1", None),
    ):
        reply = await client.request(method, path, json=body, token=other, headers={"If-Match": '"1"'})
        assert reply.status == 404
    assert (await client.get(f"{URL}/{site['id']}", token=organizer)).status == 404
    listed = {token: (await client.get(URL, token=token)).json for token in (organizer, operator, other)}
    assert [[each["id"] for each in one["items"]] for one in listed.values()] == [
        [mine["id"]], [site["id"], mine["id"]], []
    ]  # fmt: skip
    assert len(listed[other]["ready_made"]) == 4
    assert (await client.get(f"{URL}?organization_id=org_1", token=other)).status == 404


async def test_a_list_goes_on_where_it_stopped(app, client, operator):
    await counted(app, [dancer(1)])
    for _ in range(3):
        await made(client, operator)
        app.clock.advance(timedelta(milliseconds=1))
    first = (await client.get(f"{URL}?limit=2", token=operator)).json
    rest = (await client.get(f"{URL}?limit=2&cursor={first['next_cursor']}", token=operator)).json

    assert (len(first["items"]), len(rest["items"])) == (2, 1)
    assert "ready_made" not in rest
    assert "next_cursor" not in rest


async def test_a_change_makes_a_version_and_leaves_the_earlier_one(app, client, operator):
    await counted(app, [dancer(n, tier="gold", visits=visited(n)) for n in range(1, 30)])
    segment = await made(client, operator)
    url = f"{URL}/{segment['id']}"
    body = {"filters": {"all": [GOLD, REGULAR]}}
    assert (await client.patch(url, json=body, token=operator)).status == 428
    changed = await client.patch(url, json=body, token=operator, headers={"If-Match": '"1"'})
    again = await client.patch(url, json=body, token=operator, headers={"If-Match": '"1"'})
    other = {"segment_name": "Other"}
    stale = await client.patch(url, json=other, token=operator, headers={"If-Match": '"1"'})
    versions = (await client.get(f"{url}/versions", token=operator)).json["items"]

    assert (changed.status, changed.json["version"], changed.json["size_estimate"]) == (200, 2, 20)
    assert (again.status, again.json) == (200, changed.json)
    assert stale.status == 412
    assert [(each["version"], each["filters"]) for each in versions] == [(2, body["filters"]), (1, GOLD)]
    same = await client.patch(url, json=body, token=operator, headers={"If-Match": '"2"'})
    assert same.json["version"] == 2


async def test_a_repeated_create_makes_one_segment(app, client, operator):
    await counted(app, [dancer(1)])
    body = {"segment_name": "Ours", "filters": GOLD}
    replies = [
        await client.post(URL, json=body, token=operator, headers={"Idempotency-Key": "k"}) for _ in range(2)
    ]

    assert replies[0].json["id"] == replies[1].json["id"]
    assert len((await client.get(URL, token=operator)).json["items"]) == 1


async def test_ready_made_segments_stay_as_they_are(app, client, operator):
    await counted(app, crowd(100))
    url = f"{URL}/dormant_regulars"
    read = await client.get(url, token=operator)
    reply = await client.patch(url, json={"segment_name": "x"}, token=operator, headers={"If-Match": '"1"'})

    assert (read.status, read.json["ready_made"]) == (200, True)
    assert "size_estimate" in read.json
    assert (reply.status, reply.code) == (409, "segment_ready_made")


async def test_a_diff_says_who_joined_who_left_and_why_in_numbers(app, client, operator):
    await counted(app, [dancer(n, tier="gold", visits=visited(n)) for n in range(1, 101)])
    segment = await made(client, operator, {"all": [GOLD, REGULAR]})
    url = f"{URL}/{segment['id']}"
    wider = {"all": [GOLD, {"attribute": "visits.total", "op": "gte", "value": 61}]}
    await client.patch(url, json={"filters": wider}, token=operator, headers={"If-Match": '"1"'})
    app.clock.advance(timedelta(minutes=5))
    await store(app, [dancer(n, tier="silver", visits=visited(n)) for n in range(91, 101)])
    await app.facet_refresh.run()
    versions = (await client.get(f"{url}/diff?from=1&to=2", token=operator)).json
    drift = (await client.get(f"{url}/diff?from=2", token=operator)).json

    assert (versions["before"]["count"], versions["after"]["count"]) == (91, 40)
    assert (versions["joined"]["count"], versions["left"]["count"], versions["alarming"]) == (0, 51, True)
    assert versions["why"] == [
        {"side": "left", "pointer": "/filters/all/1", "attribute": "visits.total", "people": 51}
    ]
    assert (drift["joined"]["count"], drift["left"]["count"], drift["alarming"]) == (0, 10, True)
    assert drift["why"] == [
        {"side": "left", "pointer": "/filters/all/0", "attribute": "person.tier", "people": 10}
    ]
    assert (await client.get(f"{url}/diff?from=3", token=operator)).status == 404


async def test_an_organizers_diff_is_as_rough_as_their_sizes(app, client, organizer):
    await counted(app, [dancer(n, tier="gold") for n in range(1, 101)])
    segment = await made(client, organizer)
    app.clock.advance(timedelta(minutes=5))
    await store(app, [dancer(n) for n in range(1, 31)])
    await app.facet_refresh.run()
    diff = (await client.get(f"{URL}/{segment['id']}/diff?from=1", token=organizer)).json

    assert diff["joined"]["under"] == 20
    assert diff["left"]["count"] in (25, 30, 35)
    assert diff["why"] == [{"side": "left", "pointer": "/filters", "attribute": "person.tier"}]


async def test_sizes_are_questions_of_the_day(app, client, organizer):
    await counted(app, [dancer(1)])
    for _ in range(50):
        assert (await estimate(client, organizer)).status == 200
    reply = await estimate(client, organizer)

    assert (reply.status, reply.code) == (429, "cohort_budget_spent")
    assert int(reply.headers["Retry-After"]) > 0
