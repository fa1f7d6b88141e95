"""Threads, messages and blocks as documents and back, in the messaging document's field names (§4.1)."""

from typing import Any

from shared.clients.documents.port import Data, Snapshot
from shared.messaging.threads.models import (
    SEATS,
    Block,
    Chair,
    Host,
    Last,
    Mark,
    Meeting,
    Message,
    Muted,
    Pair,
    Thread,
)
from shared.messaging.threads.rules import pair_id


def thread_data(thread: Thread) -> Data:
    """The document. ``participants`` names both; a seat without ``last`` is in no list of theirs."""
    meeting = thread.meeting
    return {
        "participants": [meeting.person_key, meeting.host.key],
        "person": meeting.person,
        "personName": thread.person_name,
        "host": meeting.host.key,
        "eventId": meeting.event_id,
        "type": thread.type,
        "createdBy": thread.started_by,
        "createdAt": thread.created_at,
        "lastMessageAt": thread.last_message_at,
        "oldestAt": thread.oldest_at,
        "seq": thread.seq,
        "edits": thread.edits,
        "seats": {seat: _chair_data(thread.seats[seat]) for seat in SEATS},
    }


def thread_of(snapshot: Snapshot) -> Thread:
    """A stored thread, with the update time that guards its next change."""
    data: dict[str, Any] = snapshot.data
    return Thread(
        id=snapshot.id,
        meeting=Meeting(data["person"], host_of(data["host"]), data["eventId"]),
        type=data["type"],
        person_name=data["personName"],
        started_by=data["createdBy"],
        created_at=data["createdAt"],
        last_message_at=data["lastMessageAt"],
        oldest_at=data["oldestAt"],
        seats={seat: _chair(data["seats"][seat]) for seat in SEATS},
        seq=data["seq"],
        edits=data["edits"],
        update_time=snapshot.update_time,
    )


def message_data(message: Message) -> Data:
    """The document. ``senderId`` is the participant's: which of an organizer's people wrote is not kept."""
    return {
        "seq": message.seq,
        "seat": message.seat,
        "senderRole": message.role,
        "body": message.body,
        "sentAt": message.sent_at,
        "visibleTo": list(message.visible_to),
        "received": dict(message.received),
        "consentId": message.consent_id,
        "removedAt": message.removed_at,
    }


def message_of(thread_id: str, snapshot: Snapshot) -> Message:
    """A stored message."""
    data: dict[str, Any] = snapshot.data
    return Message(
        id=snapshot.id,
        thread_id=thread_id,
        seq=data["seq"],
        seat=data["seat"],
        role=data["senderRole"],
        body=data["body"],
        sent_at=data["sentAt"],
        visible_to=tuple(data["visibleTo"]),
        received=data["received"],
        consent_id=data["consentId"],
        removed_at=data["removedAt"],
    )


def pair_data(pair: Pair) -> Data:
    """The document; it may go when the last of its blocks has ended."""
    ends = [block.until for block in pair.blocks.values()]
    data: Data = {
        "person": pair.person,
        "host": pair.host,
        "blocks": {seat: {"until": block.until} for seat, block in pair.blocks.items()},
    }
    return data if None in ends or not ends else data | {"expiresAt": max(end for end in ends if end)}


def pair_of(meeting: Meeting, snapshot: Snapshot | None) -> Pair:
    """A stored pair, or one in which nobody blocks anybody."""
    pair = Pair(pair_id(meeting), meeting.person, meeting.host.key, {})
    if snapshot is None:
        return pair
    blocks = {seat: Block(block["until"]) for seat, block in snapshot.data["blocks"].items()}
    return Pair(pair.id, pair.person, pair.host, blocks, snapshot.update_time)


def host_of(key: str) -> Host:
    """A host among participants."""
    role, _, ident = key.partition(":")
    return Host("support" if role == "support" else "organizer", ident)


def _chair_data(chair: Chair) -> Data:
    last, read = chair.last, chair.read
    data: Data = {
        "received": chair.received,
        "since": chair.since,
        "skipped": chair.skipped,
        "wrote": chair.wrote,
        "left": chair.left,
        "archived": chair.archived,
    }
    if last is not None:
        data["last"] = {
            "messageId": last.message_id,
            "senderRole": last.role,
            "preview": last.preview,
            "sentAt": last.sent_at,
        }
    if read is not None:
        data["read"] = {"messageId": read.message_id, "seq": read.seq, "received": read.received}
    if chair.muted is not None:
        data["muted"] = {"until": chair.muted.until}
    return data


def _chair(data: Data) -> Chair:
    last, read, muted = data.get("last"), data.get("read"), data.get("muted")
    return Chair(
        last=last and Last(last["messageId"], last["senderRole"], last["preview"], last["sentAt"]),
        received=data["received"],
        read=read and Mark(read["messageId"], read["seq"], read["received"]),
        since=data["since"],
        skipped=data["skipped"],
        wrote=data["wrote"],
        left=data["left"],
        archived=data["archived"],
        muted=muted and Muted(muted["until"]),
    )
