"""What the worker does with a batch in memory (goal 11: grouped by person against one document write for each event).

Work: 500 events of 47 people become rows to insert and the fields of every behaviour, event day and heat day to write, from documents
as read. Left out: the stores' calls, which are counted in the title: their number does not grow with the events. Where MONGODB_URI names a
server, a second case has them: the worker's whole batch, against a row and an update of the person's document for each event,
which keep fewer figures and are not exact. Processor time is the client's.
"""

import asyncio
import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any

import bson
from bson.codec_options import CodecOptions
from pymongo import MongoClient

from benchmarks import Case
from shared.analytics.behaviour.figures import DAY_MS as DAY
from shared.analytics.behaviour.models import Behaviour
from shared.analytics.behaviour.rules import record
from shared.analytics.behaviour.stored import from_document, to_fields
from shared.analytics.ingest import figures
from shared.analytics.ingest.rows import row_of, to_document
from shared.analytics.intake.models import distinct
from shared.analytics.intake.rules import event_key
from shared.clients.analytics.embedded import EmbeddedAnalytics
from shared.clients.analytics.mongo import MongoAnalytics
from shared.kernel import telemetry
from shared.kernel.clock import from_millis
from shared.kernel.settings import Settings
from shared.kernel.telemetry import configure_logging
from tests.factories.activity import life
from tests.factories.app import NOW, make_app

EVENTS = distinct(life(500, people=47))
TOLD = [event for event in EVENTS if event.type not in ("checkin", "rsvp")]
"""What tells no profile in Firestore: here it is about MongoDB alone."""
BEFORE = [
    replace(event, id=event_key("before", event.id), type="visit", metadata={}, at=event.at - DAY)
    for event in {event.person_key: event for event in EVENTS}.values()
]
DATABASE = "cabeceo_benchmarks"
PEOPLE = {event.person_key: event.person_type for event in EVENTS}
NUMBERS = {person: number for number, person in enumerate(PEOPLE, 1)}
DOCUMENTS = {
    person: bson.encode({"_id": person, **to_fields(Behaviour(person, kind, NUMBERS[person]), NOW)})
    for person, kind in PEOPLE.items()
}


def cases() -> Iterator[Case]:
    """Ours, and the usual way: read, change and write the person's document at each event."""
    configure_logging("ERROR")
    yield Case(
        title=f"500 events of {len(PEOPLE)} people; a batch costs {calls()} calls of the store, an event each of 3 at least 1,500",
        unit="event",
        units=len(EVENTS),
        ways={"grouped by document": grouped, "one event at a time": one_by_one},
        answers=lambda people: {person: bson.decode(raw)["engagement"] for person, raw in people.items()},
    )
    if uri := os.environ.get("MONGODB_URI"):
        yield Case(
            title=f"{len(TOLD)} events of {len(PEOPLE)} people into MongoDB",
            unit="event",
            units=len(TOLD),
            ways={
                "a batch, every figure": lambda: asyncio.run(batch(uri)),
                f"two writes for each event (pymongo {version('pymongo')})": lambda: writes(uri),
            },
            answers=lambda done: done.rows,
            measure=lambda work: work().each,
        )


@dataclass(frozen=True)
class Done:
    """Events that are rows, by person; seconds by the clock and of the processor for one event."""

    rows: Mapping[str, int]
    each: tuple[float, float]


async def batch(uri: str) -> Done:
    """Into an empty database where everybody has been before."""
    store = MongoAnalytics(Settings(cabeceo_env="test", mongodb_uri=uri, mongodb_database=DATABASE))
    await asyncio.gather(*(store.drop(name) for name in await store.collections()))
    app = make_app(given_analytics=store)
    await app.ingest.apply("before", BEFORE)
    began, busy = time.perf_counter(), time.process_time()
    await app.ingest.apply("b", TOLD)
    spent = each(began, busy)
    rows = [row for month in await store.collections("activity_") for row in await store.find(month, {})]
    await app.close()
    return Done(Counter(row["person"] for row in rows if row["batch"] == "b"), spent)


def writes(uri: str) -> Done:
    """Into an empty database where everybody has been before."""
    client = MongoClient[dict[str, Any]](uri, tz_aware=True)
    client.drop_database(DATABASE)
    people, rows = client[DATABASE]["people"], client[DATABASE]["rows"]
    people.insert_many([{"_id": person, "visits": 1} for person in PEOPLE])
    rows.insert_many([to_document(row_of(event, "before")) for event in BEFORE])
    began, busy = time.perf_counter(), time.process_time()
    for event in TOLD:
        row = row_of(event, "b")
        rows.insert_one(to_document(row))
        people.update_one(
            {"_id": row.person},
            {
                "$inc": {"events": 1, f"types.{row.type}": 1, f"hours.{row.hour}": 1},
                "$max": {"lastSeenAt": from_millis(row.at)},
            },
        )
    spent = each(began, busy)
    told = {each["_id"]: each["events"] for each in people.find({"events": {"$gt": 0}})}
    client.close()
    return Done(told, spent)


def each(began: float, busy: float) -> tuple[float, float]:
    return (time.perf_counter() - began) / len(TOLD), (time.process_time() - busy) / len(TOLD)


def decoded(raw: bytes) -> dict:
    return bson.decode(raw, CodecOptions(tz_aware=True))


def calls() -> int:
    async def count() -> int:
        app = make_app(given_analytics=EmbeddedAnalytics(":memory:"))
        with telemetry.counted() as bill:
            await app.ingest.apply("b", EVENTS)
        await app.close()
        return bill["mongo"]

    return asyncio.run(count())


def grouped() -> dict[str, bytes]:
    rows = [row_of(event, "b") for event in EVENTS]
    for row in rows:
        bson.encode(to_document(row))
    people = figures.by_person(rows)
    behaviours = {
        person: rule(from_document(decoded(DOCUMENTS[person])))
        for person, rule in figures.behaviour_rules_of(people).items()
    }
    for shape, (rules, fresh) in (
        (figures.EVENT_DAYS, figures.event_day_rules_of(figures.by_event_day(rows), NUMBERS)),
        (figures.HEAT_DAYS, figures.heat_day_rules_of(figures.by_heat_day(rows))),
    ):
        for key, rule in rules.items():
            bson.encode(shape.fields(rule(fresh[key]), NOW))
    return {person: bson.encode(to_fields(each, NOW)) for person, each in behaviours.items()}


def one_by_one() -> dict[str, bytes]:
    stored = dict(DOCUMENTS)
    days: dict = {}
    heat: dict = {}
    for event in EVENTS:
        row = row_of(event, "b")
        bson.encode(to_document(row))
        before = from_document(decoded(stored[row.person]))
        stored[row.person] = bson.encode({"_id": row.person, **to_fields(record(before, [row]), NOW)})
        for shape, kept, (rules, fresh) in (
            (figures.EVENT_DAYS, days, figures.event_day_rules_of(figures.by_event_day([row]), NUMBERS)),
            (figures.HEAT_DAYS, heat, figures.heat_day_rules_of(figures.by_heat_day([row]))),
        ):
            for key, rule in rules.items():
                state = shape.read(decoded(kept[key])) if key in kept else fresh[key]
                kept[key] = bson.encode(shape.fields(rule(state), NOW))
    return {
        person: bson.encode({k: v for k, v in bson.decode(raw).items() if k != "_id"})
        for person, raw in stored.items()
    }
