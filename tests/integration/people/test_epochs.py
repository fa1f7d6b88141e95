"""Hashes that rotate: who comes back within an epoch's time is known, who does not can be linked by nothing."""

import asyncio
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.clients.documents.port import Query
from shared.experience.visits.models import Visit, to_data
from shared.kernel.clock import to_millis
from shared.kernel.envelope import envelope
from shared.messaging.campaigns.models import Channel, Scheduling
from shared.people.profiles.rules import Seen
from tests.factories.app import make_app
from tests.factories.examples import examples
from tests.factories.experience import answer, ask, known_as, profile_of, publish, work_off
from tests.factories.messaging import campaign

UUIDS = [f"6f1c2b1e-7b0a-4c39-9c39-2b9f4a1d6e{number:02x}" for number in range(40)]


def epoch_of(app):
    return int(app.clock.now().timestamp() // app.settings.epoch.total_seconds())


async def worked(app, times=1):
    await app.activity.drain()
    await work_off(app, "activity", times=times)


async def keys(app):
    return {found.id for found in await app.documents.query(Query("experienceProfiles"))}


@given(
    st.lists(
        st.tuples(
            st.integers(1, 200),
            st.booleans(),
            st.integers(1, 2),
        ),
        min_size=1,
        max_size=9,
    )
)
@settings(max_examples=examples(25))
def test_over_any_number_of_epochs_a_visitor_is_known_unless_they_stayed_away_for_one(pauses):
    """After each visit the profile counts exactly the visits since the last whole epoch that was missed."""

    async def lived():
        app = make_app()
        try:
            await publish(app, campaign(scheduling=Scheduling(max_deliveries_per_user=99)))
            last, visits, seen = None, 0, 0
            for days, looks, times in pauses:
                app.clock.advance(timedelta(days=days))
                now = epoch_of(app)
                if last is None or now - last > 1:
                    visits, seen = 0, 0
                for message in (await ask(app, address="0.0.0.0")).messages if looks else ():
                    await answer(app, message)
                    seen += 1
                if not looks:
                    await ask(app, channels=[], address="0.0.0.0")
                await worked(app, times)
                last, visits = now, visits + 1
                profile = await profile_of(app)

                assert profile.visits.total == visits
                assert sum(memory.shown for memory in profile.campaigns.values()) == seen
                assert profile.person_key in await keys(app)
                assert profile.stored_key is None
        finally:
            await app.activity.drain()
            await app.close()

    asyncio.run(lived())


@given(st.integers(0, 89), st.integers(0, 400))
@settings(max_examples=examples(15))
def test_what_is_stored_can_be_linked_for_two_epochs_at_most(into_the_epoch, away):
    """Neither the visitor id nor the address leads to the old profile once two epochs have begun since."""

    async def lived():
        app = make_app()
        try:
            app.clock.advance(timedelta(days=into_the_epoch))
            await ask(app, channels=[])
            await ask(app, channels=[], visitorId=None)
            await worked(app)
            before, stored = epoch_of(app), await keys(app)
            app.clock.advance(timedelta(days=away))
            led_to = set()
            for more in ({}, {"visitor_id": None}):
                person = known_as(app, **more)
                led_to |= {person.key, person.previous_key, person.earlier_key}
            if epoch_of(app) - before >= 2:
                assert not led_to & stored
            else:
                assert len(led_to & stored) == 2
        finally:
            await app.activity.drain()
            await app.close()

    asyncio.run(lived())


async def test_an_epoch_that_ends_under_load_loses_nobody(app):
    """40 visitors with caps used up; the epoch ends while their visits and decisions are all under way."""
    await publish(app, campaign(delivery_channels=[Channel.BANNER]))
    for device in UUIDS:
        await answer(app, (await ask(app, visitorId=device, address="0.0.0.0")).messages[0], "acknowledged")
    await worked(app)
    people = [known_as(app, visitor_id=device, address="0.0.0.0") for device in UUIDS]
    at = to_millis(app.clock.now()) + 3_600_000
    late = [
        envelope(
            "visits", f"b_{n}", "", app.clock.now(), to_data([Visit(p, Seen(at, "r1")) for p in people[n::4]])
        )
        for n in range(4)
    ]
    app.clock.advance(app.settings.epoch)
    decisions = await asyncio.gather(
        *(app.visits.apply(message) for message in late * 2),
        *(ask(app, visitorId=device, address="0.0.0.0") for device in UUIDS),
    )
    await worked(app, times=2)
    profiles = [await profile_of(app, visitor_id=device, address="0.0.0.0") for device in UUIDS]

    assert [decision.messages for decision in decisions[8:]] == [[]] * len(UUIDS)
    assert {profile.visits.total for profile in profiles} == {3}
    assert {profile.campaigns["c_test"].acknowledged for profile in profiles} == {True}
    assert await keys(app) == {profile.person_key for profile in profiles}
    await app.activity.drain()
