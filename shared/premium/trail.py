"""What the audit trail says of paid messages: for invoices, and for whoever asks who was written to (MP §9)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.clients.documents.port import Create
from shared.people import audit

BROADCAST_SENT: Final = "broadcast.sent"


@dataclass(frozen=True, slots=True)
class SentBroadcast:
    """One broadcast, as it was accepted and as it ended.

    Audience and content are told as hashes: the trail proves what they were and does not repeat them. ``counts`` are
    messages by state, ``credits`` what they cost, ``unit_prices`` what each channel's message cost.
    """

    broadcast_id: str
    organizer_id: str
    audience_hash: str
    content_hash: str
    tier: str
    unit_prices: Mapping[str, int]
    credits: int
    counts: Mapping[str, int]


def broadcast_sent(sent: SentBroadcast, *, actor: str, at: datetime) -> Create:
    """The entry to commit with the end of a broadcast; the same broadcast has one. ``actor`` is the sender's alias."""
    names = {
        "broadcastId": sent.broadcast_id,
        "audienceHash": sent.audience_hash,
        "contentHash": sent.content_hash,
        "tier": sent.tier,
        "unitPrices": dict(sent.unit_prices),
        "credits": sent.credits,
        "counts": dict(sent.counts),
    }
    return audit.entry(
        BROADCAST_SENT,
        at=at,
        actor=actor,
        subject=sent.organizer_id,
        detail=names,
        key=sent.broadcast_id,
    )
