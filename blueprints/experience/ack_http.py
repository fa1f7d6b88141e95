"""Readers' reports over HTTP (design/wire.md, Experience and Delivery states; messaging-platform.md §6.1)."""

import azure.functions as func

from shared.experience.ack.schemas import AckAnswer, AckRequest
from shared.http.call import Answer, Call
from shared.http.endpoint import endpoint
from shared.kernel.errors import Invalid, Malformed, NotFound, Unavailable
from shared.people.access import Role
from shared.wiring import app

bp = func.Blueprint()


@endpoint(
    bp,
    "POST",
    "messages/ack",
    role=Role.ANONYMOUS,
    summary="Report what the reader did with a message.",
    description=(
        "Visitors send the `ackToken` that came with the message; the signed-in owner need not. Reports may come twice "
        "and in any order: the higher state wins, of each kind the earliest time is kept, and a repeat is answered the "
        "same. A delivery that is another's, or a token that does not hold, is 404."
    ),
    body=AckRequest,
    answers={200: AckAnswer},
    errors=[Invalid, Malformed, NotFound, Unavailable],
    event="message_ack",
    example={
        "deliveryId": "d_4kq2w7h3x5m6n2p4r6t3v5x7z2",
        "action": "acknowledged",
        "ackToken": "d_4kq2w7h3x5m6n2p4r6t3v5x7z2.1762164600000.signature",
    },
    answer_example={
        "deliveryId": "d_4kq2w7h3x5m6n2p4r6t3v5x7z2",
        "deliveryStatus": "acknowledged",
        "timestamps": {
            "createdAt": "2025-11-03T10:00:00Z",
            "deliveredAt": "2025-11-03T10:00:01Z",
            "seenAt": "2025-11-03T10:00:01Z",
            "ackAt": "2025-11-03T10:00:09Z",
            "expiresAt": "2025-11-03T10:10:00Z",
        },
    },
)
async def messages_ack(call: Call[AckRequest]) -> Answer:
    """The delivery as it now stands."""
    return Answer(await app().acknowledgements.acknowledge(call.body, call.principal))
