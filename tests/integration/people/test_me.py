"""One's own profile over HTTP, and an operator's look at it."""

import asyncio

import pytest

from shared.people.access import Principal
from tests.factories.app import sign_in
from tests.factories.experience import ask, known_as, profile_of, publish
from tests.factories.messaging import campaign

ME = "/api/people/me"


@pytest.fixture
def ana(app):
    return sign_in(app, "uid-ana")


@pytest.fixture
def operator(app):
    return sign_in(app, "uid-op", "operator")


async def test_somebody_new_has_an_empty_profile(client, ana):
    reply = await client.get(ME, token=ana)

    assert reply.status == 200
    assert reply.json == {"personKey": "uid-ana", "home": {}, "roles": [], "organizerIds": []}


async def test_a_change_makes_the_profile_and_is_read_back(client, ana):
    body = {
        "displayName": "Ana Ñandú 安娜 👩‍🎤",
        "locale": "es-AR",
        "timezone": "America/Argentina/Buenos_Aires",
        "home": {"city": "Rosario", "region": "Santa Fe", "country": "AR"},
    }
    changed = await client.patch(ME, json=body, token=ana)
    read = await client.get(ME, token=ana)

    assert changed.status == 200
    assert read.json == {"personKey": "uid-ana", "roles": [], "organizerIds": []} | body
    assert read.headers["ETag"] == changed.headers["ETag"]


async def test_a_patch_leaves_out_keeps_and_clears(client, ana):
    await client.patch(
        ME,
        json={"displayName": "Ana", "locale": "es", "home": {"city": "Rosario", "country": "AR"}},
        token=ana,
    )
    reply = await client.patch(ME, json={"locale": None, "home": {"city": "Córdoba"}}, token=ana)
    assert reply.json["displayName"] == "Ana"
    assert "locale" not in reply.json
    assert reply.json["home"] == {"city": "Córdoba", "country": "AR"}

    reply = await client.patch(ME, json={"home": None}, token=ana)
    assert reply.json["home"] == {}


async def test_the_etag_guards_a_change_and_visits_do_not_disturb_it(client, app, ana):
    first = await client.patch(ME, json={"displayName": "Ana"}, token=ana)
    await app.visits.apply(_visit(app))
    match = {"If-Match": first.headers["ETag"]}

    assert (await client.patch(ME, json={"locale": "es"}, token=ana, headers=match)).status == 200
    late = await client.patch(ME, json={"locale": "it"}, token=ana, headers=match)
    assert (late.status, late.code) == (412, "precondition_failed")
    assert (await client.get(ME, token=ana, headers={"If-None-Match": first.headers["ETag"]})).status == 200


async def test_parallel_changes_of_different_fields_are_all_kept(client, app, ana):
    bodies = [
        {"displayName": "Ana"},
        {"locale": "es"},
        {"timezone": "Europe/Rome"},
        {"home": {"city": "Roma"}},
    ]
    replies = await asyncio.gather(*(client.patch(ME, json=body, token=ana) for body in bodies))
    profile = await profile_of(app, "uid-ana")

    assert {reply.status for reply in replies} == {200}
    assert (profile.display_name, profile.locale, profile.timezone) == ("Ana", "es", "Europe/Rome")
    assert profile.home.city == "Roma"


async def test_where_home_lies_is_kept_to_a_kilometre_and_asked_for_by_conditions(client, app, ana):
    near = {"attribute": "person.location", "op": "within", "value": {"lat": -32.9, "lon": -60.6, "km": 20}}
    await publish(app, campaign(audience=near))
    assert not (await ask(app, Principal("uid-ana"))).messages

    body = {"homeLocation": {"lat": -32.94682, "lon": -60.63932}}
    changed = await client.patch(ME, json=body, token=ana)
    read = await client.get(ME, token=ana)

    assert changed.json["homeLocation"] == read.json["homeLocation"] == {"lat": -32.95, "lon": -60.64}
    assert changed.headers["ETag"] == read.headers["ETag"]
    assert (await ask(app, Principal("uid-ana"))).messages

    await client.patch(ME, json={"locale": "es"}, token=ana)
    assert "homeLocation" in (await client.get(ME, token=ana)).json
    cleared = await client.patch(ME, json={"homeLocation": None}, token=ana)
    assert "homeLocation" not in cleared.json
    assert (await profile_of(app, "uid-ana")).location is None


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"displayName": "gnp\u202eexe"}, "/displayName"),
        ({"displayName": "a\u0000b"}, "/displayName"),
        ({"displayName": "   "}, "/displayName"),
        ({"displayName": "x" * 81}, "/displayName"),
        ({"displayName": {"$ne": ""}}, "/displayName"),
        ({"locale": "spanish please"}, "/locale"),
        ({"locale": "es_AR"}, "/locale"),
        ({"timezone": "Mars/Olympus"}, "/timezone"),
        ({"timezone": "../../etc/passwd"}, "/timezone"),
        ({"home": {"country": "ar"}}, "/home/country"),
        ({"home": {"country": "XX"}}, "/home/country"),
        ({"home": {"city": "Ro\u2066ma"}}, "/home/city"),
        ({"homeLocation": {"lat": 90.1, "lon": 0}}, "/homeLocation/lat"),
        ({"homeLocation": {"lat": 0, "lon": "1"}}, "/homeLocation/lon"),
        ({"homeLocation": {"lat": 0}}, "/homeLocation/lon"),
        ({"roles": ["admin"]}, "/roles"),
        ({"personKey": "uid-bob"}, "/personKey"),
    ],
)
async def test_what_does_not_fit_is_refused_with_its_place(client, ana, body, pointer):
    reply = await client.patch(ME, json=body, token=ana)

    assert reply.status == 422
    assert [fault["pointer"] for fault in reply.json["errors"]] == [pointer]


@pytest.mark.parametrize(
    "locale", ["es", "es-AR", "zh-Hant-TW", "sl-rozaj-biske", "de-DE-u-co-phonebk", "es-419"]
)
async def test_languages_of_the_world(client, ana, locale):
    assert (await client.patch(ME, json={"locale": locale}, token=ana)).status == 200


async def test_one_must_be_signed_in(client):
    assert (await client.get(ME)).status == 401
    assert (await client.patch(ME, json={})).status == 401


class TestOperator:
    async def test_an_operator_reads_a_person(self, client, app, ana, operator):
        await client.patch(ME, json={"displayName": "Ana"}, token=ana)
        await app.visits.apply(_visit(app))
        reply = await client.get("/api/people/uid-ana", token=operator)

        assert reply.status == 200
        assert (reply.json["displayName"], reply.json["visits"]) == ("Ana", 1)
        assert "campaigns" not in reply.json

    async def test_others_do_not(self, client, ana):
        assert (await client.get("/api/people/uid-ana", token=ana)).status == 403

    @pytest.mark.parametrize("key", ["nobody", "..", "__all__", "a%2Fb", "x" * 200])
    async def test_nobody_is_404(self, client, operator, key):
        assert (await client.get(f"/api/people/{key}", token=operator)).status == 404

    async def test_visitors_cannot_be_asked_for(self, client, app, operator):
        await ask(app)
        await app.activity.drain()
        await app.visits.apply(_visit(app, known_as(app).key, "ip"))

        assert (await client.get(f"/api/people/{known_as(app).key}", token=operator)).status == 404


def _visit(app, key="uid-ana", kind="user"):
    from shared.experience.visits.models import Visit, to_data
    from shared.kernel.clock import to_millis
    from shared.kernel.envelope import envelope
    from shared.people.profiles.rules import Seen
    from shared.people.visitors import Person

    visit = Visit(Person(key, kind), Seen(to_millis(app.clock.now()), "r1"))
    return envelope("visits", app.ids.new("b"), "", app.clock.now(), to_data([visit]))
