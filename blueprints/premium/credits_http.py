"""Tiers and credits over HTTP (design/wire.md, Messaging)."""

from typing import Final

import azure.functions as func

from shared.http.call import Answer, Call
from shared.http.endpoint import endpoint
from shared.kernel.errors import Conflict, Invalid, Malformed, NotFound, PreconditionRequired, Unavailable
from shared.people.access import Role
from shared.people.favorites.schemas import organizer_named
from shared.premium.credits.schemas import (
    AddCredits,
    CreditOperation,
    CreditsView,
    Statement,
    StatementQuery,
    TierPut,
)
from shared.premium.tiers import TierList
from shared.wiring import app

bp = func.Blueprint()

_CREDITS: Final = {
    "organizerId": "org_la_viruta",
    "tier": "silver",
    "available": 420,
    "reserved": 60,
    "spent": 520,
    "issued": 1000,
}
_OPERATION: Final = {
    "id": "cl_f3k5m8p2q4r6s8t0v2w4x6y8z0",
    "sequence": 1,
    "kind": "purchased",
    "amount": 1000,
    "at": "2025-11-03T10:00:00Z",
    "reason": "purchase",
    "reference": "INV-2025-0117",
    "available": 1000,
    "reserved": 0,
}
_TIER: Final = {
    "tier": "basic",
    "monthlyFee": 0,
    "currency": "USD",
    "maxRecipients": 1000,
    "cooldownHours": 72,
    "prices": {"favorites": {"inbox": 0}},
}


@endpoint(
    bp,
    "GET",
    "premium/tiers",
    role=Role.ANONYMOUS,
    summary="List the tiers: what each may do and what it costs.",
    description="Prices are credits for each delivered message; an audience or channel that is not named is not allowed.",
    answers={200: TierList},
    answer_example={"items": [_TIER]},
)
async def premium_tiers(_call: Call) -> Answer:
    """Every tier, lowest first."""
    return Answer(TierList(items=list(app().tiers)))


@endpoint(
    bp,
    "GET",
    "premium/organizers/{organizerId}/credits",
    role=Role.ORGANIZER,
    summary="Read an organizer's tier and credits.",
    answers={200: CreditsView},
    errors=[NotFound],
    answer_example=_CREDITS,
)
async def premium_credits_get(call: Call) -> Answer:
    """What there is."""
    return Answer(await app().credits.balance(call.principal, organizer_named(call.path["organizerId"])))


@endpoint(
    bp,
    "GET",
    "premium/organizers/{organizerId}/statement",
    role=Role.ORGANIZER,
    summary="List what happened to an organizer's credits, latest first.",
    query=StatementQuery,
    answers={200: Statement},
    errors=[Invalid, Malformed, NotFound],
    answer_example={"items": [_OPERATION]},
)
async def premium_statement(call: Call[None, StatementQuery]) -> Answer:
    """A page of the statement."""
    organizer = organizer_named(call.path["organizerId"])
    return Answer(await app().credits.statement(call.principal, organizer, call.query))


@endpoint(
    bp,
    "POST",
    "premium/organizers/{organizerId}/credits",
    role=Role.ADMIN,
    summary="Add credits to an organizer.",
    description=(
        "Bought or given, with an entry in the audit trail. The same Idempotency-Key adds them once, for ever. "
        "Servers with the scope `credits` tell of purchases."
    ),
    scope="credits",
    body=AddCredits,
    answers={201: CreditOperation},
    errors=[Invalid, NotFound, Conflict, PreconditionRequired, Unavailable],
    idempotency="required",
    example={"amount": 1000, "reason": "purchase", "reference": "INV-2025-0117"},
    answer_example=_OPERATION,
)
async def premium_credits_add(call: Call[AddCredits]) -> Answer:
    """The line of the statement."""
    organizer = organizer_named(call.path["organizerId"])
    added = await app().credits.grant(call.principal, organizer, call.body, seed=call.seed or "")
    return Answer(added, status=201, headers={"Location": f"/api/premium/organizers/{organizer}/statement"})


@endpoint(
    bp,
    "PUT",
    "premium/organizers/{organizerId}/tier",
    role=Role.ADMIN,
    summary="Put an organizer into a tier.",
    description="Sends that were accepted keep the price they were accepted at. Safe to repeat.",
    body=TierPut,
    answers={200: CreditsView},
    errors=[Invalid, NotFound, Unavailable],
    example={"tier": "silver"},
    answer_example=_CREDITS,
)
async def premium_tier_set(call: Call[TierPut]) -> Answer:
    """The organizer's tier and credits."""
    organizer = organizer_named(call.path["organizerId"])
    return Answer(await app().credits.set_tier(call.principal, organizer, call.body.tier))
