"""Tiers and credits over HTTP: an admin adds, an organizer sees their own."""

import hashlib

import pytest

from shared import wiring
from shared.clients.documents.port import Query
from tests.factories.app import make_app, make_settings, sign_in
from tests.factories.client import Client
from tests.factories.experience import profile_of
from tests.factories.premium import ADMIN, balances, fund

URL = "/api/premium/organizers/org_1"
BODY = {"amount": 1000, "reason": "purchase", "reference": "INV-2025-0117"}
KEY = {"Idempotency-Key": "k-1"}


@pytest.fixture
def admin(app):
    return sign_in(app, "uid-admin", "admin")


@pytest.fixture
def organizer(app):
    return sign_in(app, "uid-org", "organizer", organizers=("org_1",))


@pytest.fixture
def rival(app):
    return sign_in(app, "uid-rival", "organizer", organizers=("org_2",))


@pytest.fixture
async def shop(tmp_path):
    """An app with two of our own servers."""
    keys = [f"{name}:{scope}:{hashlib.sha256(key_of(name).encode()).hexdigest()}" for name, scope in SERVERS]
    app = make_app(folder=tmp_path, settings=make_settings(cabeceo_data=tmp_path, server_keys=keys))
    yield app
    await app.close()
    wiring.use(None)


SERVERS = (("shop", "credits"), ("kiosk", "credits"), ("tickets", "track"))


def key_of(server):
    return f"sk_{server:x>40}"


class TestTiers:
    async def test_anybody_may_read_them(self, client):
        reply = await client.get("/api/premium/tiers")

        assert [each["tier"] for each in reply.json["items"]] == ["basic", "bronze", "silver", "gold"]
        assert reply.json["items"][0]["prices"] == {"favorites": {"inbox": 0}}

    async def test_an_admin_sets_one_and_the_trail_says_so(self, client, app, admin, organizer):
        for _ in range(2):
            reply = await client.put(f"{URL}/tier", json={"tier": "silver"}, token=admin)
            assert (reply.status, reply.json["tier"]) == (200, "silver")
        [entry] = await app.documents.query(Query("auditTrail"))

        assert (await client.get(f"{URL}/credits", token=organizer)).json["tier"] == "silver"
        assert entry.data["kind"] == "tier.changed"
        assert entry.data["detail"] == {"before": "basic", "after": "silver"}
        assert (await client.put(f"{URL}/tier", json={"tier": "gold"}, token=organizer)).status == 403

    async def test_the_organizers_name_stays(self, client, app, admin):
        from shared.clients.documents.port import Create

        await app.documents.commit([Create("organizers/org_1", {"name": "La Viruta"})])
        await client.put(f"{URL}/tier", json={"tier": "gold"}, token=admin)
        await fund(app, 10)

        assert (await app.documents.get("organizers/org_1")).data["name"] == "La Viruta"
        assert (await app.credits.holdings("org_1")).tier == "gold"


class TestServers:
    @staticmethod
    def add(app, server, address="192.0.2.1", **change):
        headers = KEY | {"X-Forwarded-For": address}
        client = Client(app)
        return client.post(f"{URL}/credits", json=BODY | change, token=key_of(server), headers=headers)

    async def test_a_purchase_is_told_once_wherever_the_server_calls_from(self, shop):
        first = await self.add(shop, "shop")
        again = await self.add(shop, "shop", "198.51.100.7")
        [entry] = await shop.documents.query(Query("auditTrail"))

        assert (first.status, again.headers["Idempotent-Replayed"]) == (201, "true")
        assert again.json == first.json
        assert await balances(shop) == (1000, 0, 0)
        assert entry.data["actor"] == "server:shop"

    async def test_two_servers_behind_one_address_do_not_share_keys(self, shop):
        assert [(await self.add(shop, server)).status for server in ("shop", "kiosk")] == [201, 201]
        assert await balances(shop) == (2000, 0, 0)

    async def test_they_give_nothing_that_was_not_bought(self, shop):
        assert (await self.add(shop, "shop", reason="goodwill")).status == 403
        assert (await self.add(shop, "tickets")).status == 403
        assert await balances(shop) == (0, 0, 0)


class TestAdd:
    async def test_credits_arrive_with_a_line_and_an_entry_in_the_trail(self, client, app, admin, organizer):
        reply = await client.post(f"{URL}/credits", json=BODY, token=admin, headers=KEY)
        seen = await client.get(f"{URL}/credits", token=organizer)
        [entry] = await app.documents.query(Query("auditTrail"))

        assert reply.status == 201
        assert reply.json == {
            "id": reply.json["id"],
            "sequence": 1,
            "kind": "purchased",
            "amount": 1000,
            "at": "2026-11-21T20:00:00Z",
            "reason": "purchase",
            "reference": "INV-2025-0117",
            "available": 1000,
            "reserved": 0,
        }
        assert seen.json == {
            "organizerId": "org_1",
            "tier": "basic",
            "available": 1000,
            "reserved": 0,
            "spent": 0,
            "issued": 1000,
        }
        assert entry.data["actor"] == (await profile_of(app, "uid-admin")).alias
        assert entry.data["detail"]["operationId"] == reply.json["id"]
        assert "uid-admin" not in str(entry.data)

    async def test_the_same_key_adds_once_and_for_ever(self, client, app, admin):
        first = await client.post(f"{URL}/credits", json=BODY, token=admin, headers=KEY)
        again = await client.post(f"{URL}/credits", json=BODY, token=admin, headers=KEY)
        for kept in await app.documents.query(Query("operations")):
            from shared.clients.documents.port import Delete

            await app.documents.commit([Delete(kept.path)])
        long_after = await client.post(f"{URL}/credits", json=BODY, token=admin, headers=KEY)

        assert first.json == again.json == long_after.json
        assert await balances(app) == (1000, 0, 0)

    async def test_a_key_is_needed_and_belongs_to_one_body(self, client, app, admin):
        bare = await client.post(f"{URL}/credits", json=BODY, token=admin)
        await client.post(f"{URL}/credits", json=BODY, token=admin, headers=KEY)
        other = await client.post(f"{URL}/credits", json=BODY | {"amount": 5}, token=admin, headers=KEY)

        assert (bare.status, bare.code) == (428, "idempotency_key_required")
        assert (other.status, other.code) == (422, "idempotency_key_reused")

    async def test_only_admins_add(self, client, organizer, rival):
        for token in (organizer, rival):
            reply = await client.post(f"{URL}/credits", json=BODY, token=token, headers=KEY)
            assert reply.status == 403
        assert (await client.post(f"{URL}/credits", json=BODY, headers=KEY)).status == 401

    @pytest.mark.parametrize(
        ("change", "pointer"),
        [
            ({"amount": 0}, "/amount"),
            ({"amount": -5}, "/amount"),
            ({"amount": 1.5}, "/amount"),
            ({"amount": "10"}, "/amount"),
            ({"amount": 10**12}, "/amount"),
            ({"reason": "because"}, "/reason"),
            ({"reference": ""}, "/reference"),
            ({"reference": "a\u0000b"}, "/reference"),
            ({"tier": "gold"}, "/tier"),
        ],
    )
    async def test_what_does_not_fit_is_refused(self, client, admin, change, pointer):
        reply = await client.post(f"{URL}/credits", json=BODY | change, token=admin, headers=KEY)

        assert reply.status == 422
        assert [fault["pointer"] for fault in reply.json["errors"]] == [pointer]


class TestOwn:
    async def test_anothers_do_not_exist(self, client, app, rival):
        await fund(app, 100)
        for path in ("credits", "statement"):
            reply = await client.get(f"{URL}/{path}", token=rival)
            assert (reply.status, reply.code) == (404, "organizer_not_found")

    async def test_an_organizer_without_any_has_none(self, client, organizer):
        assert (await client.get(f"{URL}/credits", token=organizer)).json["available"] == 0
        assert (await client.get(f"{URL}/statement", token=organizer)).json == {"items": []}

    async def test_the_statement_has_every_line_once_latest_first(self, client, app, organizer):
        for number in range(5):
            await fund(app, 10 + number, key=f"k-{number}")
        held = await app.credits.reserve("org_1", 30, key="b_1", reference="b_1")
        await app.credits.settle("org_1", held.id, 20, key="b_1:end", reference="b_1")
        lines, cursor = [], ""
        while True:
            page = (await client.get(f"{URL}/statement?limit=3{cursor}", token=organizer)).json
            lines += page["items"]
            if "nextCursor" not in page:
                break
            cursor = f"&cursor={page['nextCursor']}"

        assert [line["sequence"] for line in lines] == [7, 6, 5, 4, 3, 2, 1]
        assert [(line["kind"], line["amount"], line["available"]) for line in lines[:2]] == [
            ("settled", 20, 40),
            ("reserved", 30, 30),
        ]
        assert lines[0]["reservationId"] == held.id
        assert not any("actor" in line for line in lines)

    @pytest.mark.parametrize("name", ["..", "__all__", "a%2Fb", "x" * 65])
    async def test_what_cannot_be_an_organizer_is_404(self, client, admin, name):
        assert (await client.get(f"/api/premium/organizers/{name}/credits", token=admin)).status == 404


def test_admins_speak_for_all():
    assert ADMIN.speaks_for("org_1")
