"""``decisions/{decisionId}``: what a decision depended on and what came of it, for 7 days (design/wire.md, Experience).

Enough to make the very same decision again: the facts as they were judged, packed, and the revision of the campaigns, whose
list stands once in ``decisionEditions/{revision}`` for all decisions made with it. No address and no visitor id; keys of
people never leave the server.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal, NamedTuple

import orjson
from pydantic import TypeAdapter

from shared.clients.documents.port import Data
from shared.messaging.campaigns.models import Channel
from shared.messaging.targeting.facts import Facts

COLLECTION: Final = "decisions"
EDITIONS: Final = "decisionEditions"
KEPT: Final = timedelta(days=7)
Why = Literal["shown", "explained", "sampled"]
"""Why a decision is kept."""

_FACTS: Final = TypeAdapter(Facts)
_LEFT_OUT: Final[Any] = {
    "experiments": True,
    "profile": {"display_name", "alias", "linked_keys", "update_time", "stored_key"},
}
"""What no check compares, or what is worked out anew."""
_FAST: Final = 1


class Sent(NamedTuple):
    """One message of a decision."""

    delivery_id: str
    campaign_id: str
    campaign_version: int
    channel: str


@dataclass(frozen=True, slots=True)
class Record:
    """A decision as it was made, but for the campaigns.

    ``modals_per_day`` and ``interruptions_per_week`` are the pressure budget of that moment, ``hold_for`` the length of a
    reservation.
    """

    decision_id: str
    why: Why
    facts: Facts
    channels: frozenset[Channel]
    modals_per_day: int
    interruptions_per_week: int
    hold_for: timedelta
    sent: tuple[Sent, ...]
    next_check: timedelta

    @property
    def at(self) -> datetime:
        """The moment of the decision."""
        return self.facts.now


class Stored(NamedTuple):
    """A record with the revision of the campaigns that it was made with."""

    record: Record
    revision: str


def to_data(record: Record, revision: str) -> Data:
    """The document."""
    profile = record.facts.profile
    return {
        "personKey": profile.person_key,
        "personType": profile.type,
        "at": record.at,
        "expiresAt": record.at + KEPT,
        "why": record.why,
        "facts": zlib.compress(
            _FACTS.dump_json(record.facts, exclude=_LEFT_OUT, exclude_defaults=True), _FAST
        ),
        "channels": sorted(map(str, record.channels)),
        "budget": [record.modals_per_day, record.interruptions_per_week],
        "holdSeconds": record.hold_for.total_seconds(),
        "revision": revision,
        "sent": [dict(zip(_SENT, each, strict=True)) for each in record.sent],
        "nextCheckSeconds": record.next_check.total_seconds(),
    }


def from_data(ident: str, data: Data) -> Stored:
    """A stored decision."""
    modals, interruptions = data["budget"]
    record = Record(
        decision_id=ident,
        why=data["why"],
        facts=_FACTS.validate_json(zlib.decompress(data["facts"])),
        channels=frozenset(map(Channel, data["channels"])),
        modals_per_day=modals,
        interruptions_per_week=interruptions,
        hold_for=timedelta(seconds=data["holdSeconds"]),
        sent=tuple(Sent(*(each[name] for name in _SENT)) for each in data["sent"]),
        next_check=timedelta(seconds=data["nextCheckSeconds"]),
    )
    return Stored(record, data["revision"])


def edition_data(versions: Mapping[str, int], expires_at: datetime) -> Data:
    """The document of an edition: about 20 bytes a campaign, so that 40,000 fit."""
    return {"versions": zlib.compress(orjson.dumps(dict(versions)), _FAST), "expiresAt": expires_at}


def versions_of(data: Data) -> Mapping[str, int]:
    """The versions of an edition, by campaign."""
    found: Mapping[str, int] = orjson.loads(zlib.decompress(data["versions"]))
    return found


_SENT: Final = ("deliveryId", "campaignId", "campaignVersion", "channel")
