"""Granting roles over HTTP (design/wire.md, Rules for every route)."""

from typing import Final

import azure.functions as func

from shared.http.call import Answer, Call
from shared.http.endpoint import endpoint
from shared.kernel.errors import Invalid, Malformed, NotFound, Unavailable
from shared.people.access import Role
from shared.people.profiles.schemas import Roles, RolesPut
from shared.wiring import app

bp = func.Blueprint()

_ROLES: Final = {"roles": ["organizer"], "organizerIds": ["org_la_viruta"]}


@endpoint(
    bp,
    "PUT",
    "people/{personKey}/roles",
    role=Role.ADMIN,
    summary="Set an account's roles.",
    description=(
        "The whole set: what is not named is taken away, and the sessions that still carry it end. Safe to repeat; a repeat "
        "finishes what an interrupted call left undone and changes nothing else."
    ),
    body=RolesPut,
    answers={200: Roles},
    errors=[Invalid, Malformed, NotFound, Unavailable],
    example=_ROLES,
    answer_example={
        "personKey": "uid-of-the-organizer",
        **_ROLES,
        "roleChangedAt": "2025-11-03T10:00:00Z",
    },
)
async def people_roles_set(call: Call[RolesPut]) -> Answer:
    """The roles as they now are."""
    actor = call.principal.uid or ""
    return Answer(await app().role_grants.grant(actor, call.path["personKey"], call.body))
