"""What the worker does with a batch in memory (goal 11: grouped by person against one document write for each event).

Work: 500 events of 47 people become rows to insert and the fields of every behaviour, event day and heat day to write, from documents
as read. Left out: the stores' calls, which are counted in the title: their number does not grow with the events.
"""

import asyncio
from collections.abc import Iterator

import bson
from bson.codec_options import CodecOptions

from benchmarks import Case
from shared.analytics.behaviour.models import Behaviour
from shared.analytics.behaviour.rules import record
from shared.analytics.behaviour.stored import from_document, to_fields
from shared.analytics.ingest import figures
from shared.analytics.ingest.rows import row_of, to_document
from shared.analytics.intake.models import distinct
from shared.clients.analytics.embedded import EmbeddedAnalytics
from shared.kernel import telemetry
from tests.factories.activity import life
from tests.factories.app import NOW, make_app

EVENTS = distinct(life(500, people=47))
PEOPLE = {event.person_key: event.person_type for event in EVENTS}
NUMBERS = {person: number for number, person in enumerate(PEOPLE, 1)}
DOCUMENTS = {
    person: bson.encode({"_id": person, **to_fields(Behaviour(person, kind, NUMBERS[person]), NOW)})
    for person, kind in PEOPLE.items()
}


def cases() -> Iterator[Case]:
    """Ours, and the usual way: read, change and write the person's document at each event."""
    yield Case(
        title=f"500 events of {len(PEOPLE)} people; a batch costs {calls()} calls of the store, an event each of 3 at least 1,500",
        unit="event",
        units=len(EVENTS),
        ways={"grouped by document": grouped, "one event at a time": one_by_one},
        answers=lambda people: {person: bson.decode(raw)["engagement"] for person, raw in people.items()},
    )


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
