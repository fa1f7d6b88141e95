"""A visitor becomes a person while workers die, stores fail, and everything happens at the same time."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.clients.errors import StoreUnavailable
from shared.experience.visits.models import Visit, to_data
from shared.kernel.clock import to_millis
from shared.kernel.envelope import envelope
from shared.messaging.campaigns.models import Channel, Scheduling
from shared.people.access import NOBODY, Principal
from shared.people.merges import Merges
from shared.people.profiles.repository import ProfileRepository
from shared.people.profiles.rules import Seen
from tests.factories.app import make_app
from tests.factories.documents import After, Before, FaultyDocuments
from tests.factories.examples import examples
from tests.factories.experience import (
    ULID,
    Killed,
    Life,
    Mortal,
    answer,
    ask,
    known_as,
    publish,
)
from tests.factories.merges import ANA, OFTEN, UUID, ana_of, meet, stored, worked
from tests.factories.messaging import campaign


@pytest.fixture(autouse=True)
async def drained(app):
    yield
    await app.activity.drain()


async def a_visitor_with_a_past(app):
    """Ana has a profile, the visitor one with a campaign and a reservation; gives the message that merges them."""
    await publish(app, campaign(scheduling=OFTEN), campaign(id="c_2", delivery_channels=[Channel.TOAST]))
    await meet(app, ANA, channels=[])
    first, second = (await ask(app)).messages
    await answer(app, first, "seen")
    visit = Visit(known_as(app, "uid-ana"), Seen(to_millis(app.clock.now()), "r1"))
    return envelope("visits", "b_1", "", app.clock.now(), to_data([visit])), second


async def everything(app):
    profiles, deliveries = await stored(app), await stored(app, app.deliveries.collection)
    return profiles, {ident: data["recipient"] for ident, data in deliveries.items()}


def visits_on(app, documents):
    from shared.experience.visits.service import Visits
    from shared.messaging.deliveries.hooks import DeliveryHooks
    from shared.people.erasures import Erasures

    repository = ProfileRepository(documents, app.ids)
    merges = Merges(documents, repository, [DeliveryHooks(documents, app.deliveries.collection)])
    return Visits(repository, merges, Erasures(documents, app.hash_secret), app.visitors, app.clock)


class TestInterrupted:
    async def _expected(self):
        other = make_app()
        message, _ = await a_visitor_with_a_past(other)
        await other.visits.apply(message)
        expected = await everything(other)
        await other.activity.drain()
        await other.close()
        return expected

    @pytest.mark.parametrize("calls", range(10))
    async def test_a_worker_that_dies_between_any_two_steps(self, app, calls):
        """The message comes again, and all is as if nobody had died."""
        message, _ = await a_visitor_with_a_past(app)
        try:
            await visits_on(app, Mortal(app.documents, Life(calls))).apply(message)
        except Killed:
            assert calls < 9
        await app.visits.apply(message)

        assert await everything(app) == await self._expected()

    @pytest.mark.parametrize(
        "faults", [[Before()], [After()], [None, Before()], [None, After()], [After(), After()]]
    )
    async def test_a_store_that_refuses_or_loses_its_answer(self, app, faults):
        message, _ = await a_visitor_with_a_past(app)
        documents = FaultyDocuments(app.documents)
        documents.then("commit", *faults)
        worker = visits_on(app, documents)
        for _ in faults:
            try:
                await worker.apply(message)
            except StoreUnavailable:
                continue
        await worker.apply(message)

        assert await everything(app) == await self._expected()

    async def test_parallel_workers_decisions_and_reports_count_everything_once(self, app):
        message, waiting = await a_visitor_with_a_past(app)
        results = await asyncio.gather(
            *(app.visits.apply(message) for _ in range(6)),
            answer(app, waiting, "seen", ANA),
            *(ask(app, ANA, channels=[]) for _ in range(4)),
            return_exceptions=True,
        )
        assert not [each for each in results if isinstance(each, AssertionError)]
        await app.visits.apply(message)
        await answer(app, waiting, "seen", ANA)
        ana = await ana_of(app)

        assert list(await stored(app)) == ["uid-ana"]
        assert {ident: memory.shown for ident, memory in ana.campaigns.items()} == {"c_test": 1, "c_2": 1}
        assert ana.visits.total == 1


@given(
    st.lists(
        st.sampled_from(["anonymous", "visitor", "other-device", "ana", "worker", "worker-twice", "pause"]),
        min_size=3,
        max_size=14,
    )
)
@settings(max_examples=examples(25))
def test_whatever_order_things_happen_in_what_was_seen_is_counted_once(steps):
    """All that was seen is in one of the profiles; once everything is worked off, what the devices saw is Ana's."""

    async def played():
        app = make_app()
        seen = 0
        try:
            await publish(app, campaign(scheduling=Scheduling(max_deliveries_per_user=99)))
            for step in [*steps, "visitor", "worker", "ana", "other", "worker-twice"]:
                if step == "pause":
                    app.clock.advance(timedelta(minutes=40))
                elif step.startswith("worker"):
                    await worked(app, times=2 if step == "worker-twice" else 1)
                else:
                    seen += await looked(app, step)
            profiles = await stored(app)
            devices = {known_as(app).key, known_as(app, visitor_id=UUID).key}
            counted = sum(p.get("campaigns", {}).get("c_test", {}).get("shown", 0) for p in profiles.values())
            assert counted == seen
            assert not devices & {k for k in profiles if k in profiles["uid-ana"].get("linkedKeys", ())}
        finally:
            await app.activity.drain()
            await app.close()

    async def looked(app, step):
        """Somebody opens the page, and sees what there is to see."""
        app.clock.advance(timedelta(seconds=1))
        who = Principal("uid-ana", signed_in_at=app.clock.now()) if step in ("ana", "other") else NOBODY
        device = {"other-device": UUID, "other": UUID}.get(step, ULID)
        shown = await ask(app, who, visitorId=device, address="0.0.0.0")
        for message in shown.messages:
            await answer(app, message, "seen", who)
        return len(shown.messages)

    asyncio.run(played())
