"""The slice end to end on the real stores: a visitor is shown the right message, answers it, and is remembered."""

import asyncio
from collections import Counter
from uuid import uuid4

import pytest

from tests.e2e.stores.conftest import eventually, profile_of, worked
from tests.factories.app import sign_in
from tests.factories.messaging import campaign_body

DECIDE, ACK, CAMPAIGNS = "/experience/decide", "/messages/ack", "/messages/campaigns"


@pytest.fixture
def admin(app):
    return bearer(sign_in(app, "uid-admin", "admin"))


@pytest.fixture
def flag():
    """A feature flag of this test's own: its campaigns are for its own visitors."""
    return f"f-{uuid4().hex}"


def bearer(token, **headers):
    return {"Authorization": f"Bearer {token}", **headers}


def visitor(flag, **more):
    """What a page asks with, for a visitor whom nobody has met."""
    return {"releaseId": "r1", "featureFlags": [flag], "visitorId": str(uuid4()), **more}


def for_flag(flag, **changes):
    """A campaign that is shown at once to whoever has the flag."""
    audience = {"attribute": "request.featureFlags", "op": "contains", "value": flag}
    return campaign_body(audience=audience, status="active", **changes)


async def made(api, admin, body):
    reply = await api.post(CAMPAIGNS, json=body, headers=admin)
    assert reply.status_code == 201, reply.text
    return reply


async def patiently(call):
    """As a front end does: told to come again, it comes again."""
    for _ in range(20):
        reply = await call()
        if reply.status_code != 503:
            return reply
        assert int(reply.headers["Retry-After"]) >= 1
        assert reply.json()["code"] == "contended"
    return pytest.fail("contended for ever")


async def test_every_store_answers(api):
    assert (await api.get("/ready")).json() == {"status": "ready", "stores": ["documents", "queues"]}


async def test_a_visitor_is_shown_a_message_reports_on_it_and_is_not_shown_it_again(api, app, admin, flag):
    await made(api, admin, for_flag(flag))
    me = visitor(flag)
    (message,) = (await api.post(DECIDE, json=me)).json()["messages"]
    report = {"deliveryId": message["deliveryId"], "ackToken": message["ackToken"]}
    states = [
        (await api.post(ACK, json=report | {"action": action})).json()["deliveryStatus"]
        for action in ("seen", "acknowledged", "seen")
    ]

    assert states == ["seen", "acknowledged", "acknowledged"]
    assert (await api.post(DECIDE, json=me)).json()["messages"] == []
    profile = await profile_of(app, visitor=me["visitorId"])
    assert profile.campaigns[message["campaignId"]].acknowledged
    assert (await app.deliveries.get(message["deliveryId"])).status == "acknowledged"


async def test_a_campaign_is_decided_with_from_the_moment_it_is_active(api, admin, flag):
    draft = await made(api, admin, for_flag(flag) | {"status": "draft"})
    where = draft.headers["Location"].removeprefix("/api")
    assert (await api.post(DECIDE, json=visitor(flag))).json()["messages"] == []

    active = await api.patch(where, json={"status": "active"}, headers={**admin, "If-Match": '"1"'})
    (message,) = (await api.post(DECIDE, json=visitor(flag))).json()["messages"]
    assert (active.status_code, message["campaignVersion"]) == (200, 2)

    assert (await api.delete(where, headers=admin)).status_code == 204
    assert (await api.post(DECIDE, json=visitor(flag))).json()["messages"] == []
    assert [
        each["version"] for each in (await api.get(f"{where}/versions", headers=admin)).json()["items"]
    ] == [3, 2, 1]


async def test_a_list_is_read_page_by_page_newest_first(api, admin, flag):
    ids = [(await made(api, admin, for_flag(flag))).json()["id"] for _ in range(3)]
    page = f"{CAMPAIGNS}?status=active&type=system&limit=2"
    first = (await api.get(page, headers=admin)).json()
    second = (await api.get(f"{page}&cursor={first['nextCursor']}", headers=admin)).json()

    assert [each["id"] for each in [*first["items"], *second["items"]]][:3] == ids[::-1]


async def test_of_two_changes_over_the_same_version_one_is_told(api, admin, flag):
    where = (await made(api, admin, for_flag(flag))).headers["Location"].removeprefix("/api")
    without = await api.patch(where, json={"priority": 1}, headers=admin)
    both = await asyncio.gather(
        *(
            api.patch(where, json={"priority": priority}, headers={**admin, "If-Match": '"1"'})
            for priority in (5, 6)
        )
    )

    assert without.status_code == 428
    assert sorted(reply.status_code for reply in both) == [200, 412]
    assert (await api.get(where, headers=admin)).json()["version"] == 2


async def test_parallel_repeats_with_one_key_make_one_campaign(api, admin, flag):
    key, body = {"Idempotency-Key": str(uuid4())}, for_flag(flag)
    replies = await asyncio.gather(*(api.post(CAMPAIGNS, json=body, headers=admin | key) for _ in range(5)))
    again = await api.post(CAMPAIGNS, json=body, headers=admin | key)
    other = await api.post(CAMPAIGNS, json=body | {"name": "Another"}, headers=admin | key)
    first = next(reply for reply in replies if reply.status_code == 201)

    assert Counter(reply.status_code for reply in replies).keys() <= {201, 409}
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (again.content, again.headers["Location"]) == (first.content, first.headers["Location"])
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert len((await api.post(DECIDE, json=visitor(flag))).json()["messages"]) == 1


async def test_parallel_decisions_and_reports_of_one_person_stay_within_caps(api, app, admin, flag):
    """Five campaigns, two of them modals; twenty pages ask at once, and each reports whatever it was shown."""
    for channel in ("modal", "modal", "banner", "toast", "snackbar"):
        await made(
            api, admin, for_flag(flag, deliveryChannels=[channel], scheduling={"maxDeliveriesPerUser": 1})
        )
    me = bearer(sign_in(app, f"uid-{flag}"))
    body = {"releaseId": "r1", "featureFlags": [flag]}
    replies = await asyncio.gather(
        *(patiently(lambda: api.post(DECIDE, json=body, headers=me)) for _ in range(20))
    )
    shown = [message for reply in replies for message in reply.json()["messages"]]
    reports = [
        {"deliveryId": message["deliveryId"], "action": action}
        for message in shown
        for action in ("seen", "clicked", "dismissed", "seen")
    ]
    answers = await asyncio.gather(
        *(patiently(lambda body=body: api.post(ACK, json=body, headers=me)) for body in reports)
    )
    profile = await profile_of(app, f"uid-{flag}")

    assert {reply.status_code for reply in (*replies, *answers)} == {200}
    assert Counter(message["channel"] for message in shown) == {
        "modal": 1,
        "banner": 1,
        "toast": 1,
        "snackbar": 1,
    }
    assert profile.reservations == {}
    assert sorted(each.channel for each in profile.shown) == ["banner", "modal", "snackbar", "toast"]
    assert all(memory.shown == 1 and memory.dismissed for memory in profile.campaigns.values())
    for message in shown:
        assert (await app.deliveries.get(message["deliveryId"])).status == "dismissed"


async def test_another_persons_delivery_does_not_exist(api, app, admin, flag):
    await made(api, admin, for_flag(flag))
    ana, bob = (bearer(sign_in(app, f"uid-{name}-{flag}")) for name in ("ana", "bob"))
    body = {"releaseId": "r1", "featureFlags": [flag]}
    (message,) = (await api.post(DECIDE, json=body, headers=ana)).json()["messages"]
    report = {"deliveryId": message["deliveryId"], "action": "acknowledged"}
    others = [await api.post(ACK, json=report, headers=headers) for headers in (bob, {})]

    assert [(reply.status_code, reply.json()["code"]) for reply in others] == [(404, "not_found")] * 2
    assert (await app.deliveries.get(message["deliveryId"])).status == "pending"


async def test_visits_travel_over_the_queue_to_the_profile(api, app, server, flag):
    """Of requests less than half an hour apart there is one visit; nobody waits for it."""
    people = [visitor(flag) for _ in range(12)]
    await asyncio.gather(*(api.post(DECIDE, json=body) for body in people * 2))

    async def all_have_visited():
        profiles = [await profile_of(app, visitor=body["visitorId"]) for body in people]
        # a run writes profiles before it ends
        return (
            profiles
            if all(each.visits.total for each in profiles) and worked(server, "activity_visits")
            else None
        )

    profiles = await eventually(all_have_visited)
    assert {profile.visits.total for profile in profiles} == {1}
    assert {profile.release_state.last_seen_release_id for profile in profiles} == {"r1"}
    assert 0 < worked(server, "activity_visits") < 24


async def test_a_known_visitor_who_is_shown_nothing_costs_one_read(api, app, flag):
    me = visitor(flag)
    await api.post(DECIDE, json=me)

    async def visited():
        return (await profile_of(app, visitor=me["visitorId"])).visits.total

    await eventually(visited)
    cost = (await api.post(DECIDE, json=me)).headers["Server-Timing"]
    assert 'reads;desc="1"' in cost
    assert "write" not in cost


async def test_a_role_is_granted_used_and_taken_away(api, app, server, admin, flag):
    uid, heard = f"uid-{flag}", worked(server, "signals_heard")
    sign_in(app, uid)
    body = for_flag(flag, type="organizer_broadcast", organizerId="org_1", deliveryChannels=["inbox"])
    granted = await api.put(
        f"/people/{uid}/roles", json={"roles": ["organizer"], "organizerIds": ["org_1"]}, headers=admin
    )
    organizer = bearer(app.issuer.token(uid))
    own = await made(api, organizer, body)
    others = await api.post(CAMPAIGNS, json=body | {"organizerId": "org_9"}, headers=organizer)
    seen = await api.get(f"/people/{uid}", headers=bearer(sign_in(app, "uid-op", "operator")))

    assert granted.json()["roles"] == ["organizer"]
    assert own.json()["createdBy"] == uid
    assert (others.status_code, others.json()["code"]) == (404, "organizer_not_found")
    assert (seen.json()["roles"], seen.json()["organizerIds"]) == (["organizer"], ["org_1"])

    async def told():
        return worked(server, "signals_heard") > heard

    await eventually(told)
    profile = await profile_of(app, uid)
    assert profile.role_signalled_at == profile.role_changed_at is not None

    assert (await api.put(f"/people/{uid}/roles", json={"roles": []}, headers=admin)).status_code == 200
    assert (await api.post(CAMPAIGNS, json=body, headers=bearer(app.issuer.token(uid)))).status_code == 403


async def test_ones_own_profile_is_changed_over_the_version_one_read(api, app, flag):
    me = bearer(sign_in(app, f"uid-{flag}"))
    first = await api.patch("/people/me", json={"displayName": "Ana Ñandú 安娜"}, headers=me)
    match = {"If-Match": first.headers["ETag"]}
    both = await asyncio.gather(
        *(api.patch("/people/me", json={"locale": locale}, headers=me | match) for locale in ("es", "it"))
    )

    assert sorted(reply.status_code for reply in both) == [200, 412]
    assert (await api.get("/people/me", headers=me)).json()["displayName"] == "Ana Ñandú 安娜"


@pytest.mark.parametrize("kind", ["expired", "other project", "other key"])
async def test_a_forged_token_opens_nothing(api, app, tmp_path, kind):
    now = int(app.clock.now().timestamp())
    token = {
        "expired": lambda: app.issuer.token("uid-admin", claims={"exp": now - 1}),
        "other project": lambda: app.issuer.token("uid-admin", claims={"aud": "demo-cabeceo"}),
        "other key": lambda: type(app.issuer)(tmp_path, app.settings.google_cloud_project, app.clock).token(
            "x"
        ),
    }[kind]()
    reply = await api.get("/people/me", headers=bearer(token))

    assert (reply.status_code, reply.json()["code"]) == (401, "unauthenticated")
