"""Favourite organizers over HTTP (design/wire.md, People and operations)."""

import azure.functions as func

from shared.http.call import Answer, Call
from shared.http.endpoint import endpoint
from shared.kernel.errors import Conflict, Invalid, Malformed, NotFound, Unavailable
from shared.people.access import Role
from shared.people.favorites.schemas import FavoriteList, FavoritesQuery, Mute, organizer_named
from shared.wiring import app

bp = func.Blueprint()


@endpoint(
    bp,
    "GET",
    "people/me/favorites",
    role=Role.USER,
    summary="List one's favourite organizers.",
    query=FavoritesQuery,
    answers={200: FavoriteList},
    errors=[Invalid, Malformed],
    answer_example={
        "items": [
            {
                "organizerId": "org_la_viruta",
                "muted": False,
                "consentId": "cn_01jd3k8m5v7q9x2r4t6w8y0z1a",
                "since": "2025-11-03T10:00:00Z",
            }
        ]
    },
)
async def people_me_favorites_list(call: Call[None, FavoritesQuery]) -> Answer:
    """A page of favourites."""
    return Answer(await app().favorites.page(call.principal.uid or "", call.query))


@endpoint(
    bp,
    "PUT",
    "people/me/favorites/{organizerId}",
    role=Role.USER,
    summary="Make an organizer a favourite.",
    description="This is consent to that organizer's inbox messages, and to nothing else. 400 favourites at most.",
    answers={204: None},
    errors=[NotFound, Conflict, Unavailable],
)
async def people_me_favorites_add(call: Call) -> Answer:
    """Nothing to say."""
    await app().favorites.add(call.principal.uid or "", organizer_named(call.path["organizerId"]))
    return Answer(status=204)


@endpoint(
    bp,
    "DELETE",
    "people/me/favorites/{organizerId}",
    role=Role.USER,
    summary="Not a favourite any more.",
    description="Ends what was agreed to with this organizer alone, in every channel.",
    answers={204: None},
    errors=[NotFound, Unavailable],
)
async def people_me_favorites_remove(call: Call) -> Answer:
    """Nothing to say."""
    await app().favorites.remove(call.principal.uid or "", organizer_named(call.path["organizerId"]))
    return Answer(status=204)


@endpoint(
    bp,
    "PUT",
    "people/me/favorites/{organizerId}/mute",
    role=Role.USER,
    summary="Mute a favourite organizer, or hear it again.",
    body=Mute,
    answers={204: None},
    errors=[Invalid, NotFound, Unavailable],
    example={"muted": True},
)
async def people_me_favorites_mute(call: Call[Mute]) -> Answer:
    """Nothing to say."""
    organizer = organizer_named(call.path["organizerId"])
    await app().favorites.mute(call.principal.uid or "", organizer, muted=call.body.muted)
    return Answer(status=204)
