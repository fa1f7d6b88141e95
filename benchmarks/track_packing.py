"""Events into queue messages and out again (goal 10: at least 150 events in a message, at most 20 µs of CPU for each).

Work: 2,000 events of a dancing city, as Python objects, become envelopes of at most 48 KiB and are read back whole. Left out: the queue itself,
whose calls follow from the number of messages that stands in the title.
"""

from collections.abc import Iterator, Sequence

import orjson

from benchmarks import Case
from shared.analytics.intake.models import MAX_EVENTS, Event, from_envelope, texts
from shared.kernel.envelope import MAX_BYTES, Envelope, envelope
from tests.factories.activity import life
from tests.factories.app import NOW

EVENTS = life(2_000, people=190)


def cases() -> Iterator[Case]:
    """Ours, plain JSON as much as fits, and a message for each event."""
    ours, plain = len(packed(EVENTS)), len(lines(EVENTS))
    yield Case(
        title=f"2,000 events: {len(EVENTS) // ours} in a message, as plain JSON {len(EVENTS) // plain}",
        unit="event",
        units=len(EVENTS),
        ways={
            "packed (zlib, base64)": lambda: unpacked(packed(EVENTS)),
            "plain JSON, as much as fits": lambda: from_lines(lines(EVENTS)),
            "a message for each event": lambda: from_lines([line([event]) for event in EVENTS]),
        },
    )


def packed(events: Sequence[Event]) -> list[str]:
    return [
        envelope("events", "b", "", NOW, {"z": text}).encode()
        for start in range(0, len(events), MAX_EVENTS)
        for text in texts(events[start : start + MAX_EVENTS])
    ]


def unpacked(messages: Sequence[str]) -> list[Event]:
    return [event for message in messages for event in from_envelope(Envelope.decode(message))]


def line(events: Sequence[Event]) -> str:
    return envelope("events", "b", "", NOW, {"events": [bare(event) for event in events]}).encode()


def lines(events: Sequence[Event]) -> list[str]:
    messages, batch, room = [], [], MAX_BYTES - 512
    for event in events:
        room -= len(orjson.dumps(bare(event))) + 1
        if room < 0:
            messages.append(line(batch))
            batch, room = [], MAX_BYTES - 512 - len(orjson.dumps(bare(event)))
        batch.append(event)
    return [*messages, line(batch)]


def from_lines(messages: Sequence[str]) -> list[Event]:
    return [Event(**each) for message in messages for each in Envelope.decode(message).data["events"]]


def bare(event: Event) -> dict:
    return {name: getattr(event, name) for name in Event.__slots__}
