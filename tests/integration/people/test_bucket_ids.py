"""A person keeps their place (docs/decisions/0010): what rollouts and experiments hash outlives keys."""

import re
from dataclasses import replace

import pytest

from shared.clients.documents.port import DELETE_FIELD, Update
from shared.people.access import Principal
from shared.people.profiles.models import Profile
from shared.people.profiles.repository import path_of
from tests.factories.experience import answer, ask, known_as, profile_of, publish, work_off
from tests.factories.messaging import campaign

ANA = Principal("uid-ana")
ULID = "01JD3K8M5V7Q9X2R4T6W8Y0Z1A"


@pytest.fixture(autouse=True)
async def drained(app):
    """No visit is left behind when the test ends."""
    yield
    await app.activity.drain()


async def visited(app, *who, **more):
    """A decision, with its visit applied."""
    decision = await ask(app, *who, **more)
    await app.activity.drain()
    await work_off(app, "activity")
    return decision


async def place_of(app, *who, **more):
    return (await profile_of(app, *who, **more)).bucket_id


async def test_it_is_drawn_with_the_first_write_and_stays(app):
    await publish(app, campaign())
    first = await ask(app)
    drawn = await place_of(app)

    assert re.fullmatch(r"[a-z2-7]{16}", drawn)
    await answer(app, first.messages[0], "acknowledged")
    await visited(app)
    assert await place_of(app) == drawn


async def test_a_visit_is_a_first_write_as_well(app):
    await visited(app)
    drawn = await place_of(app)

    assert (await profile_of(app)).update_time is not None
    await visited(app)
    assert await place_of(app) == drawn


async def test_everybody_has_their_own(app):
    await visited(app)
    await visited(app, visitorId="01JD3K8M5V7Q9X2R4T6W8Y0Z1B")
    await visited(app, ANA, visitorId=None)
    others = [await place_of(app, visitor_id="01JD3K8M5V7Q9X2R4T6W8Y0Z1B"), await place_of(app, "uid-ana")]

    assert len({await place_of(app), *others}) == 3


async def test_it_moves_on_with_the_epoch(app):
    await visited(app)
    drawn, key = await place_of(app), known_as(app).key
    for _ in range(3):
        app.clock.advance(app.settings.epoch)
        await visited(app)

    assert known_as(app).key != key
    assert await place_of(app) == drawn


async def test_a_profile_from_before_keeps_the_places_of_its_key(app):
    await visited(app)
    key = known_as(app).key
    await app.documents.commit([Update(path_of(key), {"bucketId": DELETE_FIELD})])

    assert await place_of(app) == key
    app.clock.advance(app.settings.epoch)
    await visited(app)
    assert (await profile_of(app)).stored_key is None
    assert await place_of(app) == key


async def test_who_signs_up_keeps_the_visitors_place(app):
    await visited(app)
    drawn = await place_of(app)
    await visited(app, ANA)

    assert await place_of(app, "uid-ana") == drawn


async def test_who_signs_in_keeps_their_own(app):
    ana = Profile("uid-ana", "user", bucket_id="anas")
    await app.documents.commit(app.profile_repository.writes(replace(ana, bucket_id=None), ana))
    await visited(app)
    await visited(app, ANA)

    assert (await profile_of(app, "uid-ana")).linked_keys
    assert await place_of(app, "uid-ana") == "anas"


async def test_who_is_known_by_more_than_their_address_has_a_place_of_their_own(app):
    await visited(app, visitorId=None)
    await visited(app, visitorId=ULID)

    assert await place_of(app) != await place_of(app, visitor_id=None)
