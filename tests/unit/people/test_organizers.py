"""Names of organizers: learned off everybody's path, an hour good, and never in the way."""

from datetime import timedelta

import pytest

from shared.clients.documents.port import Set
from shared.clients.errors import StoreUnavailable
from shared.kernel import telemetry
from shared.people.organizers import FRESH_SECONDS, OrganizerNames


@pytest.fixture
async def names(app):
    await app.documents.commit([Set("organizers/org_1", {"name": " Café Milonga "})])
    return OrganizerNames(app.documents, app.clock)


async def learned(names, *idents):
    names.learn(idents)
    await names.settled()


async def test_a_name_is_known_once_learned(names):
    assert names.known("org_1") is None
    await learned(names, "org_1", "org_none", "../x")

    assert names.known("org_1") == "Café Milonga"
    assert (names.known("org_none"), names.known(None)) == (None, None)


async def test_who_asks_does_not_pay(names):
    with telemetry.counted() as bill:
        await learned(names, "org_1")

    assert not bill


async def test_a_name_is_read_again_after_an_hour(app, names):
    await learned(names, "org_1")
    await app.documents.commit([Set("organizers/org_1", {"name": "La Viruta"})])
    await learned(names, "org_1")
    assert names.known("org_1") == "Café Milonga"

    app.clock.advance(timedelta(seconds=FRESH_SECONDS))
    await learned(names, "org_1")
    assert names.known("org_1") == "La Viruta"


async def test_with_the_store_away_it_is_tried_again(app, names, monkeypatch):
    async def away(paths):
        raise StoreUnavailable

    with monkeypatch.context() as patched:
        patched.setattr(app.documents, "get_many", away)
        await learned(names, "org_1")
    assert names.known("org_1") is None

    await learned(names, "org_1")
    assert names.known("org_1") == "Café Milonga"
