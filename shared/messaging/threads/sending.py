"""Sending into a thread, which is found or begun (messaging-platform.md §6.4; docs/threads.md)."""

from typing import Final, NamedTuple

from shared.clients.documents.port import Documents
from shared.kernel.clock import Clock
from shared.kernel.errors import (
    AppError,
    Conflict,
    Fault,
    Invalid,
    NotFound,
    PreconditionRequired,
    Unavailable,
)
from shared.messaging.threads import rules
from shared.messaging.threads.models import OTHER, Message, Pair, Thread
from shared.messaging.threads.repository import ThreadRepository
from shared.messaging.threads.rules import Sender
from shared.messaging.threads.schemas import SendMessage, Sent
from shared.people.access import Principal
from shared.people.contention import ATTEMPTS, LOST, pause
from shared.people.profiles.models import Profile
from shared.people.profiles.repository import ProfileRepository
from shared.people.visitors import Person, is_visitor_key

TRIES: Final = 8
"""Tries of one message while others write into the same thread."""


class _Letter(NamedTuple):
    """What is to be sent, and by whom."""

    sender: Sender
    thread_id: str
    message_id: str
    body: SendMessage


class Sending:
    """Sends messages: each once, however often it is sent.

    Args:
        documents: commits.
        threads: threads as documents.
        profiles: names of people, and what they have agreed to.
        clock: when something is sent.
    """

    def __init__(
        self, documents: Documents, threads: ThreadRepository, profiles: ProfileRepository, clock: Clock
    ) -> None:
        self._documents = documents
        self._threads = threads
        self._profiles = profiles
        self._clock = clock

    async def send(self, principal: Principal, body: SendMessage, *, seed: str | None = None) -> Sent:
        """Send a message: 2 reads and 2 writes; a third read where the thread is new, or a host writes to who never wrote.

        A repeat (the same ``clientMessageId``, or ``seed`` in its place) gives the first answer. Raises PreconditionRequired
        without either, NotFound, Forbidden, Invalid, Conflict for a recipient whom the sender blocks, Unavailable ``contended``.
        """
        client_id = body.client_message_id or seed
        if client_id is None:
            raise PreconditionRequired(
                "Send a clientMessageId or an Idempotency-Key.", code="idempotency_key_required"
            )
        thread, sender = await self._addressed(principal, body)
        ident = rules.thread_id(sender.meeting)
        message_id = rules.message_id(ident, principal.uid or "", client_id)
        letter = _Letter(sender, ident, message_id, body)
        try:
            return await self._send(letter, thread)
        except AppError:
            # what would not be taken now may have been taken the first time
            first = await self._threads.message(ident, message_id)
            if first is None:
                raise
            return _repeated(first, body)

    async def _addressed(self, principal: Principal, body: SendMessage) -> tuple[Thread | None, Sender]:
        """The thread, where the body names one, and the sender's seat."""
        if body.thread_id is None:
            return None, rules.addressed(principal, body)
        thread = await self._threads.get(body.thread_id)
        seat = None if thread is None else rules.seat_of(principal, thread.meeting)
        if thread is None or seat is None:
            raise NotFound
        return thread, Sender(thread.meeting, seat)

    async def _send(self, letter: _Letter, known: Thread | None) -> Sent:
        for attempt in range(TRIES):
            thread, pair = await self._found(letter.sender, known)
            after, message = await self._written(letter, thread, pair)
            try:
                await self._documents.commit([self._threads.write(after), self._threads.append(message)])
            except LOST:
                first = await self._threads.message(letter.thread_id, letter.message_id)
                if first is not None:
                    return _repeated(first, letter.body)
                known = None
                await pause(min(attempt, ATTEMPTS - 2))
            else:
                return _sent(message)
        raise Unavailable(code="contended")

    async def _found(self, sender: Sender, known: Thread | None) -> tuple[Thread | None, Pair]:
        if known is not None:
            return known, await self._threads.pair(sender.meeting)
        return await self._threads.find(sender.meeting)

    async def _written(self, letter: _Letter, thread: Thread | None, pair: Pair) -> tuple[Thread, Message]:
        """The thread with the message in it. Raises Forbidden and Conflict where it may not be."""
        (meeting, seat), now, consent_id = letter.sender, self._clock.now(), None
        first = seat == "host" and not (thread is not None and thread.seats["person"].wrote)
        if thread is None or first:
            profile = await self._profile(meeting.person)
            if first:
                consent_id = rules.allowed_first(meeting.host, profile)
            thread = thread or rules.opened(letter.sender, letter.body, profile.display_name, now)
        if pair.blocked_by(seat, now):
            raise Conflict("You block them: unblock them first.", code="unblock_first")
        return rules.posted(
            thread,
            seat,
            letter.message_id,
            letter.body.body,
            now=now,
            withheld=pair.blocked_by(OTHER[seat], now) is not None,
            consent_id=consent_id,
        )

    async def _profile(self, key: str) -> Profile:
        if is_visitor_key(key):
            return Profile(key, "user")  # visitors have no inbox; whether one is known is not told
        return await self._profiles.read(Person(key, "user"))


def _sent(message: Message) -> Sent:
    return Sent(thread_id=message.thread_id, message_id=message.id, sent_at=message.sent_at)


def _repeated(first: Message, body: SendMessage) -> Sent:
    """The first answer again. Raises Invalid when the caller's id came with another text."""
    if first.body != body.body and first.removed_at is None:
        fault = Fault("/clientMessageId", "reused", "It came with another text before.")
        raise Invalid(code="client_message_id_reused", faults=[fault])
    return _sent(first)
