"""A city of dancers and visitors around the cast, so that simulations, followers and figures have somebody to count.

Everybody is made up by a seeded generator: the same crowd on every machine. Stored once; following and
agreeing go one by one, as people do.
"""

import asyncio
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from dev.demo.campaigns import RELEASE
from dev.demo.organizers import ORGANIZERS
from dev.demo.people import EARLIER_RELEASE
from shared.clients.documents.port import MAX_WRITES, Create
from shared.kernel.clock import to_millis
from shared.people.consent.schemas import GrantConsent
from shared.people.profiles.models import Home, Profile, ReleaseState
from shared.people.profiles.repository import path_of
from shared.people.profiles.rules import Seen, record
from shared.people.profiles.stored import to_data
from shared.wiring import App

DANCERS: Final = 300
VISITORS: Final = 180
_FOLLOWERS: Final = (48, 31, 22)
"""How many of the crowd follow each organizer."""
_TOWNS: Final = (
    ("Boston", "Massachusetts", "US", "America/New_York"),
    ("Cambridge", "Massachusetts", "US", "America/New_York"),
    ("Somerville", "Massachusetts", "US", "America/New_York"),
    ("Providence", "Rhode Island", "US", "America/New_York"),
    ("Montréal", "Québec", "CA", "America/Toronto"),
    ("Buenos Aires", "Ciudad Autónoma", "AR", "America/Argentina/Buenos_Aires"),
)
_WEIGHTS: Final = (40, 18, 16, 12, 9, 5)
_TIERS: Final = (None, None, None, "basic", "silver", "gold")
_INVITATIONS: Final = GrantConsent(programme="marketing", channel="inbox", wording_version="demo-1")
_MARKETING: Final = 0.35
_UP_TO_DATE: Final = 0.6
_ACKNOWLEDGED: Final = 0.7
_FOLLOWING_AT_ONCE: Final = 8


async def seed_crowd(app: App) -> None:
    """Make the crowd, unless it is there (1 read then)."""
    if await app.documents.get(path_of(_uid(0))) is not None:
        return
    people = list(crowd(app.clock.now()))
    writes = [Create(path_of(person.person_key), to_data(person)) for person in people]
    for start in range(0, len(writes), MAX_WRITES):
        await app.documents.commit(writes[start : start + MAX_WRITES])
    dice = random.Random(43)  # noqa: S311 - demo people
    gate = asyncio.Semaphore(_FOLLOWING_AT_ONCE)

    async def follow(uid: str, organizers: list[str]) -> None:
        async with gate:
            for organizer in organizers:
                await app.favorites.add(uid, organizer)

    async def agree(uid: str) -> None:
        async with gate:
            await app.consents.grant(uid, _INVITATIONS, seed=None)

    await asyncio.gather(*(follow(uid, organizers) for uid, organizers in followed().items()))
    await asyncio.gather(*(agree(_uid(at)) for at in range(DANCERS) if dice.random() < _MARKETING))


def followed() -> dict[str, list[str]]:
    """The organizers that each of the crowd follows, of those who follow any."""
    dice = random.Random(41)  # noqa: S311 - demo people
    follows: dict[str, list[str]] = {}
    for organizer, number in zip(ORGANIZERS, _FOLLOWERS, strict=True):
        for at in dice.sample(range(DANCERS), number):
            follows.setdefault(_uid(at), []).append(organizer.id)
    return follows


def _uid(number: int) -> str:
    return f"crowd-{number:03}"


def crowd(now: datetime) -> Iterator[Profile]:
    """Everybody, dancers first; visits are counted back from ``now``."""
    dice = random.Random(17)  # noqa: S311 - demo people
    for number in range(DANCERS):
        city, region, country, zone = dice.choices(_TOWNS, _WEIGHTS)[0]
        person = Profile(
            _uid(number),
            "user",
            display_name=f"Dancer {number + 1}",
            bucket_id=f"b_{dice.getrandbits(128):032x}",
            home=Home(city=city, region=region, country=country),
            timezone=zone,
            locale=dice.choice(("en-US", "en-US", "es-AR", "fr-CA")),
            tier=dice.choice(_TIERS),
        )
        yield _visited(person, dice, now, idle=dice.choice((0, 0, 0, 3, 12, 50, 70)), most=24)
    for _ in range(VISITORS):
        key = f"v_{dice.getrandbits(128):032x}"
        person = Profile(key, "ip", bucket_id=f"b_{dice.getrandbits(128):032x}")
        yield _visited(person, dice, now, idle=dice.choice((0, 1, 6, 20, 60)), most=6)


def _visited(person: Profile, dice: random.Random, now: datetime, *, idle: float, most: int) -> Profile:
    days = sorted(idle + dice.expovariate(1 / 20) for _ in range(dice.randint(1, most)))
    release = RELEASE if dice.random() < _UP_TO_DATE else EARLIER_RELEASE
    seen = [Seen(to_millis(now - timedelta(days=min(ago, 170))), release) for ago in days]
    known = (
        (EARLIER_RELEASE, RELEASE)
        if release == RELEASE and dice.random() < _ACKNOWLEDGED
        else (EARLIER_RELEASE,)
    )
    return record(replace(person, release_state=ReleaseState(acknowledged_releases=known)), seen)
