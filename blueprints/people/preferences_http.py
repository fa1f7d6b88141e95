"""What a person wants less of (design/wire.md, People and operations)."""

from typing import Final

import azure.functions as func

from shared.http.call import Answer, Call
from shared.http.endpoint import endpoint
from shared.kernel.errors import Invalid, Malformed, PreconditionFailed, Unavailable
from shared.people.access import Role
from shared.people.preferences.schemas import Preferences
from shared.people.preferences.service import version_of
from shared.wiring import app

bp = func.Blueprint()

_PREFERENCES: Final = {
    "organizerMessages": "on",
    "mutedOrganizers": ["org_too_loud"],
    "optOuts": [{"programme": "marketing"}, {"programme": "events", "channel": "sms"}],
    "lessOf": {"org_la_viruta": 0.5},
    "quietHours": {"start": "20:00", "end": "10:00"},
}


@endpoint(
    bp,
    "GET",
    "people/me/preferences",
    role=Role.USER,
    summary="Read one's own preferences.",
    answers={200: Preferences},
    answer_example=_PREFERENCES,
)
async def people_me_preferences(call: Call) -> Answer:
    """The caller's preferences; the defaults for who never set any."""
    preferences = await app().preferences.read(call.principal.uid or "")
    return Answer(preferences, etag=version_of(preferences))


@endpoint(
    bp,
    "PUT",
    "people/me/preferences",
    role=Role.USER,
    summary="Replace one's own preferences.",
    description=(
        "The whole document: what is left out goes back to its default. Preferences only narrow what consents allow; "
        "grants go through consents. `lessOf` is the share, 0 to 1, of the pressure budget that an organizer may use. "
        "`quietHours` are local and at least 21:00 to 08:00. `If-Match` guards against another device's change."
    ),
    body=Preferences,
    answers={200: Preferences},
    errors=[Invalid, Malformed, PreconditionFailed, Unavailable],
    if_match=True,
    example=_PREFERENCES,
    answer_example=_PREFERENCES,
)
async def people_me_preferences_set(call: Call[Preferences]) -> Answer:
    """The preferences as they now are."""
    uid = call.principal.uid or ""
    preferences = await app().preferences.replace(uid, call.body, if_match=call.if_match)
    return Answer(preferences, etag=version_of(preferences))
