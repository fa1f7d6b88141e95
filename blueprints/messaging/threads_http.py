"""Conversations of two over HTTP (design/wire.md, Messaging; docs/threads.md)."""

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
    PreconditionRequired,
    Unavailable,
)
from shared.messaging.threads.schemas import (
    MessageList,
    MessagesQuery,
    SendMessage,
    Sent,
    ThreadChange,
    ThreadList,
    ThreadsQuery,
    ThreadView,
)
from shared.messaging.threads.views import digest_of
from shared.people.access import Role
from shared.wiring import app

bp = func.Blueprint()

_SENT: Final = {
    "threadId": "t_5q2w7x3k6m4n8p9r1t2v3y4z5a",
    "messageId": "m_6r3x8y4l7n5p9q2s3u4w5z6a7b",
    "sentAt": "2025-11-03T20:00:00Z",
    "status": "sent",
}
_THREAD: Final = {
    "threadId": _SENT["threadId"],
    "type": "question",
    "role": "user",
    "personKey": "uid-of-the-dancer",
    "personName": "Ana",
    "organizerId": "la-viruta-boston",
    "eventId": "la-viruta-friday",
    "createdAt": "2025-11-03T20:00:00Z",
    "lastMessage": {
        "messageId": "m_7s4y9z5m8o6q2r3t4v5x6a7b8c",
        "senderRole": "organizer",
        "preview": "Until two, and there is a bus.",
        "sentAt": "2025-11-03T20:05:00Z",
    },
    "unread": 1,
    "lastReadMessageId": _SENT["messageId"],
    "archived": False,
    "muted": False,
}


@endpoint(
    bp,
    "POST",
    "messages/thread",
    role=Role.USER,
    summary="Send a message.",
    description=(
        "Into the thread `threadId`, or to a `recipient`: the thread of the two about `eventId` is found or begun. People write to "
        "organizers, or to support without a recipient (`type` support); who speaks for an organizer writes to people, first only to "
        "those who receive that organizer's messages. `body` is plain text of up to 4,000 characters and is kept as it is; control "
        "characters and overrides of direction are refused. Send a `clientMessageId` (or an Idempotency-Key): a repeat gets the first "
        "answer, also after days. The answer does not tell whether the recipient receives it."
    ),
    body=SendMessage,
    answers={201: Sent},
    errors=[Invalid, Malformed, Forbidden, NotFound, Conflict, PreconditionRequired, Unavailable],
    idempotency="optional",
    event="message_send",
    example={
        "recipient": {"organizerId": "la-viruta-boston"},
        "eventId": "la-viruta-friday",
        "type": "question",
        "body": "How late does it go, and is there a bus afterwards?",
        "clientMessageId": "01jd3k8m5v7q9x2r4t6w8y0z1a",
    },
    answer_example=_SENT,
)
async def threads_send(call: Call[SendMessage]) -> Answer:
    """Where the message is."""
    sent = await app().sending.send(call.principal, call.body, seed=call.seed)
    return Answer(sent, status=201, headers={"Location": f"/api/messages/threads/{sent.thread_id}"})


@endpoint(
    bp,
    "GET",
    "messages/threads",
    role=Role.USER,
    summary="List one's threads, latest message first.",
    description=(
        "One's own as a person; with `organizerId` those of an organizer one speaks for; with `support` (operators) those of "
        "support. Archived ones are a list of their own. `unread` counts what the caller has not read."
    ),
    query=ThreadsQuery,
    answers={200: ThreadList},
    errors=[Invalid, Malformed, NotFound],
    answer_example={"items": [_THREAD]},
)
async def threads_list(call: Call[None, ThreadsQuery]) -> Answer:
    """A page of threads."""
    page = await app().threads.page(call.principal, call.query)
    return Answer(page, etag=digest_of(page))


@endpoint(
    bp,
    "GET",
    "messages/threads/{threadId}",
    role=Role.USER,
    summary="Read a thread, without its messages.",
    answers={200: ThreadView},
    errors=[NotFound],
    answer_example={**_THREAD, "blocked": False},
)
async def threads_get(call: Call) -> Answer:
    """The thread as the caller sees it."""
    thread = await app().threads.get(call.principal, call.path["threadId"])
    return Answer(thread, etag=digest_of(thread))


@endpoint(
    bp,
    "PATCH",
    "messages/threads/{threadId}",
    role=Role.USER,
    summary="Archive a thread, or take it out of the archive.",
    description="For the caller alone. The next message takes it out.",
    body=ThreadChange,
    answers={200: ThreadView},
    errors=[Invalid, Malformed, NotFound, Unavailable],
    example={"archived": True},
    answer_example={**_THREAD, "archived": True},
)
async def threads_change(call: Call[ThreadChange]) -> Answer:
    """The thread as the caller sees it now."""
    return Answer(await app().threads.change(call.principal, call.path["threadId"], call.body))


@endpoint(
    bp,
    "DELETE",
    "messages/threads/{threadId}",
    role=Role.USER,
    summary="Leave a thread.",
    description=(
        "What was said is hidden from the caller for good, and what the other still writes does not reach them; the other is not "
        "told. Writing to the same recipient about the same event comes back."
    ),
    answers={204: None},
    errors=[NotFound, Unavailable],
)
async def threads_leave(call: Call) -> Answer:
    """Nothing to say."""
    await app().threads.leave(call.principal, call.path["threadId"])
    return Answer(status=204)


@endpoint(
    bp,
    "GET",
    "messages/threads/{threadId}/messages",
    role=Role.USER,
    summary="Read a thread's messages, latest first.",
    description="Poll with `If-None-Match`: while nothing has changed the answer is 304 and costs one document read.",
    query=MessagesQuery,
    answers={200: MessageList},
    errors=[Invalid, Malformed, NotFound],
    answer_example={
        "items": [
            {
                "messageId": _SENT["messageId"],
                "senderRole": "user",
                "mine": True,
                "body": "How late does it go, and is there a bus afterwards?",
                "sentAt": "2025-11-03T20:00:00Z",
                "status": "read",
            }
        ]
    },
)
async def threads_messages(call: Call[None, MessagesQuery]) -> Answer:
    """A page of messages, or nothing new."""
    version, page = await app().threads.messages(
        call.principal, call.path["threadId"], call.query, call.versions
    )
    return Answer(page, etag=version)
