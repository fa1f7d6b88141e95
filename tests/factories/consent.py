"""Consent in tests: what a person has agreed to, what their ledger says, and who follows an organizer."""

from typing import Any

from shared.clients.documents.port import Query, Where
from shared.people.consent.models import Entry
from shared.people.consent.schemas import ConsentsQuery, ConsentView, GrantConsent
from shared.people.favorites.shards import Follower
from shared.people.visitors import Person
from shared.wiring import App


async def grant(
    app: App, uid: str, programme: str = "events", channel: str = "push", **more: Any
) -> ConsentView:
    """Agree to something; gives the consent as it stands."""
    body = {"programme": programme, "channel": channel, "wordingVersion": "w-1"} | more
    view, _ = await app.consents.grant(uid, GrantConsent.model_validate(body), seed=None)
    return view


async def history(app: App, uid: str) -> list[ConsentView]:
    """The whole ledger of a person, latest first."""
    return (await app.consents.page(uid, ConsentsQuery(history=True, limit=100))).items


async def ledger(app: App, uid: str) -> list[Entry]:
    """Every entry of a person as it is stored, in no order."""
    alias = (await app.profile_repository.read(Person(uid, "user"))).alias
    found = await app.documents.query(Query("consents", (Where("alias", "==", alias),)))
    return [Entry.from_data(each.id, each.data) for each in found]


async def followers(app: App, organizer_id: str) -> dict[str, Follower]:
    """Everybody who follows, by key; nobody stands twice."""
    found: dict[str, Follower] = {}
    async for page in app.favorites.followers(organizer_id):
        for follower in page:
            assert follower.person_key not in found, "twice"
            found[follower.person_key] = follower
    return found
