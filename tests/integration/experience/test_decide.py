"""Decisions over the embedded store: what is shown, what is remembered, and what it costs."""

import asyncio
from datetime import timedelta

import pytest

from shared.clients.documents.port import Create
from shared.kernel.errors import Forbidden, Unauthenticated
from shared.messaging.campaigns.content import Content
from shared.messaging.campaigns.models import Channel, Metadata, Scheduling
from shared.messaging.campaigns.repository import to_data
from shared.messaging.campaigns.schemas import CampaignsQuery
from shared.people.access import Principal
from shared.people.profiles.models import Home, Profile
from shared.people.visitors import is_visitor_key
from tests.factories.experience import ADDRESS, answer, ask, cost, known_as, profile_of, publish, work_off
from tests.factories.messaging import campaign

ANA = Principal("uid-ana")
ADMIN = Principal("admin", frozenset({"admin"}))
LUCIA = Principal("lucia", frozenset({"organizer"}), frozenset({"org_1"}))
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
async def drained(app):
    """No visit is left behind when the test ends."""
    yield
    await app.activity.drain()


async def stored(app, message):
    return await app.deliveries.get(message.delivery_id)


class TestShown:
    async def test_a_visitor_is_shown_what_is_for_them(self, app):
        await publish(app, campaign(), campaign(id="c_off", status="draft"))
        decision = await ask(app)
        (message,) = decision.messages

        assert decision.person_type == "ip"
        assert (message.campaign_id, message.campaign_version, message.channel) == ("c_test", 1, "banner")
        assert message.content.title == "Milonga tonight"
        assert message.expires_at == app.clock.now() + timedelta(minutes=10)
        assert decision.next_check_in_seconds == 600

    async def test_a_document_that_is_no_campaign_takes_no_other_with_it(self, app, caplog):
        """Torn, or written by a version to come while both serve: the others are shown, listed and told apart from it."""
        newer = to_data(campaign(id="c_newer")) | {"holdout": 0.1}
        await app.documents.commit(
            [
                Create("messageCampaigns/c_newer", newer),
                Create("messageCampaigns/c_torn", {"status": "active"}),
            ]
        )
        await publish(app, campaign())

        assert [each.campaign_id for each in (await ask(app)).messages] == ["c_test"]
        assert [each.id for each in (await app.campaigns.page(ADMIN, CampaignsQuery())).items] == ["c_test"]
        told = [record.message for record in caplog.records if "campaign_broken" in record.message]
        assert {ident for ident in ("c_newer", "c_torn") for line in told if ident in line} == {
            "c_newer",
            "c_torn",
        }

    async def test_the_delivery_is_stored_pending_with_what_let_it_pass(self, app):
        await publish(app, campaign(type="upgrade", metadata=Metadata(release_id="r1"), caps_version=3))
        decision = await ask(app)
        delivery = await stored(app, decision.messages[0])

        assert delivery.status == "pending"
        assert delivery.recipient_type == "ip"
        assert is_visitor_key(delivery.recipient_id)
        assert delivery.dispatch_context["decisionId"] == decision.decision_id
        assert delivery.dispatch_context["capsVersion"] == 3
        assert delivery.dispatch_context["releaseId"] == "r1"
        assert "audience" in delivery.dispatch_context["checks"]

    async def test_what_is_reserved_is_not_shown_again_until_it_expires_unseen(self, app):
        await publish(app, campaign())
        first = (await ask(app)).messages[0]
        assert (await ask(app)).messages == []

        app.clock.advance(timedelta(minutes=10))
        second = (await ask(app)).messages[0]
        assert second.delivery_id != first.delivery_id

    async def test_an_expiry_never_outlasts_the_campaign(self, app):
        ends = app.clock.now() + timedelta(minutes=3)
        await publish(app, campaign(scheduling=Scheduling(end_at=ends)))

        assert (await ask(app)).messages[0].expires_at == ends

    async def test_signed_in_people_are_judged_by_their_profile(self, app):
        at_home = {"attribute": "person.home.country", "op": "eq", "value": "AR"}
        await publish(app, campaign(audience=at_home))
        profile = Profile("uid-ana", "user", home=Home(country="AR"))
        await app.documents.commit(app.profile_repository.writes(Profile("uid-ana", "user"), profile))

        assert len((await ask(app, ANA, geo={"country": "IT"})).messages) == 1
        assert (await ask(app, geo={"country": "AR"})).messages == []

    async def test_what_the_page_says_of_its_place_is_for_display(self, app):
        near = {
            "attribute": "request.geo.location",
            "op": "within",
            "value": {"lat": 42.4, "lon": -71, "km": 40},
        }
        in_rome = {"attribute": "request.geo.city", "op": "eq", "value": "Roma"}
        await publish(app, campaign(audience={"any": [near, in_rome]}))

        assert (await ask(app)).messages == []
        assert (await ask(app, geo={"location": {"lat": 40.7, "lon": -74.0}})).messages == []
        assert len((await ask(app, geo={"location": {"lat": 42.36, "lon": -71.06}})).messages) == 1
        assert len((await ask(app, ANA, visitorId=None, geo={"city": "Roma"})).messages) == 1

    async def test_roles_of_the_token_count_until_a_grant_settles_them(self, app):
        await publish(app, campaign(metadata=Metadata(role_requirement="organizer")))
        assert len((await ask(app, LUCIA)).messages) == 1

        settled = Profile("uid-m", "user", role_changed_at=app.clock.now())
        await app.documents.commit(app.profile_repository.writes(Profile("uid-m", "user"), settled))
        assert (await ask(app, Principal("uid-m", frozenset({"organizer"})))).messages == []

    async def test_roles_of_a_token_are_never_stored(self, app):
        await publish(app, campaign())
        await ask(app, LUCIA)

        assert (await profile_of(app, "lucia")).roles == ()

    async def test_a_campaign_stored_by_this_instance_is_decided_with_at_once(self, app):
        await ask(app)
        body = {"type": "system", "name": "N", "content": Content(title="T", body="B"), "status": "active"}
        from shared.messaging.campaigns.schemas import CreateCampaign

        await app.campaigns.create(ADMIN, CreateCampaign(**body, delivery_channels=[Channel.TOAST]))
        assert len((await ask(app)).messages) == 1

    async def test_no_hash_is_in_the_answer(self, app):
        await publish(app, campaign())
        decision = await ask(app, Principal("uid-lucia", frozenset({"admin"})), explain=True)
        decision_of_visitor = await ask(app)

        for text in (decision.model_dump_json(), decision_of_visitor.model_dump_json()):
            assert known_as(app).key not in text


class TestExplained:
    async def test_an_admin_sees_why_each_campaign_is_shown_or_not(self, app):
        await publish(
            app, campaign(id="c_a"), campaign(id="c_b", scheduling=Scheduling(start_at=app.clock.now() + DAY))
        )
        trace = (await ask(app, ADMIN, explain=True)).trace

        assert [(row.campaign_id, row.shown, row.check, row.reason) for row in trace] == [
            ("c_b", False, "window", "not_started"),
            ("c_a", True, "channel", "shown"),
        ]
        assert trace[0].until == app.clock.now() + DAY

    async def test_an_organizer_sees_only_their_own(self, app):
        own = campaign(id="c_own", type="organizer_targeted", organizer_id="org_1")
        others = campaign(id="c_other", type="organizer_targeted", organizer_id="org_2")
        await publish(app, own, others, campaign())

        assert [row.campaign_id for row in (await ask(app, LUCIA, explain=True)).trace] == ["c_own"]

    async def test_others_see_nothing(self, app):
        with pytest.raises(Unauthenticated):
            await ask(app, explain=True)
        with pytest.raises(Forbidden):
            await ask(app, ANA, explain=True)
        assert (await ask(app)).trace is None


class TestCost:
    """design/architecture.md, Cost rules: reads, writes and deletes of the document store."""

    @pytest.fixture(autouse=True)
    async def warm(self, app):
        """The first decision of an instance loads the campaigns; it pays for them on its own account."""
        await publish(app, campaign(id="c_warm", status="paused"))
        await ask(app, ANA, visitorId=None)
        await app.activity.drain()
        await work_off(app, "activity")

    async def test_a_first_visit_that_shows_nothing(self, app):
        assert await cost(ask(app)) == {"read": 2}
        assert await cost(ask(app, Principal("uid-new"))) == {"read": 2}

    async def test_a_known_visitor_who_is_shown_nothing(self, app):
        await ask(app)
        await app.activity.drain()
        await work_off(app, "activity")

        assert await cost(ask(app)) == {"read": 1}

    async def test_a_signed_in_person_who_is_shown_nothing(self, app):
        assert await cost(ask(app, ANA)) == {"read": 1}

    @pytest.mark.parametrize("number", [1, 2, 3])
    async def test_messages_shown(self, app, number):
        channels = [Channel.MODAL, Channel.BANNER, Channel.TOAST]
        for index in range(number):
            app.catalog.apply(campaign(id=f"c_{index}", delivery_channels=[channels[index]]))

        assert await cost(ask(app, ANA)) == {"read": 1, "write": number + 1}

    async def test_the_first_visit_after_a_change_of_epoch(self, app):
        app.catalog.apply(campaign())
        await answer(app, (await ask(app)).messages[0], "acknowledged")
        app.clock.advance(app.settings.epoch)

        assert await cost(ask(app)) == {"read": 2}

    async def test_a_profile_moves_on_when_something_is_shown(self, app):
        app.catalog.apply(campaign())
        await answer(app, (await ask(app)).messages[0], "acknowledged")
        before = known_as(app).key
        app.clock.advance(app.settings.epoch)
        app.catalog.apply(campaign(id="c_new"))

        assert await cost(ask(app)) == {"read": 2, "write": 2, "delete": 1}
        assert await app.documents.get(f"experienceProfiles/{before}") is None
        moved = await profile_of(app)
        assert moved.stored_key is None
        assert moved.campaigns["c_test"].acknowledged

    async def test_a_hundred_campaigns_cost_no_more_than_one(self, app):
        for index in range(100):
            app.catalog.apply(
                campaign(id=f"c_{index}", audience={"attribute": "request.page", "op": "eq", "value": "/x"})
            )

        assert await cost(ask(app, ANA)) == {"read": 1}


class TestCaps:
    async def test_twenty_parallel_decisions_show_each_campaign_once(self, app):
        channels = [Channel.MODAL, Channel.BANNER, Channel.TOAST, Channel.SNACKBAR]
        await publish(
            app,
            *(campaign(id=f"c_{channel}", delivery_channels=[channel]) for channel in channels),
            campaign(id="c_second", delivery_channels=[Channel.MODAL]),
        )
        decisions = await asyncio.gather(*(ask(app) for _ in range(20)))
        shown = [message.campaign_id for decision in decisions for message in decision.messages]

        assert sorted(shown) == sorted(set(shown))
        assert sum(name in ("c_modal", "c_second") for name in shown) == 1
        assert len(shown) == 4
        assert len((await profile_of(app)).reservations) == 4

    async def test_a_weekly_budget_is_exact_under_parallel_decisions(self, app):
        for number in range(12):
            channel = [Channel.BANNER, Channel.TOAST, Channel.SNACKBAR][number % 3]
            await publish(app, campaign(id=f"c_{number:02}", delivery_channels=[channel]))
        decisions = await asyncio.gather(*(ask(app, ANA) for _ in range(20)))

        assert sum(len(decision.messages) for decision in decisions) == 4

    async def test_a_week_of_visits_shows_four_messages(self, app):
        for number in range(30):
            await publish(app, campaign(id=f"c_{number:02}", delivery_channels=[Channel.TOAST]))
        shown = []
        for _ in range(7 * 24):
            for message in (await ask(app, ANA)).messages:
                await answer(app, message, "seen", ANA)
                shown.append(message.campaign_id)
            app.clock.advance(timedelta(hours=1))

        assert len(shown) == 4

    async def test_max_deliveries_and_cooldown_over_time(self, app):
        await publish(app, campaign(scheduling=Scheduling(cooldown_hours=24, max_deliveries_per_user=3)))
        days = []
        for day in range(6):
            for message in (await ask(app)).messages:
                await answer(app, message, "dismissed")
                days.append(day)
            app.clock.advance(DAY)

        assert days == [0, 1, 2]

    async def test_the_same_network_is_one_visitor_only_without_a_visitor_id(self, app):
        await publish(app, campaign())
        assert len((await ask(app, visitorId=None, address=ADDRESS)).messages) == 1
        assert (await ask(app, visitorId=None, address=f"::ffff:{ADDRESS}")).messages == []
        assert len((await ask(app)).messages) == 1
