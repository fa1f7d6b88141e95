"""Home, zone and tier reach behaviour, and segments with it, whichever of profile and behaviour was there first."""

from datetime import timedelta

from blueprints.analytics import figures_timer
from blueprints.ops import jobs_timer
from shared import wiring
from shared.analytics.segments.filters import parse
from shared.clients.documents.port import Set
from shared.people.profiles.repository import path_of
from tests.factories.activity import life, work
from tests.factories.app import sign_in
from tests.factories.crowds import counted, dancer
from tests.factories.experience import function, work_off

ROSARIO = {"attribute": "home.city", "op": "eq", "value": "Rosario"}
GOLD = {"attribute": "person.tier", "op": "eq", "value": "gold"}


def known(n, **more):
    """Somebody whose behaviour is stored."""
    return dancer(n, revision=1, **more)


async def who(app, raw):
    found = set((await app.cohorts.find(parse(raw))).members)
    return set((await app.people_reader.keys(sorted(found))).values())


async def heard(app, times=1):
    app.clock.advance(timedelta(minutes=1))
    await work_off(app, "signals", times=times)
    await app.facet_refresh.run()


async def moves(app, client, city, uid="uid-1"):
    reply = await client.patch("/api/people/me", json={"home": {"city": city}}, token=sign_in(app, uid))
    assert reply.status == 200


async def test_who_moves_is_found_where_they_now_live(app, client):
    await counted(app, [known(1), known(2)])
    await moves(app, client, "Rosario")
    await heard(app)
    assert await who(app, ROSARIO) == {"uid-1"}

    await moves(app, client, None)
    await heard(app)
    assert await who(app, ROSARIO) == set()


async def test_a_newcomers_profile_counts_from_the_first_event_on(app, client):
    await counted(app, [known(1000)])
    events = [event for event in life(60, people=2) if event.bot is None]
    person = next(event.person_key for event in events if event.person_type == "user")
    await moves(app, client, "Rosario", uid=person)
    await heard(app)
    await work(app.ingest, events)
    await app.facet_refresh.run()

    assert await who(app, ROSARIO) == {person}


async def test_an_organizers_tier_reaches_segments_by_who_speaks_for_them(app, client):
    await counted(app, [known(1), known(2)])
    admin = sign_in(app, "uid-admin", "admin")
    sign_in(app, "uid-1", "organizer", organizers=("org_1",))
    grant = {"roles": ["organizer"], "organizerIds": ["org_1"]}
    await client.put("/api/people/uid-1/roles", json=grant, token=admin)
    await client.put("/api/premium/organizers/org_1/tier", json={"tier": "gold"}, token=admin)
    for _ in range(3):
        await heard(app, times=3)

    assert await who(app, GOLD) == {"uid-1"}


async def test_who_signs_up_as_a_visitor_with_a_past_keeps_what_their_profile_says(app, client):
    await counted(app, [known(1, person_key="v_1", person_type="ip")])
    await moves(app, client, "Rosario", uid="ana")
    await app.figure_hooks.merge("ana", ["v_1"])
    await app.facet_refresh.run()

    assert await who(app, ROSARIO) == {"ana"}


async def test_hearing_twice_writes_once_and_strangers_get_no_behaviour(app, client):
    await counted(app, [known(1)])
    await moves(app, client, "Rosario")
    await moves(app, client, "Rosario", uid="stranger")
    for key in ("uid-1", "uid-1", "stranger"):
        await app.standing.carry(key)

    found = await app.analytics.find("userBehaviorAnalytics", {})
    assert [(each["_id"], each["revision"]) for each in found] == [("uid-1", 2)]


async def test_a_change_meanwhile_is_not_overwritten(app, client, monkeypatch):
    await counted(app, [known(1)])
    await moves(app, client, "Rosario")
    read = app.profile_repository.read

    async def and_then_another(person):
        profile = await read(person)
        monkeypatch.undo()
        await moves(app, client, "Lima")
        await app.standing.carry("uid-1")
        return profile

    monkeypatch.setattr(app.profile_repository, "read", and_then_another)
    await app.standing.carry("uid-1")
    [found] = await app.analytics.find("userBehaviorAnalytics", {})
    assert found["home"]["city"] == "Lima"


async def test_who_was_there_before_anybody_asked_their_profile_is_caught_up_with(anywhere):
    await counted(anywhere, [known(1), known(2), known(3, person_key="v_3", person_type="ip")])
    await anywhere.documents.commit(
        [Set(path_of("uid-1"), {"personKey": "uid-1", "type": "user", "home": {"city": "Rosario"}})]
    )
    wiring.use(anywhere)
    await function(figures_timer.bp, "figures_aging")(timer=None)
    await function(jobs_timer.bp, "errands_run")(timer=None)
    await anywhere.facet_refresh.run()

    assert await who(anywhere, ROSARIO) == {"uid-1"}
    assert await anywhere.standing.catch_up() == 0
