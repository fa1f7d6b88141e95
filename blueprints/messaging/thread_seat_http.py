"""What a participant does on their own seat of a thread: read up to, mute, block (design/wire.md, Messaging)."""

from typing import Final

import azure.functions as func

from shared.http.call import Answer, Call
from shared.http.endpoint import endpoint
from shared.kernel.errors import Invalid, Malformed, NotFound, Unavailable
from shared.messaging.threads.schemas import PutReceipt, Receipt, Until
from shared.people.access import Role
from shared.wiring import app

bp = func.Blueprint()

_RECEIPT: Final = {"lastReadMessageId": "m_6r3x8y4l7n5p9q2s3u4w5z6a7b"}
_UNTIL: Final = {"until": "2030-01-01T00:00:00Z"}


@endpoint(
    bp,
    "PUT",
    "messages/threads/{threadId}/receipt",
    role=Role.USER,
    summary="Mark everything up to a message as read.",
    description="The mark only moves forward: an earlier message changes nothing. The sender sees it.",
    body=PutReceipt,
    answers={200: Receipt},
    errors=[Invalid, Malformed, NotFound, Unavailable],
    example=_RECEIPT,
    answer_example={**_RECEIPT, "unread": 0},
)
async def thread_receipt_put(call: Call[PutReceipt]) -> Answer:
    """How far the caller has read."""
    return Answer(await app().threads.mark_read(call.principal, call.path["threadId"], call.body))


@endpoint(
    bp,
    "PUT",
    "messages/threads/{threadId}/mute",
    role=Role.USER,
    summary="Mute a thread, until a moment or for good.",
    description="Messages arrive as before; nothing rings. Safe to repeat.",
    body=Until,
    answers={204: None},
    errors=[Invalid, Malformed, NotFound, Unavailable],
    example=_UNTIL,
)
async def thread_mute_put(call: Call[Until]) -> Answer:
    """Nothing to say."""
    await app().threads.mute(call.principal, call.path["threadId"], call.body)
    return Answer(status=204)


@endpoint(
    bp,
    "DELETE",
    "messages/threads/{threadId}/mute",
    role=Role.USER,
    summary="Hear of a thread again.",
    answers={204: None},
    errors=[NotFound, Unavailable],
)
async def thread_mute_delete(call: Call) -> Answer:
    """Nothing to say."""
    await app().threads.mute(call.principal, call.path["threadId"], None)
    return Answer(status=204)


@endpoint(
    bp,
    "PUT",
    "messages/threads/{threadId}/block",
    role=Role.USER,
    summary="Block the other participant, until a moment or for good.",
    description=(
        "In every thread of the two. What they write meanwhile never reaches the caller, also not afterwards; they are answered as "
        "ever and are not told. Who blocks cannot write to who is blocked. Safe to repeat."
    ),
    body=Until,
    answers={204: None},
    errors=[Invalid, Malformed, NotFound, Unavailable],
    example=_UNTIL,
)
async def thread_block_put(call: Call[Until]) -> Answer:
    """Nothing to say."""
    await app().threads.block(call.principal, call.path["threadId"], call.body)
    return Answer(status=204)


@endpoint(
    bp,
    "DELETE",
    "messages/threads/{threadId}/block",
    role=Role.USER,
    summary="Lift one's block of the other participant.",
    answers={204: None},
    errors=[NotFound, Unavailable],
)
async def thread_block_delete(call: Call) -> Answer:
    """Nothing to say."""
    await app().threads.block(call.principal, call.path["threadId"], None)
    return Answer(status=204)
