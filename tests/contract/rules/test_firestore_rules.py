"""The security rules on Firestore's official emulator: allow and deny for each collection, caller and verb."""

import base64
import json
import os
from pathlib import Path

import httpx
import pytest

pytestmark = pytest.mark.stores

RULES = Path(__file__).parents[3] / "infra/firebase/firestore.rules"
PROJECT = "demo-rules"
"""Rules belong to a project of the emulator; a project of our own leaves the other suites alone."""
ROOT = f"/v1/projects/{PROJECT}/databases/(default)/documents"

COLLECTIONS = [
    "messageCampaigns",
    "messageThreads",
    "experienceProfiles",
    "organizers",
    "consents",
    "creditLedger",
    "auditTrail",
    "analyticsEvents",
    "errands",
    "machineVerdicts",
    "profileSyncs",
    "archiveKeys",
    "archivedDeliveries",
    "archives",
    "operations",
    "decisions",
    "decisionEditions",
    "creditProofs",
    "devices",
    "erasures",
    "jobs",
    "storeOperations",
    "inboxWithdrawals",
    "broadcastStarts",
    "messageBlocks",
    "messageBroadcasts",
    "webhookMessages",
    "messageReports",
    "messageDeliveries",
    "messageDeliveries_",
    "messageDeliveriesX_test",
]
NESTED = [
    "messageCampaigns/c/versions",
    "messageThreads/t/messages",
    "organizers/o/followers",
    "jobs/j/parts",
]


def token(uid, **claims):
    """The emulator takes unsigned tokens: the rules are tested here, not the signature."""
    payload = {
        "sub": uid,
        "user_id": uid,
        "aud": PROJECT,
        "iss": f"https://securetoken.google.com/{PROJECT}",
        **claims,
    }
    parts = [json.dumps(part).encode() for part in ({"alg": "none", "typ": "JWT"}, payload)]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts) + "."


CALLERS = {
    "nobody": None,
    "owner": token("ana"),
    "another": token("bruno"),
    "organizer": token("olga", roles=["organizer"], organizerIds=["cafe"]),
    "operator": token("rita", roles=["operator"]),
    "admin": token("sara", roles=["admin"]),
}


def fields(**values):
    def wire(value):
        return (
            {"mapValue": {"fields": fields(**value)}} if isinstance(value, dict) else {"stringValue": value}
        )

    return {name: wire(value) for name, value in values.items()}


def delivery(kind, ident):
    return fields(
        recipient={"type": kind, "id": ident},
        deliveryStatus="delivered",
        deliveryChannel="inbox",
        timestamps={"createdAt": "2026-11-21T20:00:00Z"},
        campaignId="c_1",
    )


@pytest.fixture(scope="module")
def emulator():
    address = os.environ["FIRESTORE_EMULATOR_HOST"]
    with httpx.Client(base_url=f"http://{address}", trust_env=False, timeout=10) as client:
        rules = {"rules": {"files": [{"name": "firestore.rules", "content": RULES.read_text()}]}}
        client.put(f"/emulator/v1/projects/{PROJECT}:securityRules", json=rules).raise_for_status()
        client.delete(f"/emulator/v1/projects/{PROJECT}/databases/(default)/documents").raise_for_status()
        owner = {"Authorization": "Bearer owner"}
        seeds = {f"{name}/one": fields(owner="ana", id="ana") for name in [*COLLECTIONS, *NESTED]}
        seeds |= {
            "messageDeliveries_test/anas": delivery("user", "ana"),
            "messageDeliveries_test/brunos": delivery("user", "bruno"),
            "messageDeliveries_test/visitors": delivery("ip", "v_0123"),
            "messageDeliveries_test/organizers": delivery("organizer", "ana"),
        }
        for path, body in seeds.items():
            client.patch(f"{ROOT}/{path}", json={"fields": body}, headers=owner).raise_for_status()
        yield client


def ask(client, method, path, caller, **kwargs):
    bearer = CALLERS[caller]
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    return client.request(method, f"{ROOT}{path}", headers=headers, **kwargs).status_code


def query(collection, *filters, under=""):
    where = [
        {"fieldFilter": {"field": {"fieldPath": name}, "op": "EQUAL", "value": {"stringValue": value}}}
        for name, value in filters
    ]
    body = {"from": [{"collectionId": collection}]}
    if where:
        body["where"] = {"compositeFilter": {"op": "AND", "filters": where}}
    return f"{under}:runQuery", {"json": {"structuredQuery": body}}


def live(*filters, limit=50):
    """The inbox as a browser listens to it: newest first, a bounded number."""
    path, body = query("messageDeliveries_test", *filters, ("deliveryChannel", "inbox"))
    newest = {"field": {"fieldPath": "timestamps.createdAt"}, "direction": "DESCENDING"}
    body["json"]["structuredQuery"] |= {"orderBy": [newest], "limit": limit}
    return path, body


def test_a_person_reads_their_own_delivery(emulator):
    assert ask(emulator, "GET", "/messageDeliveries_test/anas", "owner") == 200


@pytest.mark.parametrize("caller", [name for name in CALLERS if name != "owner"])
def test_nobody_else_reads_it_whatever_their_role(emulator, caller):
    assert ask(emulator, "GET", "/messageDeliveries_test/anas", caller) == 403


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("document", ["visitors", "organizers"])
def test_deliveries_to_visitors_and_organizers_are_closed(emulator, document, caller):
    """A visitor's hash never reaches a client; an organizer id that equals a uid opens nothing."""
    assert ask(emulator, "GET", f"/messageDeliveries_test/{document}", caller) == 403


OWN = [("recipient.type", "user"), ("recipient.id", "ana")]


def test_a_query_that_is_provably_own_is_allowed(emulator):
    path, body = query("messageDeliveries_test", *OWN)

    assert ask(emulator, "POST", path, "owner", **body) == 200


def test_the_live_query_of_the_inbox_gives_its_owner_what_is_theirs(emulator):
    """It is part of the contract with front ends (docs/inbox.md)."""
    path, body = live(*OWN)
    reply = emulator.post(f"{ROOT}{path}", headers={"Authorization": f"Bearer {CALLERS['owner']}"}, **body)

    assert reply.status_code == 200
    assert [row["document"]["name"].rsplit("/", 1)[1] for row in reply.json()] == ["anas"]


@pytest.mark.parametrize("caller", [name for name in CALLERS if name != "owner"])
def test_the_live_query_gives_nobody_else_anything(emulator, caller):
    path, body = live(*OWN)
    assert ask(emulator, "POST", path, caller, **body) == 403


def test_the_live_query_without_its_owner_is_denied(emulator):
    path, body = live(("recipient.type", "user"))
    assert ask(emulator, "POST", path, "owner", **body) == 403


@pytest.mark.parametrize(
    "filters",
    [
        [],
        [("recipient.id", "ana")],
        [("recipient.type", "user")],
        [("recipient.type", "user"), ("recipient.id", "bruno")],
        [("recipient.type", "ip"), ("recipient.id", "v_0123")],
        [("recipient.type", "organizer"), ("recipient.id", "ana")],
        [("deliveryStatus", "delivered")],
    ],
)
def test_a_query_that_is_not_provably_own_is_denied(emulator, filters):
    path, body = query("messageDeliveries_test", *filters)

    assert ask(emulator, "POST", path, "owner", **body) == 403


@pytest.mark.parametrize("caller", [name for name in CALLERS if name != "owner"])
def test_a_query_for_anothers_deliveries_is_denied(emulator, caller):
    path, body = query("messageDeliveries_test", *OWN)

    assert ask(emulator, "POST", path, caller, **body) == 403


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("collection", [*COLLECTIONS, *NESTED])
def test_every_other_collection_is_closed_to_reading(emulator, collection, caller):
    under, _, name = f"/{collection}".rpartition("/")
    path, body = query(name, under=under)

    assert ask(emulator, "GET", f"/{collection}/one", caller) == 403
    assert ask(emulator, "POST", path, caller, **body) == 403


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("collection", [*COLLECTIONS, *NESTED, "messageDeliveries_test"])
def test_nobody_writes_directly(emulator, collection, caller):
    own = {"json": {"fields": delivery("user", "ana")}}

    assert ask(emulator, "PATCH", f"/{collection}/new", caller, **own) == 403
    assert ask(emulator, "PATCH", f"/{collection}/anas", caller, **own) == 403
    assert ask(emulator, "DELETE", f"/{collection}/anas", caller) == 403
