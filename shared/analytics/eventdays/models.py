"""``eventDay``: what became of one event on one social day (EventMetric of analytics-domain.md §2, one document each)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from shared.analytics.ingest.rows import Row
from shared.analytics.uniques import Uniques
from shared.clients.analytics.port import Doc
from shared.kernel.clock import from_millis, to_millis

COLLECTION: Final = "eventDay"
COUNTERS: Final[Mapping[str, str]] = {
    "view": "views",
    "cart_add": "add_to_cart",
    "checkout_start": "checkouts_started",
    "checkin": "checkins",
    "rsvp": "rsvps",
}
MAX_CURRENCIES: Final = 8


@dataclass(frozen=True, slots=True)
class Seats:
    """How many were taken, at the latest word of that day."""

    order: tuple[int, int]
    taken: int
    capacity: int


@dataclass(frozen=True, slots=True)
class EventDay:
    """A day of an event; ``counts`` by the names on the wire, ``revenue`` in minor units by currency with refunds taken off, ``bots``
    by reason what was left out.
    """

    event_id: str
    day: str
    organizer_id: str | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    tickets: int = 0
    refunds: int = 0
    revenue: Mapping[str, int] = field(default_factory=dict)
    viewers: Uniques = field(default_factory=Uniques)
    buyers: Uniques = field(default_factory=Uniques)
    seats: Seats | None = None
    bots: Mapping[str, int] = field(default_factory=dict)
    pending: tuple[str, ...] = ()
    revision: int = 0

    @property
    def key(self) -> str:
        """The document's id."""
        return key_of(self.event_id, self.day)


def key_of(event_id: str, day: str) -> str:
    """The id of an event's day."""
    return f"{event_id}|{day}"


def record(day: EventDay, rows: Iterable[Row], numbers: Mapping[str, int]) -> EventDay:
    """The day with more events, none of which it has counted before; ``numbers`` are those of the people in them."""
    rows = list(rows)
    counts, bots, revenue = dict(day.counts), dict(day.bots), dict(day.revenue)
    tickets, refunds, seats, organizer = day.tickets, day.refunds, day.seats, day.organizer_id
    for row in rows:
        if row.bot is not None:
            bots[row.bot] = bots.get(row.bot, 0) + 1
            continue
        if row.organizer is not None:
            organizer = row.organizer if organizer is None else min(organizer, row.organizer)
        if row.type in COUNTERS and row.metadata.get("on", True):
            name = COUNTERS[row.type]
            counts[name] = counts.get(name, 0) + 1
        elif row.type in ("purchase", "refund"):
            sold, sign = row.metadata["quantity"], 1 if row.type == "purchase" else -1
            tickets, refunds = tickets + sold * sign, refunds + (sold if sign < 0 else 0)
            currency = row.metadata["currency"]
            if currency in revenue or len(revenue) < MAX_CURRENCIES:
                revenue[currency] = revenue.get(currency, 0) + row.metadata["amount"] * sign
        elif row.type == "seat_change":
            told = Seats(row.order[:2], row.metadata["taken"], row.metadata["capacity"])
            seats = told if seats is None else max(seats, told, key=_latest)
    return replace(
        day,
        organizer_id=organizer,
        counts=dict(sorted(counts.items())),
        tickets=tickets,
        refunds=refunds,
        revenue=dict(sorted(revenue.items())),
        viewers=_with(day.viewers, rows, "view", numbers),
        buyers=_with(day.buyers, rows, "purchase", numbers),
        seats=seats,
        bots=dict(sorted(bots.items())),
    )


def to_fields(day: EventDay, now: datetime) -> Doc:
    """The document's fields but its id."""
    seats = day.seats
    return {
        "event": day.event_id,
        "day": day.day,
        "organizer": day.organizer_id,
        "counts": dict(day.counts),
        "tickets": day.tickets,
        "refunds": day.refunds,
        "revenue": dict(day.revenue),
        "viewers": {"known": day.viewers.known, "anonymous": day.viewers.anonymous},
        "buyers": {"known": day.buyers.known, "anonymous": day.buyers.anonymous},
        "seats": None
        if seats is None
        else {
            "at": from_millis(seats.order[0]),
            "n": seats.order[1],
            "taken": seats.taken,
            "of": seats.capacity,
        },
        "bots": dict(day.bots),
        "pending": list(day.pending),
        "revision": day.revision,
        "updatedAt": now,
    }


def from_document(document: Mapping[str, Any]) -> EventDay:
    """The day in a document."""
    seats = document["seats"]
    return EventDay(
        event_id=document["event"],
        day=document["day"],
        organizer_id=document["organizer"],
        counts=document["counts"],
        tickets=document["tickets"],
        refunds=document["refunds"],
        revenue=document["revenue"],
        viewers=Uniques(**document["viewers"]),
        buyers=Uniques(**document["buyers"]),
        seats=None
        if seats is None
        else Seats((to_millis(seats["at"]), seats["n"]), seats["taken"], seats["of"]),
        bots=document["bots"],
        pending=tuple(document["pending"]),
        revision=document["revision"],
    )


def _latest(seats: Seats) -> tuple[tuple[int, int], int]:
    return seats.order, seats.taken


def _with(present: Uniques, rows: list[Row], kind: str, numbers: Mapping[str, int]) -> Uniques:
    """Signed-in people by their number, visitors by their key."""
    met = [row for row in rows if row.type == kind and row.bot is None]
    return present.with_people(
        {numbers[row.person] for row in met if row.person_type == "user" and row.person in numbers},
        {row.person for row in met if row.person_type == "ip"},
    )
