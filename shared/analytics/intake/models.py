"""Events as they travel on the ``activity`` queue: many in one message, packed (messaging-platform.md §16.3)."""

import base64
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

import orjson

from shared.kernel.envelope import MAX_BYTES, BadEnvelope, Envelope
from shared.people.profiles.models import PersonType

KIND: Final = "events"
MAX_EVENTS: Final = 500
"""Events in one message; the worker's unit of work."""
_ROOM: Final = MAX_BYTES - 512
_MAX_UNPACKED: Final = 4 * 1024 * 1024
_LEVEL: Final = 1

Source = Literal["browser", "server"]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that somebody did.

    ``id`` (32 hex characters) is a function of who reports it and the id they gave, so that a repeat meets itself. ``at`` is
    in milliseconds since 1970. ``bot`` is why it is taken for a machine's; None for people's.
    """

    id: str
    type: str
    at: int
    person_key: str = field(repr=False)
    person_type: PersonType
    source: Source
    metadata: Mapping[str, Any] = field(default_factory=dict)
    bot: str | None = None


def texts(batch: Sequence[Event]) -> Iterator[str]:
    """The events packed, in as few texts as fit a message each."""
    raw = orjson.dumps(
        [(e.id, e.type, e.at, e.person_key, e.person_type, e.source, e.metadata, e.bot) for e in batch]
    )
    text = base64.b64encode(zlib.compress(raw, _LEVEL)).decode()
    if len(text) <= _ROOM or len(batch) == 1:
        yield text
    else:
        half = len(batch) // 2
        yield from texts(batch[:half])
        yield from texts(batch[half:])


def from_envelope(message: Envelope) -> list[Event]:
    """The events of a message. Raises BadEnvelope for one that is not ours."""
    if message.kind != KIND:
        raise BadEnvelope("not events")
    try:
        unpacker = zlib.decompressobj()
        raw = unpacker.decompress(base64.b64decode(message.data["z"], validate=True), _MAX_UNPACKED)
        return [_from_list(each) for each in orjson.loads(raw)]
    except (KeyError, TypeError, ValueError, zlib.error) as error:
        raise BadEnvelope("not events") from error


def distinct(events: Iterable[Event]) -> list[Event]:
    """The events without repeats, in an order that does not depend on theirs."""
    found: dict[str, Event] = {}
    for event in sorted(events, key=lambda event: (event.id, event.at)):
        found.setdefault(event.id, event)
    return list(found.values())


def _from_list(each: Any) -> Event:
    event = Event(*each)
    if event.person_type not in get_args(PersonType) or event.source not in get_args(Source):
        raise ValueError("not an event")
    return event
