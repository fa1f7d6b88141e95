"""Campaigns as their authors use them, through the whole middleware."""

import pytest

from blueprints.messaging import campaigns_http
from blueprints.ops import zz_fallback_http
from tests.factories.app import sign_in
from tests.factories.client import Client
from tests.factories.messaging import campaign_body

URL = "/api/messages/campaigns"
BROADCAST = {"type": "organizer_broadcast", "organizerId": "org_1", "deliveryChannels": ["inbox"]}


@pytest.fixture
def client(app):
    return Client(app, campaigns_http.bp, zz_fallback_http.bp)


@pytest.fixture
def admin(app):
    return sign_in(app, "admin", "admin")


@pytest.fixture
def lucia(app):
    return sign_in(app, "lucia", "organizer", organizers=("org_1",))


async def test_a_campaign_from_draft_to_archive(client, admin):
    body = campaign_body(audience={"attribute": "visits.total", "op": "gte", "value": 3})
    made = await client.post(URL, json=body, token=admin)
    where = made.headers["Location"]

    assert (made.status, made.headers["ETag"]) == (201, '"1"')
    assert made.json["audience"] == body["audience"]
    assert made.json["status"] == "draft"

    shown = await client.patch(where, json={"status": "active"}, token=admin, headers={"If-Match": '"1"'})
    assert (shown.status, shown.headers["ETag"], shown.json["status"]) == (200, '"2"', "active")
    assert shown.json["name"] == made.json["name"]

    listed = await client.get(f"{URL}?status=active&type=system&limit=5", token=admin)
    assert [each["id"] for each in listed.json["items"]] == [made.json["id"]]

    for _ in range(2):
        assert (await client.delete(where, token=admin)).status == 204
    last = await client.get(where, token=admin)
    assert (last.status, last.json["status"]) == (200, "archived")

    versions = await client.get(f"{where}/versions", token=admin)
    assert [each["version"] for each in versions.json["items"]] == [3, 2, 1]


async def test_a_repeat_with_the_same_key_is_the_same_campaign(client, admin):
    headers = {"Idempotency-Key": "autumn-1"}
    first = await client.post(URL, json=campaign_body(), token=admin, headers=headers)
    again = await client.post(URL, json=campaign_body(), token=admin, headers=headers)

    assert again.json == first.json
    assert len((await client.get(URL, token=admin)).json["items"]) == 1


@pytest.mark.parametrize(
    ("headers", "status"), [({}, 428), ({"If-Match": '"7"'}, 412), ({"If-Match": '"1"'}, 200)]
)
async def test_a_change_says_which_version_it_builds_on(client, admin, headers, status):
    made = await client.post(URL, json=campaign_body(), token=admin)
    reply = await client.patch(made.headers["Location"], json={"priority": 1}, token=admin, headers=headers)

    assert reply.status == status


async def test_the_same_change_again_is_no_other_change(client, admin):
    """Its first answer was lost, so it comes again over the version that it has already replaced (RFC 9110, §13.1.1)."""
    made = await client.post(URL, json=campaign_body(), token=admin)
    first, again, other = [
        await client.patch(made.headers["Location"], json=body, token=admin, headers={"If-Match": '"1"'})
        for body in ({"priority": 7}, {"priority": 7}, {"priority": 8})
    ]

    assert (first.status, again.status, other.status) == (200, 200, 412)
    assert again.json == first.json


async def test_a_list_is_read_page_by_page(client, admin):
    for _ in range(3):
        await client.post(URL, json=campaign_body(), token=admin)
    first = await client.get(f"{URL}?limit=2", token=admin)
    second = await client.get(f"{URL}?limit=2&cursor={first.json['nextCursor']}", token=admin)

    assert (len(first.json["items"]), len(second.json["items"])) == (2, 1)
    assert "nextCursor" not in second.json


async def test_only_organizers_and_admins_come_in(app, client):
    assert (await client.get(URL)).status == 401
    assert (await client.get(URL, token=sign_in(app, "ana"))).status == 403
    assert (await client.post(URL, json=campaign_body(), token=sign_in(app, "ana"))).status == 403


async def test_an_organizer_makes_a_broadcast_but_no_system_message(client, lucia):
    own = await client.post(URL, json=campaign_body(**BROADCAST), token=lucia)
    system = await client.post(URL, json=campaign_body(), token=lucia)
    others = await client.post(URL, json=campaign_body(**BROADCAST | {"organizerId": "org_9"}), token=lucia)

    assert own.status == 201
    assert (system.status, system.code) == (403, "campaign_type_not_allowed")
    assert (others.status, others.code) == (404, "organizer_not_found")


async def test_another_organizers_campaign_is_not_found_by_any_verb(app, client, lucia):
    made = await client.post(URL, json=campaign_body(**BROADCAST), token=lucia)
    pedro = sign_in(app, "pedro", "organizer", organizers=("org_2",))
    where = made.headers["Location"]
    replies = [
        await client.get(where, token=pedro),
        await client.patch(where, json={"priority": 1}, token=pedro, headers={"If-Match": '"1"'}),
        await client.delete(where, token=pedro),
        await client.get(f"{where}/versions", token=pedro),
        await client.get(f"{URL}?organizerId=org_1", token=pedro),
    ]

    assert [reply.status for reply in replies] == [404] * 5
    assert (await client.get(where, token=lucia)).json == made.json


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        (
            {"audience": {"attribute": "person.teir", "op": "eq", "value": "gold"}},
            "/audience/attribute",
            "unknown_attribute",
        ),
        ({"audience": {"$where": "1"}}, "/audience", "unknown_field"),
        ({"audience": {"all": []}}, "/audience/all", "empty_group"),
        ({"deliveryChannels": ["helper"]}, "/content/steps", "steps_required"),
        ({"deliveryChannels": ["pigeon"]}, "/deliveryChannels/0", "enum"),
        ({"version": 7}, "/version", "extra_forbidden"),
        ({"createdBy": "me"}, "/createdBy", "extra_forbidden"),
        ({"status": "archived"}, "/status", "literal_error"),
        ({"scheduling": {"endAt": "0001-01-01T00:00:00+14:00"}}, "/scheduling/endAt", "value_error"),
        (
            {"scheduling": {"startAt": "2026-01-02T00:00:00Z", "endAt": "2026-01-01T00:00:00Z"}},
            "/scheduling/endAt",
            "not_after_start",
        ),
    ],
)
async def test_a_body_that_does_not_fit_is_told_where(client, admin, changes, pointer, code):
    reply = await client.post(URL, json=campaign_body(**changes), token=admin)

    assert reply.status == 422
    assert [(fault["pointer"], fault["code"]) for fault in reply.json["errors"]] == [(pointer, code)]


def split(key="greeting", **more):
    return {"experiment": {"key": key, "variants": [{"key": "short"}, {"key": "long"}]} | more}


async def test_a_campaign_with_a_rollout_and_variants(client, admin):
    body = campaign_body(
        rollout={"share": 0.2},
        experiment={
            "key": "greeting",
            "variants": [
                {"key": "short", "weight": 0.5},
                {"key": "long", "weight": 0.5, "content": {"body": "Doors at nine, class at eight."}},
            ],
            "coverage": 0.8,
            "namespace": {"id": "autumn", "start": 0, "end": 0.5},
        },
        status="active",
    )
    made = await client.post(URL, json=body, token=admin)
    where = made.headers["Location"]

    assert made.status == 201
    assert made.json["rollout"] == body["rollout"]
    assert made.json["experiment"]["variants"][1]["content"] == {"body": "Doors at nine, class at eight."}
    assert (await client.get(where, token=admin)).json == made.json

    moved = await client.patch(
        where, json={"rollout": {"share": 0.2, "seed": "s"}}, token=admin, headers={"If-Match": '"1"'}
    )
    assert (moved.status, moved.code, moved.json["errors"][0]["pointer"]) == (
        409,
        "places_fixed",
        "/rollout/seed",
    )
    ended = await client.patch(
        where, json={"rollout": {"share": 0.4}, "experiment": None}, token=admin, headers={"If-Match": '"1"'}
    )
    assert (ended.status, ended.json["rollout"], "experiment" in ended.json) == (200, {"share": 0.4}, False)


@pytest.mark.parametrize(
    ("experiment", "pointer", "code"),
    [
        ({"variants": [{"key": "only"}]}, "/experiment/variants", "too_short"),
        (
            {"variants": [{"key": "a", "weight": 0.9}, {"key": "b", "weight": 0.9}]},
            "/experiment/variants",
            "weights_sum",
        ),
        ({"coverage": 2}, "/experiment/coverage", "less_than_equal"),
        ({"seed": "s", "salt": "t"}, "/experiment/salt", "extra_forbidden"),
    ],
)
async def test_an_experiment_that_does_not_fit_is_told_where(client, admin, experiment, pointer, code):
    reply = await client.post(URL, json=campaign_body(**split(**experiment)), token=admin)

    assert reply.status == 422
    assert [(fault["pointer"], fault["code"]) for fault in reply.json["errors"]] == [(pointer, code)]


async def test_active_experiments_of_one_owner_do_not_share_a_part_of_a_namespace(app, client, admin, lucia):
    def part(start, end):
        return split(namespace={"id": "autumn", "start": start, "end": end})

    first = await client.post(URL, json=campaign_body(**part(0, 0.5), status="active"), token=admin)
    overlapping = await client.post(URL, json=campaign_body(**part(0.4, 1), status="active"), token=admin)
    beside = await client.post(URL, json=campaign_body(**part(0.5, 1), status="active"), token=admin)
    draft = await client.post(URL, json=campaign_body(**part(0, 1)), token=admin)
    anothers = await client.post(
        URL, json=campaign_body(**BROADCAST, **part(0, 1), status="active"), token=lucia
    )

    assert [reply.status for reply in (first, overlapping, beside, draft, anothers)] == [
        201,
        409,
        201,
        201,
        201,
    ]
    assert (overlapping.code, overlapping.json["errors"][0]["pointer"]) == (
        "namespace_taken",
        "/experiment/namespace",
    )
    activated = await client.patch(
        draft.headers["Location"], json={"status": "active"}, token=admin, headers={"If-Match": '"1"'}
    )
    assert (activated.status, activated.code) == (409, "namespace_taken")
    renamed = await client.patch(
        first.headers["Location"], json={"name": "Again"}, token=admin, headers={"If-Match": '"1"'}
    )
    assert renamed.status == 200


async def test_hostile_ids_are_not_found(client, admin):
    for ident in ("..", "%2e%2e%2fmessageCampaigns", "a%2Fversions%2F1", "__all__", "c_%00"):
        assert (await client.get(f"{URL}/{ident}", token=admin)).status in (404, 405)


async def test_an_archived_campaign_stays_as_it_is(client, admin):
    made = await client.post(URL, json=campaign_body(), token=admin)
    await client.delete(made.headers["Location"], token=admin)
    reply = await client.patch(
        made.headers["Location"], json={"status": "active"}, token=admin, headers={"If-Match": '"2"'}
    )

    assert (reply.status, reply.code) == (409, "campaign_archived")
