"""Broadcasts over HTTP (design/wire.md, Messaging; docs/broadcasts.md)."""

from typing import Final

import azure.functions as func

from shared.http.call import Answer, Call
from shared.http.endpoint import endpoint
from shared.kernel.errors import (
    Conflict,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    PaymentRequired,
    TooManyRequests,
    Unavailable,
)
from shared.messaging.broadcasts.schemas import (
    BroadcastList,
    BroadcastReport,
    BroadcastsQuery,
    BroadcastView,
    DryRun,
    SendBroadcast,
    SendQuery,
)
from shared.people.access import Role
from shared.wiring import app

bp = func.Blueprint()

_CONTENT: Final = {
    "title": "A new orchestra on Friday",
    "body": "The doors open at nine.",
    "severity": "info",
    "steps": [],
}
_SEND: Final = {
    "organizerId": "org_1",
    "content": {"title": _CONTENT["title"], "body": _CONTENT["body"]},
    "audience": {"type": "favorites"},
    "channels": ["inbox"],
}
_UNDER: Final = {"value": None, "text": "under 20"}
_MANY: Final = {"value": 420, "text": "420"}
_VIEW: Final = {
    "id": "b_f3k5m8p2q4r6s8t0v2w4x6y8z0",
    "organizerId": "org_1",
    "state": "sending",
    "content": _CONTENT,
    "audienceType": "favorites",
    "channels": ["inbox"],
    "startsAt": "2025-11-03T10:00:00Z",
    "beganAt": "2025-11-03T10:00:02Z",
    "createdAt": "2025-11-03T10:00:00Z",
    "tier": "silver",
    "credits": 0,
    "progress": {
        "people": {"value": 500, "text": "500"},
        "done": _MANY,
        "delivered": {"inbox": _MANY},
        "losses": [{"reason": "muted", "people": _UNDER}],
    },
    "errors": [],
}
_TRIED: Final = {
    "organizerId": "org_1",
    "exact": True,
    "people": {"value": 500, "text": "500"},
    "losses": [{"reason": "muted", "people": _UNDER}],
    "recipients": {"inbox": {"value": 485, "text": "485"}},
    "tier": "silver",
    "prices": {"inbox": 0},
    "credits": 0,
    "available": 120,
    "operations": {"reads": 3, "writes": 489},
    "seconds": 1,
    "startsAt": "2025-11-03T10:00:00Z",
    "digest": "5c1d.0.c2lnbmF0dXJl",
}
_REPORT: Final = {
    "broadcastId": "b_f3k5m8p2q4r6s8t0v2w4x6y8z0",
    "state": "settled",
    "delivered": _MANY,
    "seen": {"value": 180, "text": "180"},
    "clicked": _UNDER,
    "acknowledged": {"value": 95, "text": "95"},
    "unsubscribed": _UNDER,
    "replies": _UNDER,
    "credits": 0,
    "asOf": "2025-11-04T10:00:00Z",
}


@endpoint(
    bp,
    "POST",
    "messages/org-broadcast",
    role=Role.ORGANIZER,
    summary="Send a message to many, or try what would become of it.",
    description="With `dryRun=true` nothing is sent: the answer tells losses by reason, price, store operations and time, and a "
    "`digest`; a send with that digest is refused where its terms no longer hold. To a segment it also tells the segment's `drift`, "
    "and each number is a question of the organizer's day (`cohort_budget_spent`). What is accepted goes out behind the answer: "
    "`Location` names it.",
    body=SendBroadcast,
    query=SendQuery,
    answers={200: DryRun, 202: BroadcastView},
    errors=[Invalid, NotFound, Forbidden, PaymentRequired, Conflict, TooManyRequests, Unavailable],
    idempotency="required",
    event="message_send",
    example=_SEND,
    answer_example=_TRIED,
)
async def broadcasts_send(call: Call[SendBroadcast, SendQuery]) -> Answer:
    """A dry run, or the broadcast that was accepted."""
    accepting = app().broadcasting.accepting
    if call.query.dry_run:
        return Answer(await accepting.try_out(call.principal, call.body))
    accepted = await accepting.send(call.principal, call.body, seed=call.seed or "")
    return Answer(accepted, status=202, headers={"Location": f"/api/messages/broadcasts/{accepted.id}"})


@endpoint(
    bp,
    "GET",
    "messages/broadcasts",
    role=Role.ORGANIZER,
    summary="List broadcasts, newest first.",
    query=BroadcastsQuery,
    answers={200: BroadcastList},
    errors=[Invalid, Malformed, NotFound],
    answer_example={"items": [_VIEW]},
)
async def broadcasts_list(call: Call[None, BroadcastsQuery]) -> Answer:
    """A page."""
    return Answer(await app().broadcasting.service.page(call.principal, call.query))


@endpoint(
    bp,
    "GET",
    "messages/broadcasts/{id}",
    role=Role.ORGANIZER,
    summary="Read a broadcast and how far it is.",
    answers={200: BroadcastView},
    errors=[NotFound],
    answer_example=_VIEW,
)
async def broadcasts_get(call: Call) -> Answer:
    """The broadcast."""
    return Answer(await app().broadcasting.service.get(call.principal, call.path["id"]))


@endpoint(
    bp,
    "GET",
    "messages/broadcasts/{id}/report",
    role=Role.ORGANIZER,
    summary="Read what readers did with a broadcast.",
    description="Each number counts people who ever did so. Below 20 it is not told; organizers get it rounded to 5.",
    answers={200: BroadcastReport},
    errors=[NotFound],
    answer_example=_REPORT,
)
async def broadcasts_report(call: Call) -> Answer:
    """The numbers, as they stand."""
    return Answer(await app().broadcasting.service.report(call.principal, call.path["id"]))


@endpoint(
    bp,
    "POST",
    "messages/broadcasts/{id}/cancel",
    role=Role.ORGANIZER,
    summary="Stop a broadcast for good.",
    description="Takes effect within one page of the audience; what was delivered is paid, the rest given back. Safe to repeat.",
    answers={202: BroadcastView},
    errors=[NotFound, Conflict, Unavailable],
    answer_example=_VIEW | {"state": "cancelling"},
)
async def broadcasts_cancel(call: Call) -> Answer:
    """The broadcast, about to end."""
    return Answer(await app().broadcasting.service.cancel(call.principal, call.path["id"]), status=202)


@endpoint(
    bp,
    "POST",
    "messages/broadcasts/{id}/pause",
    role=Role.ORGANIZER,
    summary="Stop a broadcast for now.",
    description="Takes effect within one page of the audience. Safe to repeat.",
    answers={200: BroadcastView},
    errors=[NotFound, Conflict, Unavailable],
    answer_example=_VIEW | {"state": "paused"},
)
async def broadcasts_pause(call: Call) -> Answer:
    """The broadcast, at rest."""
    return Answer(await app().broadcasting.service.pause(call.principal, call.path["id"]))


@endpoint(
    bp,
    "POST",
    "messages/broadcasts/{id}/resume",
    role=Role.ORGANIZER,
    summary="Let a paused broadcast go on.",
    description="It goes on where it stopped, with consents and preferences as they are by then. Safe to repeat.",
    answers={200: BroadcastView},
    errors=[NotFound, Conflict, Unavailable],
    answer_example=_VIEW,
)
async def broadcasts_resume(call: Call) -> Answer:
    """The broadcast, at work."""
    return Answer(await app().broadcasting.service.resume(call.principal, call.path["id"]))


@endpoint(
    bp,
    "POST",
    "messages/broadcasts/{id}/webhook",
    role=Role.ADMIN,
    summary="Send the webhook of an ended broadcast once more.",
    description="Under the id it had: the receiver tells by it that it is a repeat.",
    answers={202: BroadcastView},
    errors=[NotFound, Unavailable],
    answer_example=_VIEW | {"state": "settled"},
)
async def broadcasts_webhook(call: Call) -> Answer:
    """The broadcast whose end is told again."""
    return Answer(await app().broadcasting.service.tell_again(call.principal, call.path["id"]), status=202)
