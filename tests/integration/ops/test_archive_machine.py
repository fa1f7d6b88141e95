"""Whatever comes in whatever order, people are told all that is theirs, and nobody reads what is of the erased."""

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import timedelta
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.clients.errors import StoreUnavailable
from shared.ops.jobs.models import LEASE
from shared.people.hooks import Subject
from tests.factories.app import make_app
from tests.factories.archive import Deliveries, Events, idents, in_trouble
from tests.factories.examples import examples
from tests.factories.experience import Killed
from tests.factories.stores import Trouble

PEOPLE, VISITORS = ("ana", "ben"), ("v_1", "v_2", "v_3")
SOURCES = {"deliveries": Deliveries, "behaviour": Events}
STEPS = st.one_of(
    st.tuples(st.just("put"), st.sampled_from(PEOPLE + VISITORS)),
    st.tuples(st.just("merge"), st.sampled_from(PEOPLE + VISITORS), st.sampled_from(VISITORS)).filter(
        lambda step: step[1] != step[2]
    ),
    st.tuples(st.just("erase"), st.sampled_from(PEOPLE)),
    st.tuples(st.just("archive")),
    st.tuples(
        st.just("archive"), st.sampled_from(["kills", "refuses", "cuts its answer"]), st.integers(0, 30)
    ),
    st.tuples(st.just("wait")),
)


class World:
    """The stores, and what is true of them: whose each record is."""

    def __init__(self):
        self.app = make_app()
        self.owner: dict[int, str] = {}
        self.hooks = [
            hook for hook in self.app.person_hooks if hook.name in ("deliveries", "behaviour", "archive")
        ]

    async def put(self, person):
        number = len(self.owner)
        self.owner[number] = person
        for source in SOURCES.values():
            await source.put(self.app, number, person=person)

    async def merge(self, person, visitor):
        for hook in self.hooks:
            await hook.merge(person, [visitor])
        self.owner |= {number: person for number, owner in self.owner.items() if owner == visitor}

    async def erase(self, person):
        for hook in self.hooks:
            await hook.erase(Subject(person), self.app.clock.now())
        self.owner |= {number: "" for number, owner in self.owner.items() if owner == person}

    async def archive(self, kind="kills", at=None):
        await self.app.jobs.open("archive")
        with contextlib.suppress(Killed, StoreUnavailable):
            await in_trouble(self.app, Trouble(kind, at)).job_runner.run_due()
        self.app.clock.advance(LEASE)

    async def wait(self):
        self.app.clock.advance(timedelta(days=9))
        for hook in self.hooks:
            await hook.retain(self.app.clock.now())

    async def holds(self):
        """Everybody is told theirs, once, from wherever it lies; nothing else can be read."""
        for source in SOURCES.values():
            for person in PEOPLE:
                told = [
                    record["id"].rpartition("/")[2]
                    for hook in self.hooks
                    async for record in hook.export(Subject(person))
                ]
                mine = {source.ident(number) for number, owner in self.owner.items() if owner == person}
                assert mine <= {*told}
                assert len(told) == len({*told}) == len(SOURCES) * len(mine)
            alive = {source.ident(number) for number, owner in self.owner.items() if owner}
            readable = {*await source.live(self.app), *await idents(self.app, source.folder)}
            assert readable == alive


@given(st.lists(STEPS, min_size=4, max_size=14))
@settings(max_examples=examples(60))
def test_what_is_somebodys_is_told_and_what_is_of_the_erased_is_not(steps: Sequence[tuple]):
    async def live():
        world = World()
        for name, *rest in steps:
            await getattr(world, name)(*rest)
        await world.archive()
        await world.holds()
        await world.app.close()

    with (
        patch("shared.messaging.deliveries.archive.BATCH", 2),
        patch("shared.analytics.ingest.archive.BATCH", 2),
    ):
        asyncio.run(live())
