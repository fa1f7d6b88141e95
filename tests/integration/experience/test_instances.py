"""Several instances over one store, without shared memory: caps are exact, and everybody asks again when it matters."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.clients.documents.port import Query
from shared.messaging.campaigns.models import Channel, Scheduling
from shared.people.access import NOBODY, Principal
from shared.people.profiles.models import Profile
from tests.factories.app import make_app
from tests.factories.examples import examples
from tests.factories.experience import answer, ask, publish, work_off
from tests.factories.messaging import campaign

ANA = Principal("uid-ana")
CHANNELS = [Channel.BANNER, Channel.TOAST, Channel.SNACKBAR]
DAY = timedelta(days=1)


@pytest.fixture
async def instances(tmp_path):
    """Two workers: their own memory, one clock, one store."""
    first = make_app(folder=tmp_path)
    shared = {"given_documents": first.documents, "given_queues": first.queues, "given_ids": first.ids}
    second = make_app(clock=first.clock, folder=tmp_path, **shared)
    yield first, second
    for app in (first, second):
        await app.activity.drain()
        await app.decision_log.drain()
    await first.close()


async def at_once(instances, number, principal=ANA, action="seen", **body):
    """So many decisions at the same time, every message reported at once; gives what was shown."""

    async def one(app):
        decision = await ask(app, principal, **body)
        for message in decision.messages:
            await answer(app, message, action, principal)
        return decision.messages

    asked = [one(instances[index % 2]) for index in range(number)]
    return [message for messages in await asyncio.gather(*asked) for message in messages]


class TestExact:
    @pytest.mark.parametrize("principal", [ANA, NOBODY])
    async def test_forty_at_once_show_four_in_a_week(self, instances, principal):
        await publish(
            instances[0],
            *(campaign(id=f"c_{n:02}", delivery_channels=[CHANNELS[n % 3]]) for n in range(12)),
        )

        assert len(await at_once(instances, 40, principal)) == 4

    async def test_and_one_modal_in_a_day(self, instances):
        await publish(
            instances[0], *(campaign(id=f"c_{n}", delivery_channels=[Channel.MODAL]) for n in range(5))
        )

        assert len(await at_once(instances, 40)) == 1
        instances[0].clock.advance(DAY)
        assert len(await at_once(instances, 40)) == 1

    async def test_a_maximum_is_never_passed(self, instances):
        await publish(instances[0], campaign(scheduling=Scheduling(max_deliveries_per_user=3)))
        shown = []
        for _ in range(6):
            shown += await at_once(instances, 20)

        assert len(shown) == 3

    async def test_a_cooldown_is_never_cut_short(self, instances):
        await publish(instances[0], campaign(scheduling=Scheduling(cooldown_hours=48)))
        days = []
        for day in range(6):
            days += [day for _ in await at_once(instances, 20, action="seen")]
            instances[0].clock.advance(DAY)

        assert days == [0, 2, 4]

    async def test_an_organizers_share_is_never_passed(self, instances):
        profile = Profile("uid-ana", "user", marketing_opt_in=True, preferences={"lessOf": {"org_1": 0.5}})
        first = instances[0]
        await first.documents.commit(first.profile_repository.writes(Profile("uid-ana", "user"), profile))
        await publish(
            first,
            *(
                campaign(
                    id=f"c_{n:02}",
                    type="organizer_targeted",
                    organizer_id="org_1",
                    delivery_channels=[CHANNELS[n % 3]],
                )
                for n in range(9)
            ),
        )

        assert len(await at_once(instances, 40)) == 2

    async def test_nothing_is_delivered_that_was_not_answered(self, instances):
        """Losers leave no delivery behind."""
        await publish(
            instances[0],
            *(campaign(id=f"c_{n:02}", delivery_channels=[CHANNELS[n % 3]]) for n in range(9)),
        )
        shown = await at_once(instances, 40)
        stored = await instances[0].documents.query(Query(instances[0].deliveries.collection))

        assert sorted(each.id for each in stored) == sorted(message.delivery_id for message in shown)

    @settings(
        max_examples=examples(12), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(data=st.data())
    async def test_whatever_happens_in_between(self, tmp_path_factory, data):
        """Days of decisions on two instances, seen, dismissed or never looked at: no cap is passed at any moment."""
        folder = tmp_path_factory.mktemp("instances")
        first = make_app(folder=folder)
        shared = {"given_documents": first.documents, "given_queues": first.queues, "given_ids": first.ids}
        apps = (first, make_app(clock=first.clock, folder=folder, **shared))
        await publish(
            first,
            campaign(
                id="c_modal", delivery_channels=[Channel.MODAL], scheduling=Scheduling(cooldown_hours=5)
            ),
            campaign(id="c_twice", scheduling=Scheduling(max_deliveries_per_user=2), priority=200),
            campaign(id="c_any", delivery_channels=[Channel.TOAST]),
        )
        seen = []
        for _ in range(data.draw(st.integers(2, 6))):
            number = data.draw(st.integers(1, 8))
            action = data.draw(st.sampled_from(["seen", "dismissed", None]))
            decisions = await asyncio.gather(*(ask(apps[n % 2], ANA) for n in range(number)))
            for message in [each for decision in decisions for each in decision.messages]:
                if action:
                    await answer(apps[0], message, action, ANA)
                    seen.append((first.clock.now(), message.campaign_id, message.channel))
            first.clock.advance(timedelta(minutes=data.draw(st.sampled_from([1, 11, 200, 1500]))))

        for at, _, _ in seen:
            assert sum(at - 7 * DAY < other <= at for other, _, _ in seen) <= 4
            assert sum(at - DAY < other <= at for other, _, channel in seen if channel == "modal") <= 1
        assert sum(ident == "c_twice" for _, ident, _ in seen) <= 2
        for app in apps:
            await app.activity.drain()
            await app.decision_log.drain()
        await first.close()


class TestNextCheck:
    """The answer cannot change before the moment named, and may at it."""

    async def changes_at(self, app, seconds, principal=ANA):
        """Nothing is shown one second before; something is at the moment itself."""
        app.clock.advance(timedelta(seconds=seconds - 1))
        before = (await ask(app, principal)).messages
        app.clock.advance(timedelta(seconds=1))
        return before, (await ask(app, principal)).messages

    async def test_the_end_of_a_cooldown(self, app):
        await publish(app, campaign(scheduling=Scheduling(cooldown_hours=1)))
        await answer(app, (await ask(app, ANA)).messages[0], "seen", ANA)
        waits = (await ask(app, ANA)).next_check_in_seconds

        assert waits == 3600
        before, then = await self.changes_at(app, waits)
        assert (len(before), len(then)) == (0, 1)

    async def test_the_start_of_a_window(self, app):
        start = app.clock.now() + timedelta(minutes=50)
        await publish(app, campaign(scheduling=Scheduling(start_at=start)))
        waits = (await ask(app, ANA)).next_check_in_seconds

        assert waits == 3000
        before, then = await self.changes_at(app, waits)
        assert (len(before), len(then)) == (0, 1)

    async def test_the_end_of_a_reservation(self, app):
        await publish(app, campaign())
        assert (await ask(app, ANA)).next_check_in_seconds == 600
        waits = (await ask(app, ANA)).next_check_in_seconds

        assert waits == 600
        before, then = await self.changes_at(app, waits)
        assert (len(before), len(then)) == (0, 1)

    async def test_room_in_the_pressure_budget(self, app):
        await publish(app, *(campaign(id=f"c_{n}", delivery_channels=[Channel.MODAL]) for n in range(2)))
        await answer(app, (await ask(app, ANA, timezone="Etc/GMT-4")).messages[0], "acknowledged", ANA)
        app.clock.advance(timedelta(hours=20))

        assert (await ask(app, ANA)).next_check_in_seconds == 4 * 3600
        before, then = await self.changes_at(app, 4 * 3600)
        assert (len(before), len(then)) == (0, 1)

    async def test_the_next_local_day(self, app):
        """20:00 UTC is 17:00 in Buenos Aires, so that its day ends in seven hours."""
        in_the_morning = {
            "attribute": "time.local",
            "op": "during",
            "value": {"from": "00:00", "to": "12:00"},
        }
        await publish(app, campaign(audience=in_the_morning))
        decision = await ask(app, ANA, timezone="America/Argentina/Buenos_Aires")

        assert (decision.messages, decision.next_check_in_seconds) == ([], 7 * 3600)

    async def test_a_relative_date_turns_within_the_day(self, app):
        """Met at 20:00 UTC, and welcomed five hours later: not at midnight, and not the midnight after."""
        five_hours_ago = {"attribute": "person.firstSeenAt", "op": "before", "value": {"hoursAgo": 5}}
        await publish(app, campaign(audience=five_hours_ago))
        await ask(app, ANA, timezone="America/Argentina/Buenos_Aires")
        await app.activity.drain()
        await work_off(app, "activity")
        app.clock.advance(timedelta(milliseconds=1500))
        decision = await ask(app, ANA, timezone="America/Argentina/Buenos_Aires")

        assert decision.next_check_in_seconds == 5 * 3600 - 1
        before, then = await self.changes_at(app, decision.next_check_in_seconds)
        assert (len(before), len(then)) == (0, 1)

    async def test_never_sooner_than_half_a_minute_nor_later_than_a_day(self, app):
        await publish(app, campaign(scheduling=Scheduling(start_at=app.clock.now() + timedelta(seconds=3))))
        assert (await ask(app, ANA)).next_check_in_seconds == 30

        app.clock.advance(timedelta(hours=4))
        assert 30 <= (await ask(app, Principal("uid-b"), timezone="UTC")).next_check_in_seconds <= 86_400
