"""What a million decisions, deliveries and events cost, and a million people a night, from operations that were counted (row 15).

The work is done for real on the embedded stores, and every operation is counted where the client makes it; prices are those
of design/performance.md §4. Left out: processor time (a cent or two a million), MongoDB, which is rented by the hour and whose calls stand
beside, and storage. The times in the table are those of the embedded stores, and tell nothing of others.

Goals, multi-region: $1.90 a million decisions, $2.05 deliveries, $0.35 events; 8, 1.5 and 12 times below the draft's design (§5).
"""

import asyncio
import logging
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import mkdtemp

from benchmarks import Case
from benchmarks.broadcast_operations import RECIPIENTS, one
from shared.analytics.ingest.folding import parts
from shared.clients.queues.port import ACTIVITY
from shared.kernel.telemetry import configure_logging, totals
from shared.people.access import Principal
from shared.wiring import App
from tests.factories.activity import life
from tests.factories.app import make_app, make_settings
from tests.factories.crowds import crowd, store
from tests.factories.experience import answer, ask, publish, work_off
from tests.factories.messaging import campaign
from tests.factories.operations import drain

MULTI: Mapping[str, float] = {"read": 6e-7, "write": 1.8e-6, "delete": 2e-7, "queue": 4e-7}
REGIONAL: Mapping[str, float] = {"read": 3e-7, "write": 9e-7, "delete": 1e-7, "queue": 4e-7}
"""Dollars an operation."""
MILLION = 1_000_000
DECISIONS, EVENTS, PEOPLE = 1_000, 5_000, 5_000
EACH = 5
"""Decisions of one person, each a visit of its own; the first shows something."""
CHANGED = 50
"""One of so many people changes in a day."""


@dataclass(frozen=True)
class Unit:
    """Something that is paid for. ``draft`` are operations of one as the draft's design has them, ``goal`` dollars a million."""

    name: str
    one: str
    number: int
    work: Callable[[], Awaitable[Counter[str]]]
    draft: Mapping[str, float] | None = None
    goal: float | None = None


def cases() -> Iterator[Case]:
    configure_logging("ERROR")
    logging.getLogger().setLevel(logging.ERROR)
    units = (
        Unit("decisions", "decision", DECISIONS, decisions, {"read": 21, "write": 1.25}, 1.90),
        Unit("deliveries", "delivery", RECIPIENTS, deliveries, {"read": 3, "write": 2}, 2.05),
        Unit(
            "events, ten to a message",
            "event",
            EVENTS,
            partial(events, 10),
            {"read": 1, "write": 1, "queue": 3},
            0.35,
        ),
        Unit(
            "events, 400 to a message",
            "event",
            EVENTS,
            partial(events, 400),
            {"read": 1, "write": 1, "queue": 3},
            0.35,
        ),
        Unit("people, each night", "person", PEOPLE, night),
    )
    for unit in units:
        began, busy = time.perf_counter(), time.process_time()
        spent = asyncio.run(unit.work())
        each = (time.perf_counter() - began) / unit.number, (time.process_time() - busy) / unit.number
        yield Case(
            title=told(unit, spent),
            unit=unit.one,
            units=unit.number,
            ways={"on the embedded stores, once": lambda spent=spent: spent},
            measure=lambda _, each=each: each,
        )


def told(unit: Unit, spent: Counter[str]) -> str:
    """Operations of one, and dollars of a million."""
    rates = {kind: spent[kind] / unit.number for kind in ("read", "write", "delete", "queue", "mongo")}
    dollars = MILLION * price(rates, MULTI)
    counts = ", ".join(f"{rate:.4f} {kind}" for kind, rate in rates.items() if rate)
    words = f"a million {unit.name}: ${dollars:.2f} multi-region, ${MILLION * price(rates, REGIONAL):.2f} regional; each {counts}"
    if unit.draft is not None:
        draft = MILLION * price(unit.draft, MULTI)
        words += f"; the draft ${draft:.2f}, {draft / dollars:.1f}x; goal ${unit.goal:.2f}"
    return words


def price(operations: Mapping[str, float], prices: Mapping[str, float]) -> float:
    return sum(number * prices.get(kind, 0.0) for kind, number in operations.items())


async def decisions() -> Counter[str]:
    """Signed-in people who are known, each here several times in a day and asking once; what they report is not in it."""
    app = worker()
    await publish(app, campaign())
    people = [Principal(f"uid-{number}") for number in range(DECISIONS // EACH)]
    for person in people:
        await ask(app, person, visitorId=None)
    await settle(app)
    app.clock.advance(timedelta(days=30))  # type: ignore[attr-defined]
    spent: Counter[str] = Counter()
    for _ in range(EACH):
        before = totals()
        answers = [(person, await ask(app, person, visitorId=None)) for person in people]
        await settle(app)
        spent += totals() - before
        for person, shown in answers:
            for message in shown.messages:
                await answer(app, message, "acknowledged", person)
        await settle(app)
        app.clock.advance(timedelta(hours=2))  # type: ignore[attr-defined]
    await app.close()
    return spent


async def deliveries() -> Counter[str]:
    """A broadcast to followers' inboxes, from acceptance to its end."""
    found = await one(0)
    return Counter(read=found["read"], write=found["write"])


async def events(together: int) -> Counter[str]:
    """Events of a dancing city, eleven a person, through the queue into every figure."""
    app = worker()
    before = totals()
    for batch in parts(life(EVENTS, people=EVENTS // 11), together):
        await app.packing.send(batch)
    await settle(app)
    await app.close()
    return totals() - before


async def night() -> Counter[str]:
    """Facets and tags of everybody made anew, when one in CHANGED did something in the day."""
    app = worker()
    people = crowd(PEOPLE)
    await store(app, people)
    await app.facet_rebuild.run("first")
    await app.tagging.run()
    changed = random.Random(3).sample(people, PEOPLE // CHANGED)
    others = crowd(PEOPLE, seed=8)
    await store(app, [others[each.n - 1] for each in changed])
    before = totals()
    await app.facet_rebuild.run("second")
    await app.tagging.run()
    await app.close()
    return totals() - before


def worker() -> App:
    folder = Path(mkdtemp())
    return make_app(folder=folder, settings=make_settings(cabeceo_data=folder))


async def settle(app: App) -> None:
    """Let everything that leaves the answers' path arrive."""
    await drain(app)
    await work_off(app, ACTIVITY)
