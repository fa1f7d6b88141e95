"""What one of the two sees of a thread and its messages: pure."""

import hashlib
from datetime import datetime

from shared.kernel.wire import Wire
from shared.messaging.threads.models import OTHER, Block, Message, Seat, Thread
from shared.messaging.threads.schemas import LastMessage, MessageView, ThreadView


def thread_view(thread: Thread, seat: Seat, now: datetime) -> ThreadView:
    """A thread that the seat has something of (``last``)."""
    chair, other = thread.seats[seat], thread.seats[OTHER[seat]]
    last, muted, host = chair.last, chair.muted, thread.meeting.host
    assert last is not None  # noqa: S101 - threads that nothing has reached are not shown
    silent = muted is not None and (muted.until is None or now < muted.until)
    return ThreadView(
        thread_id=thread.id,
        type=thread.type,
        role=thread.role_of(seat),
        person_key=thread.meeting.person,
        person_name=thread.person_name,
        organizer_id=host.id if host.role == "organizer" else None,
        event_id=thread.meeting.event_id,
        created_at=thread.created_at,
        last_message=LastMessage(
            message_id=last.message_id, sender_role=last.role, preview=last.preview, sent_at=last.sent_at
        ),
        unread=chair.unread,
        last_read_message_id=chair.read and chair.read.message_id,
        other_last_read_message_id=other.read and other.read.message_id,
        archived=chair.archived,
        muted=silent,
        muted_until=muted.until if muted and silent else None,
    )


def with_block(view: ThreadView, block: Block | None) -> ThreadView:
    """The thread, and whether its reader blocks the other."""
    return view.model_copy(
        update={"blocked": block is not None, "blocked_until": block and block.until},
    )


def message_view(thread: Thread, seat: Seat, message: Message) -> MessageView:
    """A message. A mark tells that all before it was read, so a sender cannot tell what never reached the other."""
    mark = thread.seats[OTHER[message.seat]].read
    return MessageView(
        message_id=message.id,
        sender_role=message.role,
        mine=message.seat == seat,
        body=message.body,
        sent_at=message.sent_at,
        status="read" if mark is not None and mark.seq >= message.seq else "sent",
        removed=True if message.removed_at else None,
    )


def digest_of(body: Wire) -> str:
    """The ETag of an answer by what it says."""
    return hashlib.sha256(body.model_dump_json().encode()).hexdigest()[:20]


def version_of(thread: Thread, seat: Seat, question: str) -> str:
    """The ETag of a page of a thread's messages, from the thread alone: it changes with everything that the seat can see there."""
    chair, other = thread.seats[seat], thread.seats[OTHER[seat]]
    seen = (chair.last, chair.read, other.read, chair.since, thread.edits, question)
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:20]
