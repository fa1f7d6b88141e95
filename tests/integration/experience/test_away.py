"""Messages outlive a bad hour of the stores: they come again with a pause, as often as it takes, and none is given up."""

from datetime import UTC, timedelta

import pytest

from shared.clients.documents.embedded import EmbeddedDocuments
from shared.clients.errors import StoreUnavailable
from shared.clients.queues.patience import AGAIN_SECONDS
from shared.clients.queues.port import ACTIVITY, SIGNALS
from shared.people.profiles.schemas import RolesPut
from shared.people.roles import CHECK_AFTER_SECONDS
from tests.factories.app import NOW, make_app
from tests.factories.documents import Before, FaultyDocuments
from tests.factories.experience import ask, profile_of, work_off
from tests.factories.needs import ANA, UID
from tests.factories.operations import drain
from tests.factories.premium import ADMIN, ORG

HOUR = 3600 // AGAIN_SECONDS


@pytest.fixture
async def app(tmp_path):
    app = make_app(folder=tmp_path)
    app.documents = FaultyDocuments(EmbeddedDocuments(":memory:", app.clock))
    yield app
    await app.close()


async def an_hour_away(app, queue):
    """The documents are away while the worker takes whatever is visible, for an hour; then they are back."""
    app.documents.always("get", "get_many", "query", "commit", "transaction", fault=Before())
    for _ in range(HOUR):
        assert await work_off(app, queue) > 0
        app.clock.advance(timedelta(seconds=AGAIN_SECONDS))
    app.documents.heal()
    await work_off(app, queue)


async def test_visits_reach_their_profile_when_the_documents_are_back(app):
    await ask(app, ANA)
    await drain(app)
    await an_hour_away(app, ACTIVITY)

    assert (await profile_of(app, UID)).first_seen_at == NOW
    assert await app.queues.length(ACTIVITY) == 0


async def test_a_tier_reaches_its_people_when_the_documents_are_back(app):
    app.issuer.create(UID)
    await app.role_grants.grant(
        "uid-admin", UID, RolesPut.model_validate({"roles": ["organizer"], "organizerIds": [ORG]})
    )
    app.clock.advance(timedelta(seconds=CHECK_AFTER_SECONDS))
    await work_off(app, SIGNALS)
    await app.credits.set_tier(ADMIN, ORG, "gold")
    await an_hour_away(app, SIGNALS)

    assert (await profile_of(app, UID)).tier == "gold"


@pytest.mark.parametrize("zone", [UTC, None])
async def test_a_copy_is_kept_no_longer_than_its_message(app, zone):
    async def away():
        until = (app.clock.now() + timedelta(hours=2)).replace(tzinfo=zone)
        async with app.coming_again(SIGNALS, "hola", until):
            raise StoreUnavailable

    await away()
    app.clock.advance(timedelta(seconds=AGAIN_SECONDS))
    (copy,) = await app.queues.receive(SIGNALS)

    assert (copy.body, copy.expires_at - NOW) == ("hola", timedelta(hours=2))
    with pytest.raises(StoreUnavailable):
        async with app.coming_again(SIGNALS, "hola", app.clock.now() + timedelta(seconds=30)):
            raise StoreUnavailable


async def test_when_the_queue_is_away_as_well_the_host_keeps_the_message(app):
    async def refuse(*_, **__):
        raise StoreUnavailable

    await ask(app, ANA)
    await drain(app)
    app.documents.always("get", "get_many", "query", "commit", "transaction")
    app.queues.send = refuse

    with pytest.raises(StoreUnavailable):
        await work_off(app, ACTIVITY)
