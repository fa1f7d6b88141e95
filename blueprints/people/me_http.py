"""One's own profile, and an operator's look at a person's (design/wire.md, People and operations)."""

from typing import Final

import azure.functions as func

from shared.http.call import Answer, Call
from shared.http.endpoint import endpoint
from shared.kernel.errors import Invalid, Malformed, NotFound, PreconditionFailed, Unavailable
from shared.people.access import Role
from shared.people.profiles.schemas import Me, MePatch, PersonView
from shared.people.profiles.service import version_of
from shared.wiring import app

bp = func.Blueprint()

_ME: Final = {
    "personKey": "uid-of-the-dancer",
    "displayName": "Ana",
    "locale": "es-AR",
    "timezone": "America/Argentina/Buenos_Aires",
    "home": {"city": "Rosario", "region": "Santa Fe", "country": "AR"},
    "homeLocation": {"lat": -32.95, "lon": -60.64},
    "roles": [],
    "organizerIds": [],
}


@endpoint(
    bp,
    "GET",
    "people/me",
    role=Role.USER,
    summary="Read one's own profile.",
    answers={200: Me},
    answer_example=_ME,
)
async def people_me_get(call: Call) -> Answer:
    """The caller's profile; an empty one for somebody new."""
    me = await app().profiles.me(call.principal.uid or "")
    return Answer(me, etag=version_of(me))


@endpoint(
    bp,
    "PATCH",
    "people/me",
    role=Role.USER,
    summary="Change one's own profile.",
    description=(
        "A merge patch (RFC 7396): a field left out stays, null clears it, `home` likewise field by field. Names may use "
        "any script, but no control characters. `homeLocation` is kept to two decimals of a degree, about a kilometre. "
        "`If-Match` is optional."
    ),
    body=MePatch,
    answers={200: Me},
    errors=[Invalid, Malformed, PreconditionFailed, Unavailable],
    if_match=True,
    example={"displayName": "Ana", "home": {"city": "Rosario", "country": "AR"}},
    answer_example=_ME,
)
async def people_me_change(call: Call[MePatch]) -> Answer:
    """The caller's profile as it is now."""
    me = await app().profiles.change_me(call.principal.uid or "", call.body, if_match=call.if_match)
    return Answer(me, etag=version_of(me))


# named so that it sorts behind people_me_get: the host takes the first match in order of names
@endpoint(
    bp,
    "GET",
    "people/{personKey}",
    role=Role.OPERATOR,
    summary="Read a signed-in person's profile.",
    description="Visitors cannot be asked for: their keys never leave the server.",
    answers={200: PersonView},
    errors=[NotFound],
    answer_example={**_ME, "visits": 12, "lastSeenReleaseId": "2025.11.0", "acknowledgedReleases": []},
)
async def people_view(call: Call) -> Answer:
    """The person."""
    return Answer(await app().profiles.view(call.path["personKey"]))
