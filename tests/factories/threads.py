"""A dancer and an organizer who write to each other."""

from typing import Any

from shared.messaging.threads.models import Host, Meeting
from shared.messaging.threads.rules import message_id, thread_id
from shared.messaging.threads.schemas import (
    MessagesQuery,
    MessageView,
    PutReceipt,
    SendMessage,
    Sent,
    ThreadsQuery,
    ThreadView,
)
from shared.people.access import Principal
from shared.wiring import App

ANA = Principal("uid-ana")
LUCIA = Principal("uid-lucia", frozenset({"organizer"}), frozenset({"org_1"}))
RITA = Principal("uid-rita", frozenset({"operator"}))
TO_ORGANIZER = {"recipient": {"organizerId": "org_1"}, "eventId": "ev_1", "type": "question"}
TO_ANA = {"recipient": {"personKey": "uid-ana"}, "eventId": "ev_1", "type": "followup"}
THREAD = thread_id(Meeting("uid-ana", Host("organizer", "org_1"), "ev_1"))


def sent_id(client_id: str, author: Principal = ANA, thread: str = THREAD) -> str:
    """The id of a message."""
    return message_id(thread, author.uid or "", client_id)


async def send(app: App, sender: Principal, text: str, client_id: str | None = None, **fields: Any) -> Sent:
    """A message from one to the other, about their event unless told otherwise; the text names it."""
    to = TO_ORGANIZER if sender == ANA else TO_ANA
    body = {**to, "body": text, "clientMessageId": client_id or text.replace(" ", "-")} | fields
    return await app.sending.send(
        sender, SendMessage.model_validate({name: value for name, value in body.items() if value is not None})
    )


async def say(
    app: App, sender: Principal, text: str, thread: str = THREAD, client_id: str | None = None
) -> Sent:
    """A message into a thread that there is."""
    body = {
        "threadId": thread,
        "type": "question",
        "body": text,
        "clientMessageId": client_id or text.replace(" ", "-"),
    }
    return await app.sending.send(sender, SendMessage.model_validate(body))


async def favourite(app: App, person: str = "uid-ana", organizer: str = "org_1") -> None:
    """The person wants the organizer's messages."""
    await app.favorites.add(person, organizer)


async def seen(app: App, reader: Principal, thread: str = THREAD, **query: Any) -> list[MessageView]:
    """The messages that a participant has, in the order in which they were sent."""
    page = (await app.threads.messages(reader, thread, MessagesQuery.model_validate(query)))[1]
    assert page is not None
    return page.items[::-1]


async def texts(app: App, reader: Principal, thread: str = THREAD) -> list[str]:
    """Their texts."""
    return [message.body for message in await seen(app, reader, thread, limit=100)]


async def threads_of(app: App, reader: Principal, **query: Any) -> list[ThreadView]:
    """The threads of a participant: a person's own, or those of the organizer that they speak for."""
    if reader == LUCIA:
        query = {"organizerId": "org_1"} | query
    return (await app.threads.page(reader, ThreadsQuery.model_validate(query))).items


async def read_up_to(app: App, reader: Principal, ident: str, thread: str = THREAD) -> int:
    """What is left unread after reading up to a message."""
    receipt = await app.threads.mark_read(
        reader, thread, PutReceipt.model_validate({"lastReadMessageId": ident})
    )
    return receipt.unread
