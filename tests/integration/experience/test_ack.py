"""Readers' reports: who may make them, what they change, what they cost, and that they count once."""

import asyncio
import itertools
from datetime import timedelta

import pytest

from shared.experience.ack.schemas import AckRequest
from shared.kernel.errors import NotFound
from shared.messaging.campaigns.models import Channel, Metadata
from shared.people.access import NOBODY, Principal
from tests.factories.experience import answer, ask, cost, profile_of, publish
from tests.factories.messaging import campaign

ANA = Principal("uid-ana")
BOB = Principal("uid-bob")
ACTIONS = ["seen", "clicked", "dismissed", "acknowledged"]


@pytest.fixture(autouse=True)
async def noticed(app):
    await publish(app, campaign(type="upgrade", metadata=Metadata(release_id="r1")))
    yield
    await app.activity.drain()


async def shown(app, principal=NOBODY, **request):
    (message,) = (await ask(app, principal, **request)).messages
    return message


class TestEffect:
    async def test_the_first_report_settles_the_reservation(self, app):
        message = await shown(app)
        app.clock.advance(timedelta(seconds=2))
        reply = await answer(app, message)
        profile = await profile_of(app)

        assert reply.delivery_status == "seen"
        assert reply.timestamps.seen_at == reply.timestamps.delivered_at == app.clock.now()
        assert profile.reservations == {}
        assert profile.campaigns["c_test"].shown == 1
        assert [each.channel for each in profile.shown] == ["banner"]

    async def test_acknowledging_ends_the_notice_and_notes_the_release(self, app):
        await answer(app, await shown(app), "acknowledged")
        app.clock.advance(timedelta(days=30))

        assert (await profile_of(app)).release_state.acknowledged_releases == ("r1",)
        assert (await ask(app)).messages == []

    async def test_a_new_release_is_noticed_again(self, app):
        await answer(app, await shown(app), "acknowledged")
        await publish(app, campaign(id="c_next", type="upgrade", metadata=Metadata(release_id="r2")))
        app.clock.advance(timedelta(days=1))
        await ask(app, Principal("whoever"))
        await asyncio.gather(app.catalog._refreshing)

        assert [each.campaign_id for each in (await ask(app, releaseId="r2")).messages] == ["c_next"]

    async def test_a_report_that_came_late_still_counts(self, app):
        message = await shown(app)
        app.clock.advance(timedelta(hours=20))

        assert (await answer(app, message)).delivery_status == "seen"
        assert (await profile_of(app)).campaigns["c_test"].shown == 1

    @pytest.mark.parametrize("order", list(itertools.permutations(ACTIONS)))
    async def test_every_order_of_reports_comes_to_the_same(self, app, order):
        message = await shown(app)
        for action in [*order, *order]:
            reply = await answer(app, message, action)
        profile = await profile_of(app)

        assert reply.delivery_status == "acknowledged"
        assert (profile.campaigns["c_test"].shown, len(profile.shown)) == (1, 1)
        assert profile.campaigns["c_test"].dismissed
        assert profile.release_state.acknowledged_releases == ("r1",)


class TestCost:
    @pytest.mark.parametrize("action", ACTIONS)
    async def test_a_first_report(self, app, action):
        message = await shown(app)

        assert await cost(answer(app, message, action)) == {"read": 2, "write": 2}

    async def test_a_repeat(self, app):
        message = await shown(app)
        first = await answer(app, message, "dismissed")
        app.clock.advance(timedelta(minutes=5))

        assert await cost(answer(app, message, "dismissed")) == {"read": 1}
        assert await answer(app, message, "dismissed") == first

    async def test_a_click_after_it_was_seen_leaves_the_profile_alone(self, app):
        message = await shown(app)
        await answer(app, message, "seen")

        assert await cost(answer(app, message, "clicked")) == {"read": 1, "write": 1}


class TestWhoMay:
    async def test_a_visitor_needs_the_token(self, app):
        message = await shown(app)

        with pytest.raises(NotFound):
            await answer(app, message, token=False)

    @pytest.mark.parametrize("token", ["", "x", "a.b.c", "é" * 50])
    async def test_a_token_of_anyones_own_making_is_not_found_and_costs_nothing(self, app, token):
        message = await shown(app)
        request = AckRequest(delivery_id=message.delivery_id, action="seen", ack_token=token)

        async def refused():
            with pytest.raises(NotFound):
                await app.acknowledgements.acknowledge(request, NOBODY)

        assert await cost(refused()) == {}

    async def test_the_token_of_another_delivery_does_not_hold(self, app):
        message, other = await shown(app), await shown(app, ANA, visitorId=None)
        request = AckRequest(delivery_id=message.delivery_id, action="seen", ack_token=other.ack_token)

        for caller in (NOBODY, ANA):
            with pytest.raises(NotFound):
                await app.acknowledgements.acknowledge(request, caller)

    async def test_a_token_runs_out_a_day_after_the_delivery(self, app):
        message = await shown(app)
        app.clock.advance(timedelta(hours=24, minutes=11))

        with pytest.raises(NotFound):
            await answer(app, message)

    async def test_the_owner_needs_no_token(self, app):
        message = await shown(app, ANA)

        assert (await answer(app, message, "clicked", ANA, token=False)).delivery_status == "clicked"

    async def test_another_persons_delivery_does_not_exist(self, app):
        message = await shown(app, ANA)

        with pytest.raises(NotFound):
            await answer(app, message, "seen", BOB, token=False)
        assert (await app.deliveries.get(message.delivery_id)).status == "pending"

    async def test_whoever_signs_in_after_they_were_shown_it_may_still_report(self, app):
        message = await shown(app)

        assert (await answer(app, message, "acknowledged", ANA)).delivery_status == "acknowledged"

    @pytest.mark.parametrize("ident", ["", "d_absent", "../x", "a/b", "__x__", "d_" + "x" * 120])
    async def test_a_delivery_that_does_not_exist(self, app, ident):
        with pytest.raises(NotFound):
            await app.acknowledgements.acknowledge(AckRequest(delivery_id=ident, action="seen"), ANA)


class TestParallel:
    async def test_twenty_parallel_reports_count_once(self, app):
        message = await shown(app)
        replies = await asyncio.gather(*(answer(app, message, ACTIONS[n % 4]) for n in range(20)))
        profile = await profile_of(app)

        assert (await answer(app, message)).delivery_status == "acknowledged"
        assert (profile.campaigns["c_test"].shown, len(profile.shown)) == (1, 1)
        assert profile.release_state.acknowledged_releases == ("r1",)
        assert len(replies) == 20

    async def test_parallel_reports_on_all_messages_of_a_page_are_all_taken(self, app):
        channels = [Channel.MODAL, Channel.TOAST]
        await publish(app, *(campaign(id=f"c_{each}", delivery_channels=[each]) for each in channels))
        messages = (await ask(app, ANA)).messages
        await asyncio.gather(
            *(answer(app, each, act, ANA) for each in messages for act in ("seen", "dismissed"))
        )
        profile = await profile_of(app, "uid-ana")

        assert len(messages) == 3
        assert all(memory.shown == 1 and memory.dismissed for memory in profile.campaigns.values())
        assert len(profile.shown) == 3
        assert profile.reservations == {}
