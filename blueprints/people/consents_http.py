"""What people agree to, over HTTP (design/wire.md, People and operations)."""

from typing import Final

import azure.functions as func

from shared.http.call import Answer, Call
from shared.http.endpoint import endpoint
from shared.kernel.errors import Conflict, Invalid, Malformed, NotFound, Unavailable
from shared.people.access import Role
from shared.people.consent.models import Scope
from shared.people.consent.schemas import (
    ConfirmConsent,
    ConsentList,
    ConsentsQuery,
    ConsentView,
    GrantConsent,
    WithdrawQuery,
    scope_named,
)
from shared.wiring import app

bp = func.Blueprint()

_CONSENT: Final = {
    "id": "cn_01jd3k8m5v7q9x2r4t6w8y0z1a",
    "programme": "events",
    "channel": "push",
    "state": "granted",
    "wordingVersion": "push-2",
    "at": "2025-11-03T10:00:00Z",
}


@endpoint(
    bp,
    "GET",
    "people/me/consents",
    role=Role.USER,
    summary="List what one has agreed to.",
    description=(
        "What stands now, by scope; `history=true` gives the whole ledger instead, latest first: every grant, confirmation "
        "and withdrawal ever made."
    ),
    query=ConsentsQuery,
    answers={200: ConsentList},
    errors=[Invalid, Malformed],
    answer_example={"items": [_CONSENT]},
)
async def people_me_consents_list(call: Call[None, ConsentsQuery]) -> Answer:
    """A page of consents."""
    return Answer(await app().consents.page(call.principal.uid or "", call.query))


@endpoint(
    bp,
    "POST",
    "people/me/consents",
    role=Role.USER,
    summary="Agree to messages of a programme in a channel.",
    description=(
        "201 for a new consent, 200 when the same stood already. Inbox messages of one organizer are agreed to by "
        "making it a favourite."
    ),
    body=GrantConsent,
    answers={201: ConsentView, 200: ConsentView},
    errors=[Invalid, NotFound, Unavailable],
    idempotency="optional",
    example={"programme": "events", "channel": "push", "wordingVersion": "push-2", "source": "settings"},
    answer_example=_CONSENT,
)
async def people_me_consents_grant(call: Call[GrantConsent]) -> Answer:
    """The consent as it stands."""
    view, new = await app().consents.grant(call.principal.uid or "", call.body, seed=call.seed)
    if not new:
        return Answer(view)
    return Answer(view, status=201, headers={"Location": "/api/people/me/consents"})


@endpoint(
    bp,
    "DELETE",
    "people/me/consents/{programme}/{channel}",
    role=Role.USER,
    summary="Do not agree any more.",
    description=(
        "Without `organizerId` it ends what was agreed with each organizer as well. Repeats change nothing; also who never "
        "agreed may say no."
    ),
    query=WithdrawQuery,
    answers={204: None},
    errors=[Invalid, NotFound, Unavailable],
)
async def people_me_consents_withdraw(call: Call[None, WithdrawQuery]) -> Answer:
    """Nothing to say."""
    programme, channel = scope_named(call.path["programme"], call.path["channel"])
    scope = Scope(programme, channel, call.query.organizer_id)
    await app().consents.withdraw(call.principal.uid or "", scope, source="settings")
    return Answer(status=204)


@endpoint(
    bp,
    "POST",
    "consents/{id}/confirm",
    role=Role.ANONYMOUS,
    summary="Confirm a consent through the link that was sent (double opt-in).",
    description="The link's token stands for the person and holds for 7 days. What was withdrawn since stays withdrawn.",
    body=ConfirmConsent,
    answers={200: ConsentView},
    errors=[Invalid, NotFound, Conflict, Unavailable],
    example={"token": "cn_01jd3k8m5v7q9x2r4t6w8y0z1a.1764324000000.c2lnbmF0dXJl"},
    answer_example={**_CONSENT, "state": "confirmed", "confirmedAt": "2025-11-03T10:05:00Z"},
)
async def consents_confirm(call: Call[ConfirmConsent]) -> Answer:
    """The consent as it stands."""
    return Answer(await app().consents.confirm(call.path["id"], call.body.token))
