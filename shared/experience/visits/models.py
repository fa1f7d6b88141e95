"""Visit events as they travel on the ``activity`` queue (messaging-platform.md §16.3)."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson

from shared.kernel.envelope import MAX_BYTES, BadEnvelope, Envelope
from shared.people.profiles.rules import Seen
from shared.people.visitors import Person

KIND: Final = "visits"
EVENT_TYPE: Final = "visit"
_ROOM: Final = MAX_BYTES - 512
"""What the events of one message may take, in bytes; the rest is the envelope's own."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody was there; ``person.formerly`` is still to be taken in by them. ``timezone`` is what their browser says, and
    ``signed_in_at`` (milliseconds since 1970) what their token does.
    """

    person: Person
    seen: Seen
    timezone: str | None = None
    signed_in_at: int | None = None

    def once(self) -> "Visit":
        """The visit of somebody who has taken in already who they were."""
        return replace(self, person=replace(self.person, formerly=None))


def to_data(visits: Iterable[Visit]) -> dict[str, Any]:
    """The particulars of an envelope: ``{personKey, previousKey, nextKey, personType, eventType, timestamp, metadata}``.

    Who has somebody to take in has ``formerly`` as well: ``{personKey, previousKey, nextKey, shared}``.
    """
    return {"events": [_to_data(visit) for visit in visits]}


def pack(waiting: deque[Visit]) -> list[Visit]:
    """Take from the front what fits one message of 48 KiB; at least one visit, if there is any."""
    batch: list[Visit] = []
    room = _ROOM
    while waiting:
        room -= len(orjson.dumps(_to_data(waiting[0]))) + 1
        if batch and room < 0:
            break
        batch.append(waiting.popleft())
    return batch


def from_envelope(message: Envelope) -> list[Visit]:
    """The visits of a batch. Raises BadEnvelope for a batch that is not one of ours."""
    if message.kind != KIND:
        raise BadEnvelope("not visits")
    try:
        return [_from_data(event) for event in message.data["events"]]
    except (KeyError, TypeError, ValueError) as error:
        raise BadEnvelope("not a visit") from error


def _to_data(visit: Visit) -> dict[str, Any]:
    past = visit.person.formerly
    return {
        **_keys(visit.person),
        "personType": visit.person.type,
        "eventType": EVENT_TYPE,
        "timestamp": visit.seen.at,
        "metadata": {"releaseId": visit.seen.release_id} | _more(visit),
    } | ({} if past is None else {"formerly": _keys(past) | {"shared": past.shared}})


def _more(visit: Visit) -> dict[str, Any]:
    more = {"timezone": visit.timezone, "signedInAt": visit.signed_in_at}
    return {name: value for name, value in more.items() if value is not None}


def _keys(person: Person) -> dict[str, Any]:
    return {"personKey": person.key, "previousKey": person.previous_key, "nextKey": person.next_key}


def _from_data(event: Mapping[str, Any]) -> Visit:
    if event["eventType"] != EVENT_TYPE or event["personType"] not in ("ip", "user"):
        raise ValueError("not a visit")
    past = event.get("formerly")
    person = Person(
        str(event["personKey"]),
        event["personType"],
        event["previousKey"],
        event["nextKey"],
        None
        if past is None
        else Person(
            str(past["personKey"]), "ip", past["previousKey"], past["nextKey"], shared=bool(past["shared"])
        ),
    )
    told = event["metadata"]
    return Visit(
        person,
        Seen(int(event["timestamp"]), str(told["releaseId"])),
        told.get("timezone"),
        told.get("signedInAt"),
    )
