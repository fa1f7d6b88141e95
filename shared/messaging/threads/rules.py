"""Who may write to whom, and what becomes of a thread: pure (docs/threads.md)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, NamedTuple

from shared.kernel.errors import Fault, Forbidden, Invalid, NotFound
from shared.kernel.ids import hashed_id
from shared.messaging.threads.models import (
    OTHER,
    SEATS,
    SUPPORT,
    Chair,
    Host,
    Last,
    Mark,
    Meeting,
    Message,
    Seat,
    Thread,
)
from shared.messaging.threads.schemas import SendMessage
from shared.people.access import Principal, Role
from shared.people.consent.rules import allowed
from shared.people.profiles.models import Profile

PREVIEW: Final = 140
"""Characters of a message's beginning that stand in lists."""


class Sender(NamedTuple):
    """Whose seat a message comes from, at which meeting."""

    meeting: Meeting
    seat: Seat


def thread_id(meeting: Meeting) -> str:
    """A function of the participants, in whatever order, and of the event (design/wire.md, Ids)."""
    return hashed_id("t", *sorted((meeting.person_key, meeting.host.key)), meeting.event_id or "")


def pair_id(meeting: Meeting) -> str:
    """A function of the participants alone."""
    return hashed_id("b", meeting.person_key, meeting.host.key)


def message_id(thread: str, author: str, client_message_id: str) -> str:
    """A function of thread, sender and the sender's own id: a repeat meets itself."""
    return hashed_id("m", thread, author, client_message_id)


def represents(principal: Principal, host: Host) -> bool:
    """Whether the caller speaks for a host: an organizer they hold, or the site's support. Being an admin is not enough."""
    if host == SUPPORT:
        return principal.holds(Role.OPERATOR)
    return principal.holds(Role.ORGANIZER) and host.id in principal.organizer_ids


def seat_of(principal: Principal, meeting: Meeting) -> Seat | None:
    """Which seat at a thread is the caller's, if any."""
    if meeting.person == principal.uid:
        return "person"
    return "host" if represents(principal, meeting.host) else None


def addressed(principal: Principal, body: SendMessage) -> Sender:
    """Who writes to whom, where the body names a recipient.

    Raises Invalid for a recipient that is missing or the caller themselves, Forbidden for who is no organizer, NotFound for an
    organizer that is not the caller's.
    """
    uid, recipient = principal.uid or "", body.recipient
    if recipient is None:
        if body.type != "support":
            raise Invalid(faults=[Fault("/recipient", "required", "Only support needs no recipient.")])
        return Sender(Meeting(uid, SUPPORT, body.event_id), "person")
    if recipient.organizer_id is not None:
        host = Host("organizer", recipient.organizer_id)
        if represents(principal, host):
            raise Invalid(faults=[Fault("/recipient/organizerId", "own", "One does not write to oneself.")])
        return Sender(Meeting(uid, host, body.event_id), "person")
    if recipient.person_key == uid:
        raise Invalid(faults=[Fault("/recipient/personKey", "own", "One does not write to oneself.")])
    return Sender(Meeting(recipient.person_key or "", _host(principal, body), body.event_id), "host")


def allowed_first(host: Host, profile: Profile) -> str | None:
    """What allows a host to write to somebody who has not written: the consent's id, None for support. Raises Forbidden.

    Organizers write first to those who want their messages (design/decisions.md, Consent), support to anybody who is known. Whether
    there is such a person is not told.
    """
    consent = allowed(profile, "organizers", "inbox", organizer_id=host.id).consent_id
    if (host == SUPPORT and profile.update_time is not None) or consent is not None:
        return consent
    raise Forbidden("They do not receive first messages of this organizer.", code="recipient_not_opted_in")


def opened(sender: Sender, body: SendMessage, name: str | None, now: datetime) -> Thread:
    """A new thread, without its first message."""
    return Thread(
        id=thread_id(sender.meeting),
        meeting=sender.meeting,
        type=body.type,
        person_name=name,
        started_by=sender.seat,
        created_at=now,
        last_message_at=now,
        oldest_at=now,
        seats=dict.fromkeys(SEATS, Chair()),
    )


def posted(
    thread: Thread,
    seat: Seat,
    ident: str,
    body: str,
    *,
    now: datetime,
    withheld: bool,
    consent_id: str | None,
) -> tuple[Thread, Message]:
    """The thread after a message, and the message. It takes a thread out of archives, and brings a sender back who had left.

    A message that is ``withheld``, or whose recipient has left, never reaches them; its sender sees no difference.
    """
    at, seq, role = max(now, thread.last_message_at), thread.seq + 1, thread.role_of(seat)
    last = Last(ident, role, body[:PREVIEW], at)
    mine, theirs = thread.seats[seat], thread.seats[OTHER[seat]]
    reaches = not withheld and not theirs.left
    mine = replace(mine, last=last, wrote=True, left=False, archived=False)
    if reaches:
        theirs = replace(theirs, last=last, received=theirs.received + 1, archived=False)
    seats: Mapping[Seat, Chair] = {seat: mine, OTHER[seat]: theirs}
    message = Message(
        id=ident,
        thread_id=thread.id,
        seq=seq,
        seat=seat,
        role=role,
        body=body,
        sent_at=at,
        visible_to=SEATS if reaches else (seat,),
        received={each: chair.received for each, chair in seats.items()},
        consent_id=consent_id,
    )
    return replace(thread, seats=seats, seq=seq, last_message_at=at), message


def seated(thread: Thread, seat: Seat, **changes: Any) -> Thread:
    """The thread with one seat changed."""
    return replace(thread, seats={**thread.seats, seat: replace(thread.seats[seat], **changes)})


def read_up_to(thread: Thread, seat: Seat, message: Message) -> Thread:
    """The thread after a seat read up to a message; a mark only moves forward."""
    known = thread.seats[seat].read
    if known is not None and message.seq <= known.seq:
        return thread
    return seated(thread, seat, read=Mark(message.id, message.seq, message.received[seat]))


def left(thread: Thread, seat: Seat) -> Thread:
    """The thread after a seat left it: what was said until now is hidden from them for good, and nothing more reaches them."""
    chair = thread.seats[seat]
    if chair.left:
        return thread
    return seated(
        thread,
        seat,
        last=None,
        left=True,
        since=thread.seq,
        skipped=chair.received,
        archived=False,
        muted=None,
    )


def redacted(thread: Thread, removed: set[str]) -> Thread:
    """The thread after the text of some messages was removed."""
    seats = {
        seat: replace(chair, last=replace(chair.last, preview=""))
        if chair.last is not None and chair.last.message_id in removed
        else chair
        for seat, chair in thread.seats.items()
    }
    return replace(thread, seats=seats, edits=thread.edits + 1)


def _host(principal: Principal, body: SendMessage) -> Host:
    """For whom the caller writes to a person."""
    if body.organizer_id is not None:
        host = Host("organizer", body.organizer_id)
        if not represents(principal, host):
            raise NotFound("No such organizer.", code="organizer_not_found")
        return host
    if body.type == "support" and represents(principal, SUPPORT):
        return SUPPORT
    if not principal.organizer_ids or not principal.holds(Role.ORGANIZER):
        raise Forbidden("Only organizers write to people.")
    if len(principal.organizer_ids) > 1:
        raise Invalid(faults=[Fault("/organizerId", "required", "You speak for several: name one.")])
    return Host("organizer", next(iter(principal.organizer_ids)))
