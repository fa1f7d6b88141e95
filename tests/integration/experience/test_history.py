"""Decisions kept for 7 days: which, what of them, who may read them, and what would be otherwise today."""

from datetime import timedelta

import pytest

from shared.clients.documents.port import Query
from shared.kernel.errors import NotFound
from shared.messaging.campaigns.models import Content, Scheduling
from shared.messaging.campaigns.schemas import ChangeCampaign
from shared.people.access import Principal
from shared.people.profiles.models import Profile
from shared.people.visitors import Person
from tests.factories.app import make_app, make_settings
from tests.factories.experience import ADDRESS, ULID, answer, ask, cost, known_as, publish
from tests.factories.messaging import campaign

ANA = Principal("uid-ana")
ADMIN = Principal("admin", frozenset({"admin"}))
LUCIA = Principal("lucia", frozenset({"organizer"}), frozenset({"org_1"}))
OTHER = Principal("omar", frozenset({"organizer"}), frozenset({"org_2"}))
DAY = timedelta(days=1)
TARGETED = {"type": "organizer_targeted", "organizer_id": "org_1"}


@pytest.fixture(autouse=True)
async def drained(app):
    """No visit is left behind when the test ends."""
    yield
    await app.activity.drain()


async def kept(app, query="decisions"):
    """The documents there are, once what waits is written."""
    await app.decision_log.drain()
    return await app.documents.query(Query(query))


async def told(app, decision, principal=ADMIN, **more):
    await app.decision_log.drain()
    return await app.history.get(principal, decision.decision_id, **more)


async def remember(app, profile):
    await app.documents.commit(
        app.profile_repository.writes(Profile(profile.person_key, profile.type), profile)
    )


class TestKept:
    async def test_what_was_shown_and_what_was_explained(self, app):
        await publish(app, campaign())
        shown = await ask(app)
        explained = await ask(app, ADMIN, explain=True, channels=[])
        await ask(app)

        found = {each.id: each.data["why"] for each in await kept(app)}
        assert found == {shown.decision_id: "shown", explained.decision_id: "explained"}

    @pytest.mark.parametrize(("share", "number"), [(0, 0), (1, 30), (0.5, 14)])
    async def test_a_share_of_the_rest_by_the_hash_of_their_ids(self, tmp_path, share, number):
        settings = make_settings(cabeceo_data=tmp_path, decision_sample_share=share)
        app = make_app(folder=tmp_path, settings=settings)
        for _ in range(30):
            await ask(app)

        assert abs(len(await kept(app)) - number) <= (share == 0.5) * 6
        await app.close()

    async def test_a_list_of_campaigns_is_stored_once_for_all_decisions(self, app):
        await publish(app, campaign())
        for number in range(5):
            await ask(app, Principal(f"uid-{number}"))

        assert len(await kept(app)) == 5
        assert len(await kept(app, "decisionEditions")) == 1

    async def test_it_costs_the_answer_nothing(self, app):
        await publish(app, campaign())
        await ask(app, Principal("somebody"))

        assert await cost(ask(app, ANA)) == {"read": 2, "write": 2}
        assert await cost(app.decision_log.drain()) == {"write": 3}

    async def test_no_address_no_visitor_id_and_nothing_to_know_a_person_by(self, app):
        await publish(app, campaign())
        decision = await ask(app, visitorId=ULID)
        (document,) = await kept(app)
        text = repr(document.data).lower() + (await told(app, decision)).model_dump_json().lower()

        assert ADDRESS not in text
        assert ULID.lower() not in text
        assert known_as(app).key not in (await told(app, decision)).model_dump_json()

    async def test_after_seven_days_it_is_gone(self, app):
        await publish(app, campaign())
        decision = await ask(app)
        app.clock.advance(7 * DAY - timedelta(seconds=1))
        assert (await told(app, decision)).exact

        app.clock.advance(timedelta(seconds=1))
        with pytest.raises(NotFound):
            await told(app, decision)

    async def test_with_the_store_away_it_waits(self, app):
        await publish(app, campaign())
        decision = await ask(app)
        commit, failing = app.documents.commit, [True]

        async def refuses(writes):
            from shared.clients.errors import StoreUnavailable

            if failing:
                failing.pop()
                raise StoreUnavailable
            return await commit(writes)

        app.documents.commit = refuses
        await app.decision_log._sending
        app.documents.commit = commit

        assert (await told(app, decision)).exact


class TestTold:
    async def test_the_trace_is_that_of_its_moment_whatever_has_changed_since(self, app):
        """Other versions, other reservations, other days: the verdicts and their values stay."""
        await publish(app, campaign(id="c_a"), campaign(id="c_b"), campaign(id="c_c", audience=BOSTON))
        then = await ask(app, ADMIN, explain=True)
        await answer(app, then.messages[0], "dismissed", ADMIN)
        await app.campaigns.change(
            ADMIN, "c_a", ChangeCampaign(content=Content(title="Other", body="words")), if_match="1"
        )
        await app.campaigns.archive(ADMIN, "c_b")
        app.clock.advance(3 * DAY)
        now = await told(app, then)

        assert now.exact
        assert now.trace == then.trace
        assert [row.campaign_version for row in now.trace] == [1, 1, 1]
        assert [(each.campaign_id, each.channel) for each in now.messages] == [("c_a", "banner")]
        assert now.next_check_in_seconds == then.next_check_in_seconds

    async def test_it_came_out_the_same_although_a_campaign_had_just_been_taken_out(self, app):
        """The page was asked back at its start, for nothing."""
        start = app.clock.now() + timedelta(minutes=5)
        await publish(app, campaign(id="c_a", scheduling=Scheduling(start_at=start)), campaign(id="c_b"))
        await app.catalog.current()
        await app.campaigns.archive(ADMIN, "c_a")
        decision = await ask(app)

        assert [each.campaign_id for each in decision.messages] == ["c_b"]
        assert (await told(app, decision)).exact

    async def test_the_values_compared_are_named(self, app):
        await publish(app, campaign(audience=BOSTON))
        row = (await told(app, await ask(app, ADMIN, explain=True))).trace[0]
        (check,) = [each for each in row.checks if each.check == "audience"]

        assert (check.passed, check.reason) == (False, "audience")
        (compared,) = check.comparisons
        assert (compared.wanted, compared.actual, compared.reason) == ("Boston", None, "unknown")

    async def test_an_organizer_sees_their_own_campaigns_and_nothing_of_the_person(self, app):
        await remember(app, Profile("uid-ana", "user", marketing_opt_in=True, tier="gold"))
        own = campaign(
            id="c_own", audience={"attribute": "person.tier", "op": "eq", "value": "gold"}, **TARGETED
        )
        await publish(app, own, campaign(id="c_site", priority=900))
        decision = await ask(app, ANA, page="/private")
        seen = await told(app, decision, LUCIA)

        assert [row.campaign_id for row in seen.trace] == ["c_own"]
        assert seen.asked is None
        assert seen.messages == []
        assert all(not check.actual for check in seen.trace[0].checks if check.check != "window")
        assert [each.actual for check in seen.trace[0].checks for each in check.comparisons] == [None]
        assert "uid-ana" not in seen.model_dump_json()
        assert (await told(app, decision)).asked.page == "/private"

    async def test_anothers_decision_does_not_exist(self, app):
        await publish(app, campaign(id="c_own", **TARGETED))
        decision = await ask(app, ADMIN, explain=True)

        for principal in (OTHER,):
            with pytest.raises(NotFound):
                await told(app, decision, principal)
        for ident in ("dec_nothing", "../x", "decisions"):
            with pytest.raises(NotFound):
                await app.history.get(ADMIN, ident)

    async def test_a_version_that_cannot_be_found_is_named(self, app):
        await app.catalog.current()
        app.catalog.apply(campaign(id="c_never_stored"))
        decision = await ask(app)
        app.catalog.apply(campaign(id="c_never_stored", version=2, status="paused"))
        found = await told(app, decision)

        assert (found.exact, found.missing, found.trace) == (False, ["c_never_stored"], [])


class TestDifference:
    async def test_what_other_campaigns_would_make_of_it(self, app):
        await publish(app, campaign(id="c_a"))
        decision = await ask(app, ANA)
        await app.campaigns.change(
            ADMIN, "c_a", ChangeCampaign(scheduling=Scheduling(start_at=app.clock.now() + DAY)), if_match="1"
        )
        (row,) = (await told(app, decision, with_today=True)).difference.campaigns

        assert (row.then.campaign_version, row.then.reason) == (1, "shown")
        assert (row.now.campaign_version, row.now.reason) == (2, "not_started")
        (check,) = row.checks
        assert (check.then.reason, check.now.reason) == ("open", "not_started")
        assert check.now.wanted["startAt"] == app.clock.now() + DAY

    async def test_what_the_person_as_they_are_now_would_be_shown(self, app):
        await publish(app, campaign(id="c_a"))
        decision = await ask(app, ANA)
        await answer(app, decision.messages[0], "dismissed", ANA)
        found = (await told(app, decision, with_today=True)).difference

        assert found.campaigns == []
        (row,) = found.person
        assert (row.then.reason, row.now.reason) == ("shown", "dismissed")

    async def test_nothing_differs_while_nothing_has_changed(self, app):
        await publish(app, campaign(id="c_a", audience=BOSTON))
        decision = await ask(app, ADMIN, explain=True)
        await remember(app, Profile("admin", "user", locale="en"))
        found = (await told(app, decision, with_today=True)).difference

        assert (found.campaigns, found.person) == ([], [])

    async def test_a_person_who_is_gone_cannot_be_compared(self, app):
        await publish(app, campaign())
        decision = await ask(app)
        await app.documents.commit(
            [
                app.profile_repository.removal(
                    await app.profile_repository.read(Person(known_as(app).key, "ip"))
                )
            ]
        )

        assert (await told(app, decision, with_today=True)).difference.person is None


class TestCost:
    async def test_what_is_in_memory_is_not_read_again(self, app):
        await publish(app, *(campaign(id=f"c_{number}") for number in range(20)))
        decision = await ask(app)
        await app.decision_log.drain()

        assert await cost(app.history.get(ADMIN, decision.decision_id)) == {"read": 2}
        await app.campaigns.archive(ADMIN, "c_7")
        assert await cost(app.history.get(ADMIN, decision.decision_id)) == {"read": 3}
        assert await cost(app.history.get(ADMIN, decision.decision_id, with_today=True)) == {"read": 4}


class TestErased:
    async def test_who_is_erased_is_in_no_decision(self, app):
        from shared.people.hooks import Subject

        await publish(app, campaign())
        await ask(app, ANA)
        await ask(app, Principal("uid-other"))
        assert len(await kept(app)) == 2
        for hook in app.person_hooks:
            await hook.erase(Subject("uid-ana"), app.clock.now())

        assert [each.data["personKey"] for each in await kept(app)] == ["uid-other"]


BOSTON = {"attribute": "person.home.city", "op": "eq", "value": "Boston"}
