"""Broadcasts in tests: organizers with followers, without ceremony, and steps without an orchestration."""

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from shared.clients.documents.port import Alike, Blank, Create, Query, Set
from shared.clients.webhooks.port import Sent
from shared.messaging.broadcasts.models import Broadcast
from shared.messaging.broadcasts.running import Next
from shared.messaging.broadcasts.schemas import BroadcastView, SendBroadcast
from shared.people.access import Principal
from shared.people.favorites.shards import _name, _place
from shared.wiring import App
from tests.factories.app import make_app, make_settings
from tests.factories.consent import grant
from tests.factories.premium import ADMIN, ORG

QUICK = {"tiers": json.dumps({"gold": {"cooldownHours": 0}})}
"""Settings under which gold organizers may send as often as they like."""


def a_worker(folder: Path, *, settings: Mapping[str, Any] | None = None, **given: Any) -> App:
    """A worker that writes and simulates as fast as it can. ``given`` as ``make_app`` takes it; to be closed."""
    told = {"cabeceo_data": folder, "bulk_writes_per_second": 1_000_000, "simulations_per_minute": 1000}
    return make_app(folder=folder, settings=make_settings(**(told | dict(settings or {}))), **given)


class NoReceiver:
    """A webhook's other side that is never reached."""

    async def send(self, ident: str, body: Any) -> Sent:
        """No answer."""
        return Sent("later", None)

    async def close(self) -> None:
        """Nothing is open."""


LUCIA = Principal("uid-lucia", frozenset({"organizer"}), frozenset({ORG}))
CONTENT = {"title": "A new orchestra", "body": "The doors open at nine.", "link": "/events/friday"}


def body(**changes: Any) -> SendBroadcast:
    """A broadcast to the followers' inboxes, unless told otherwise."""
    told = {
        "organizerId": ORG,
        "content": CONTENT,
        "audience": {"type": "favorites"},
        "channels": ["inbox"],
    }
    return SendBroadcast.model_validate(told | changes)


async def profiles(app: App, number: int, organizer: str = ORG) -> None:
    """Profiles of a crowd, which say no more than whom it follows."""
    data = {"personKey": Blank(0), "type": "user", "bucketId": Blank(0), "favorites": [organizer]}
    for start in range(0, number, 500):
        rows = [(f"uid-{n:06}",) for n in range(start, min(number, start + 500))]
        await app.documents.create_alike(Alike("experienceProfiles", data, rows))


async def crowd(app: App, number: int, organizer: str = ORG, *, shard: int = 500, muted: int = 0) -> None:
    """Followers as their shards would hold them, the first ones silent; they have no profiles."""
    placed = sorted((_place(organizer, key), key) for key in (f"uid-{n:06}" for n in range(number)))
    silent = {f"uid-{n:06}" for n in range(muted)}
    for start in range(0, number, shard):
        some = placed[start : start + shard]
        end = "f" * 16 if start + shard >= number else some[-1][0]
        members = {
            key: {"consentId": f"cn-{key}"} | ({"muted": True} if key in silent else {}) for _, key in some
        }
        path = f"organizers/{organizer}/followers/{_name(end, 0)}"
        await app.documents.commit([Create(path, {"members": members})])


async def send(app: App, seed: str = "seed", **changes: Any) -> BroadcastView:
    """Accept a broadcast."""
    return await app.broadcasting.accepting.send(LUCIA, body(**changes), seed=seed)


async def stored(app: App, ident: str) -> Broadcast:
    """A broadcast as it is stored."""
    found = await app.broadcasting.repository.get(ident)
    assert found is not None
    return found


async def run(app: App, ident: str, *, steps: int = 500) -> Broadcast:
    """Step to the end, moving the clock to each next moment."""
    for _ in range(steps):
        following: Next = await app.broadcasting.running.step(ident)
        if following.at is None:
            return await stored(app, ident)
        wait = following.at - app.clock.now()
        app.clock.advance(max(wait, timedelta()))  # type: ignore[attr-defined]
    raise AssertionError("the broadcast does not come to an end")


async def delivered(app: App, ident: str) -> dict[str, dict[str, Any]]:
    """Every delivery of a broadcast, by its id."""
    found = await app.documents.query(Query(app.deliveries.collection))
    return {each.id: each.data for each in found if each.data["campaignId"] == ident}


async def in_tier(app: App, tier: str, organizer: str = ORG) -> None:
    """Put the organizer into a tier."""
    await app.credits.set_tier(ADMIN, organizer, tier)  # type: ignore[arg-type]


async def person(app: App, uid: str, **fields: Any) -> None:
    """A signed-in person's profile with these stored fields."""
    await app.documents.commit(
        [Set(f"experienceProfiles/{uid}", {"personKey": uid, "type": "user", "bucketId": uid} | fields)]
    )


DANCES = {"attribute": "person.favorites", "op": "contains", "value": "org_dances"}
CRITERIA = {"type": "criteria", "criteria": DANCES}


async def dancers(app: App, number: int, **fields: Any) -> None:
    """Signed-in people with a marketing opt-in in the inbox who dance."""
    for n in range(number):
        uid = f"uid-{n:04}"
        await person(app, uid, favorites=["org_dances"], **fields)
        await grant(app, uid, "marketing", "inbox")
