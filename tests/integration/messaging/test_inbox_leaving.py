"""Messages that leave an inbox for a while or for good: snoozed, expired, withdrawn."""

from datetime import timedelta

import pytest

from blueprints.messaging import inbox_withdrawals_timer
from shared import wiring
from shared.clients.errors import StoreUnavailable
from shared.kernel.errors import Invalid, NotFound
from shared.messaging.inbox.withdrawals import OPEN_FOR
from shared.people.access import Principal
from tests.factories.documents import After, FaultyDocuments
from tests.factories.experience import cost, function, publish
from tests.factories.inbox import (
    ANA,
    announcement,
    campaigns_in,
    change,
    counted,
    item_id,
    listed,
    put,
    several,
)

ADMIN = Principal("admin", frozenset({"admin"}))
HOUR = timedelta(hours=1)


class TestSnooze:
    async def test_it_comes_back_on_top_and_unread_when_its_time_has_come(self, app):
        made = await several(app, 3)
        await change(app, made[0], read=True)
        await change(app, made[0], snoozedUntil=app.clock.now() + HOUR)
        assert await campaigns_in(app) == ["c_02", "c_01"]
        assert await campaigns_in(app, state="snoozed") == ["c_00"]
        assert await counted(app) == (2, 2)

        app.clock.advance(HOUR)

        assert await campaigns_in(app) == ["c_00", "c_02", "c_01"]
        assert await campaigns_in(app, state="snoozed") == []
        assert [item.state for item in await listed(app)] == ["unread"] * 3
        assert await counted(app) == (3, 3)

    async def test_ending_it_early_leaves_the_item_as_it_was(self, app):
        made = await several(app, 2)
        await change(app, made[0], read=True)
        await change(app, made[0], snoozedUntil=app.clock.now() + HOUR)
        await change(app, made[0], snoozedUntil=None)

        assert [(item.campaign_id, item.state) for item in await listed(app)] == [
            ("c_01", "unread"),
            ("c_00", "read"),
        ]

    async def test_archiving_ends_it_and_it_takes_out_of_the_archive(self, app):
        (ident,) = await put(app, "c_dj")
        await change(app, ident, archived=True)
        await change(app, ident, snoozedUntil=app.clock.now() + HOUR)
        assert [await campaigns_in(app, state=state) for state in ("archived", "snoozed")] == [[], ["c_dj"]]
        await change(app, ident, archived=True)
        app.clock.advance(HOUR)

        assert [await campaigns_in(app, state=state) for state in ("archived", None)] == [["c_dj"], []]

    async def test_the_same_snooze_again_is_no_error_after_its_time(self, app):
        (ident,) = await put(app, "c_dj")
        until = app.clock.now() + HOUR
        await change(app, ident, snoozedUntil=until)
        app.clock.advance(2 * HOUR)

        assert (await change(app, ident, snoozedUntil=until)).state == "unread"

    async def test_it_cannot_outlast_the_item(self, app):
        (ident,) = await put(app, "c_dj", end_at=app.clock.now() + HOUR)
        with pytest.raises(Invalid):
            await change(app, ident, snoozedUntil=app.clock.now() + HOUR)


class TestGone:
    async def test_what_expires_vanishes_from_lists_and_counts_in_that_moment(self, app):
        (ident,) = await put(app, "c_dj", end_at=app.clock.now() + HOUR)
        assert await counted(app) == (1, 1)
        app.clock.advance(HOUR)

        assert (await listed(app), await counted(app)) == ([], (0, 0))
        with pytest.raises(NotFound):
            await change(app, ident, read=True)

    async def withdrawn(self, app, ident="c_dj"):
        await publish(app, announcement(ident))
        for uid in (ANA, "uid-bruno"):
            await put(app, ident, uid=uid)
        await put(app, "c_other")
        app.clock.advance(timedelta(minutes=5))
        await app.campaigns.archive(ADMIN, ident)

    async def test_an_archived_campaign_is_gone_from_every_inbox_at_once(self, app):
        await self.withdrawn(app)

        assert (await campaigns_in(app), await counted(app)) == (["c_other"], (1, 1))
        assert await counted(app, "uid-bruno") == (0, 0)
        for state in ("unread", "read", "snoozed", "archived"):
            assert "c_dj" not in await campaigns_in(app, state=state)

    async def test_a_reader_pays_for_it_once(self, app):
        await self.withdrawn(app)
        assert (await cost(app.inbox.counts(ANA)))["write"] == 1
        assert (await cost(app.inbox.counts(ANA)))["write"] == 0

    async def test_the_sweep_ends_it_for_those_who_do_not_look(self, app):
        await self.withdrawn(app)
        wiring.use(app)
        sweep = function(inbox_withdrawals_timer.bp, "inbox_withdrawals")
        await sweep(timer=None)
        stored = await app.documents.get(app.deliveries.path(item_id("c_dj", "uid-bruno")))
        assert stored.data["timestamps"]["expiresAt"] <= app.clock.now()

        app.clock.advance(OPEN_FOR)
        await sweep(timer=None)
        assert await app.inbox_withdrawals.all_open() == []
        assert await counted(app) == (1, 1)

    async def test_a_straggler_of_a_broadcast_is_taken_back_too(self, app):
        """A chunk that was on its way when the campaign was archived."""
        await self.withdrawn(app)
        await app.inbox_withdrawals.sweep()
        await put(app, "c_dj", uid="uid-carla")

        assert await counted(app, "uid-carla") == (0, 0)

    async def test_a_sweep_that_dies_is_finished_by_the_next(self, app):
        for number in range(450):
            await put(app, "c_dj", uid=f"uid-{number}")
        await publish(app, announcement())
        await app.campaigns.archive(ADMIN, "c_dj")
        whole = app.inbox_withdrawals._documents
        app.inbox_withdrawals._documents = FaultyDocuments(whole).then("commit", None, After())
        with pytest.raises(StoreUnavailable):
            await app.inbox_withdrawals.sweep()
        app.inbox_withdrawals._documents = whole

        assert await app.inbox_withdrawals.sweep() == 50
        assert await app.inbox_withdrawals.sweep() == 0
