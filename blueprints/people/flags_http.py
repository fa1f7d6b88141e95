"""Flags of people over HTTP (messaging-platform.md §5.1, custom flags)."""

from typing import Final

import azure.functions as func

from shared.http.call import Answer, Call
from shared.http.endpoint import endpoint
from shared.kernel.errors import Invalid, Malformed, NotFound, Unavailable
from shared.people.access import Role
from shared.people.profiles.schemas import Flags, FlagsPut
from shared.wiring import app

bp = func.Blueprint()

_FLAGS: Final = {"flags": ["beta_inbox"]}


@endpoint(
    bp,
    "PUT",
    "people/{personKey}/flags",
    role=Role.ADMIN,
    summary="Set a person's flags.",
    description=(
        "The whole set: what is not named is taken away. Conditions ask for them as `person.flags`. Safe to repeat; "
        "each change leaves an audit entry."
    ),
    body=FlagsPut,
    answers={200: Flags},
    errors=[Invalid, Malformed, NotFound, Unavailable],
    example=_FLAGS,
    answer_example={"personKey": "uid-of-the-dancer", **_FLAGS},
)
async def people_flags_set(call: Call[FlagsPut]) -> Answer:
    """The flags as they now are."""
    actor = call.principal.uid or ""
    return Answer(await app().person_flags.put(actor, call.path["personKey"], call.body))
