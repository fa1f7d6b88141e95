"""A dancing city's events, by chance from a seed, and everything that is made of them."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from shared.analytics.eventdays.models import EventDay
from shared.analytics.ingest import figures
from shared.analytics.ingest.service import Ingest
from shared.analytics.intake.models import Event
from shared.analytics.intake.rules import event_key, tango_day
from shared.analytics.uniques import estimate
from shared.clients.analytics.port import Analytics
from shared.kernel.clock import from_millis, to_millis
from tests.factories.app import NOW

ZONES = ("America/Argentina/Buenos_Aires", "Europe/Rome", None)
OCCASIONS = ("beginner", "intermediate", "advanced", "practica", "milonga")


def life(number: int, *, people: int = 40, seed: int = 1) -> list[Event]:
    """Events of three days, ascending; each person's, event's and city's facts never contradict each other."""
    chance = random.Random(seed)
    end = to_millis(NOW)
    moments = sorted(chance.randrange(end - 3 * 86_400_000, end, 7) for _ in range(number))
    return [_event(chance, n, at, people) for n, at in enumerate(moments)]


def _event(chance: random.Random, n: int, at: int, people: int) -> Event:
    who = chance.randrange(people)
    person, kind = (f"p{who}", "user") if who % 3 else (f"v_{who:032x}", "ip")
    event = chance.randrange(12)
    about = {"eventId": f"e{event}", "organizerId": f"o{event % 4}", "cityId": f"c{event % 7}"}
    zone = {"timezone": ZONES[who % 3]} if ZONES[who % 3] else {}
    type_ = chance.choice(
        ("visit", "visit", "login", "view", "view", "cart_add", "checkout_start", "purchase", "refund",
         "checkin", "favorite", "rsvp", "class_level", "message_seen", "message_clicked", "seat_change", "other")
    )  # fmt: skip
    more = {
        "checkin": {"eventType": OCCASIONS[event % 5], "venueId": f"ven{event}", **about},
        "favorite": {"organizerId": f"o{event % 4}", "on": chance.random() < 0.7},
        "rsvp": {**about, "on": chance.random() < 0.7},
        "class_level": {"level": OCCASIONS[event % 3]},
        "purchase": {**about, "quantity": 2, "amount": 1500, "currency": "EUR"},
        "refund": {**about, "quantity": 1, "amount": 700, "currency": "EUR"},
        "seat_change": {**about, "taken": n, "capacity": 5000},
        "message_seen": {"campaignId": "c1"},
        "message_clicked": {"campaignId": "c1"},
        "login": {"cityId": f"c{event % 7}", "organizerId": f"o{event % 4}"},
        "other": {"colour": "red"},
    }.get(type_, about)
    server = type_ in ("purchase", "refund", "seat_change")
    metadata = {**more, **zone}
    ident = event_key("test", str(n))
    if type_ == "checkin":
        # the whole story of a check-in is its person, event and day
        day = tango_day(from_millis(at), metadata)
        ident, at = event_key("checkin", f"{person}{event}{day}"), _noon(day)
    bot = "user_agent" if who == people - 1 and not server else None
    return Event(ident, type_, at, person, kind, "server" if server else "browser", metadata, bot)


def _noon(day: str) -> int:
    return to_millis(NOW.fromisoformat(f"{day}T12:00:00+00:00"))


def batches(events: Sequence[Event], size: int) -> list[tuple[str, list[Event]]]:
    """The events in batches, each with its id."""
    return [(f"b_{start:08}", list(events[start : start + size])) for start in range(0, len(events), size)]


async def work(ingest: Ingest, events: Sequence[Event], size: int = 200) -> int:
    """Apply events in batches, once each and in order; gives how many were new."""
    return sum([await ingest.apply(batch, some) for batch, some in batches(events, size)])


async def picture(analytics: Analytics) -> dict[str, dict[str, object]]:
    """Every figure there is, without what tells how it came about: revisions, batches, times of writing, numbers of people."""
    found: dict[str, dict[str, object]] = {}
    for shape in (figures.BEHAVIOURS, figures.EVENT_DAYS, figures.HEAT_DAYS):
        documents = await analytics.find(shape.collection, {}, order=[("_id", 1)])
        found[shape.collection] = {
            document["_id"]: _bare(shape.read(document))
            for document in documents  # type: ignore[attr-defined]
        }
    names = {n.n: key for key, n in found[figures.BEHAVIOURS.collection].items()}  # type: ignore[attr-defined]
    found["viewers"] = {
        key: (sorted(names[n] for n in day.viewers.people), estimate([day.viewers]))  # type: ignore[attr-defined]
        for key, day in found[figures.EVENT_DAYS.collection].items()
    }
    for name, states in found.items():
        if name != "viewers":
            found[name] = {key: _unnumbered(state) for key, state in states.items()}
    return found


def _bare(state):
    return replace(state, pending=(), revision=0)


def _unnumbered(state):
    if isinstance(state, EventDay):
        return replace(state, viewers=None, buyers=estimate([state.buyers]))
    return replace(state, n=0) if hasattr(state, "n") else state


def late(events: Sequence[Event], *, seed: int, share: float = 0.3) -> list[Event]:
    """Events as they arrive: out of order, some twice."""
    chance = random.Random(seed)
    twice = [event for event in events if chance.random() < share]
    mixed = [*events, *twice]
    chance.shuffle(mixed)
    return mixed


DAY = timedelta(days=1)
