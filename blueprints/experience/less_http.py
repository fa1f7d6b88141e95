"""«Less of this» over HTTP (docs/explain.md, Less of this)."""

import azure.functions as func

from shared.experience.less.schemas import LessAnswer, LessRequest
from shared.http.call import Answer, Call
from shared.http.endpoint import endpoint
from shared.kernel.errors import Conflict, Invalid, Malformed, NotFound, Unavailable
from shared.people.access import Role
from shared.wiring import app

bp = func.Blueprint()


@endpoint(
    bp,
    "POST",
    "people/me/less-of-this",
    role=Role.ANONYMOUS,
    summary="Want less of an organizer's messages.",
    description=(
        "Halves the share of the reader's pressure budget that the organizer of the message may use; below a quarter it is "
        "nothing. Visitors send the `ackToken` that came with the message; its signed-in owner need not. Of one message it "
        "counts once, however often it is sent. Inbox items are not touched."
    ),
    body=LessRequest,
    answers={200: LessAnswer},
    errors=[Invalid, Malformed, NotFound, Conflict, Unavailable],
    event="message_less",
    example={
        "deliveryId": "d_4kq2w7h3x5m6n2p4r6t3v5x7z2",
        "ackToken": "d_4kq2w7h3x5m6n2p4r6t3v5x7z2.1762164600000.signature",
    },
    answer_example={
        "organizerId": "org_la_viruta",
        "weight": 0.5,
        "interruptionsPerWeek": 2,
        "modalsPerDay": 0,
    },
)
async def people_me_less_of_this(call: Call[LessRequest]) -> Answer:
    """The organizer's share as it now is."""
    return Answer(await app().less_of_this.ask(call.body, call.principal))
