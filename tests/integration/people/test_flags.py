"""Flags that an admin sets on people, for conditions to ask for."""

import pytest

from shared.clients.documents.port import Query
from shared.people.access import Principal
from tests.factories.app import sign_in
from tests.factories.experience import ask, profile_of, publish
from tests.factories.messaging import campaign

URL = "/api/people/uid-ana/flags"
BETA = {"attribute": "person.flags", "op": "contains", "value": "beta_inbox"}


@pytest.fixture
def admin(app):
    return sign_in(app, "uid-admin", "admin")


@pytest.fixture
async def ana(app, client):
    token = sign_in(app, "uid-ana")
    await client.patch("/api/people/me", json={"displayName": "Ana"}, token=token)
    return token


async def audit(app):
    return [entry.data for entry in await app.documents.query(Query("auditTrail"))]


async def test_flags_are_set_whole_and_asked_for_by_conditions(client, app, admin, ana):
    await publish(app, campaign(audience=BETA))
    assert not (await ask(app, Principal("uid-ana"))).messages

    reply = await client.put(URL, json={"flags": ["vip", "beta_inbox", "vip"]}, token=admin)

    assert (reply.status, reply.json) == (200, {"personKey": "uid-ana", "flags": ["beta_inbox", "vip"]})
    assert (await client.get("/api/people/uid-ana", token=admin)).json["flags"] == ["beta_inbox", "vip"]
    assert (await ask(app, Principal("uid-ana"))).messages
    await client.put(URL, json={"flags": []}, token=admin)
    assert (await profile_of(app, "uid-ana")).flags == ()


async def test_each_change_leaves_an_entry_by_aliases_and_a_repeat_none(client, app, admin, ana):
    for _ in range(2):
        await client.put(URL, json={"flags": ["beta_inbox"]}, token=admin)
    (entry,) = await audit(app)

    assert (entry["kind"], entry["detail"]) == ("flags.changed", {"before": [], "after": ["beta_inbox"]})
    assert entry["actor"] == (await profile_of(app, "uid-admin")).alias
    assert entry["subject"] == (await profile_of(app, "uid-ana")).alias


@pytest.mark.parametrize("key", ["nobody", "v_" + "0" * 32])
async def test_who_has_no_profile_gets_none(client, app, admin, key):
    reply = await client.put(f"/api/people/{key}/flags", json={"flags": ["beta"]}, token=admin)

    assert reply.status == 404
    assert await audit(app) == []


async def test_only_admins_set_them(client, app, ana):
    for token in (ana, sign_in(app, "uid-op", "operator")):
        assert (await client.put(URL, json={"flags": ["beta"]}, token=token)).status == 403


@pytest.mark.parametrize("flags", [["a b"], [""], ["x" * 65], [f"f{n}" for n in range(51)], "beta", None])
async def test_what_does_not_fit_is_refused(client, admin, ana, flags):
    assert (await client.put(URL, json={"flags": flags}, token=admin)).status == 422
