"""Drafts tried on the real profiles: counts as decisions would make them, within a bounded number of reads."""

import random
import string
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.clients.documents.port import MAX_WRITES, Query
from shared.experience.simulate.answers import PER_MESSAGE
from shared.experience.simulate.schemas import SimulateRequest
from shared.kernel.clock import to_millis
from shared.kernel.errors import Conflict, Invalid, NotFound, TooManyRequests
from shared.messaging.campaigns.models import Channel, Scheduling
from shared.messaging.campaigns.schemas import ChangeCampaign
from shared.people.access import Principal
from shared.people.profiles.models import Home, Profile, Shown, Visits
from tests.factories.app import make_app, make_settings, sign_in
from tests.factories.examples import examples
from tests.factories.experience import answer, ask, cost, publish
from tests.factories.messaging import campaign

ADMIN = Principal("admin", frozenset({"admin"}))
LUCIA = Principal("lucia", frozenset({"organizer"}), frozenset({"org_1"}))
BOSTON = {"attribute": "person.home.city", "op": "eq", "value": "Boston"}
DRAFT = {"id": "c_draft", "status": "draft"}


async def populate(app, *profiles):
    """Store profiles as they are."""
    writes = [
        write
        for profile in profiles
        for write in app.profile_repository.writes(Profile(profile.person_key, profile.type), profile)
    ]
    for first in range(0, len(writes), MAX_WRITES):
        await app.documents.commit(writes[first : first + MAX_WRITES])


def person(number, **more):
    return Profile(f"uid{number:05}", "user", **({"locale": "en"} | more))


def visitor(number, **more):
    return Profile(f"v_{number * 7919 % 2**32:08x}{number:024x}", "ip", **({"locale": "en"} | more))


def uid(number):
    """As Firebase makes them: 28 random letters and digits."""
    return "".join(random.Random(number).choices(string.ascii_letters + string.digits, k=28))


async def simulate(app, ident="c_draft", principal=ADMIN, **body):
    return await app.simulations.simulate(principal, ident, SimulateRequest.model_validate(body))


def waterfall(found):
    return {row.check: (row.lost.value, row.left.value) for row in found.waterfall if row.lost.value}


class TestWaterfall:
    async def test_each_check_loses_its_own_in_order(self, app):
        now = app.clock.now()
        bostonian = {"home": Home(city="Boston")}
        full = tuple(Shown("toast", now - timedelta(days=1)) for _ in range(4))
        await publish(
            app, campaign(**DRAFT, type="organizer_targeted", organizer_id="org_1", audience=BOSTON)
        )
        await populate(
            app,
            *(person(number) for number in range(7)),
            *(person(number, marketing_opt_in=True) for number in range(10, 15)),
            *(person(number, marketing_opt_in=True, **bostonian) for number in range(20, 26)),
            *(person(number, marketing_opt_in=True, shown=full, **bostonian) for number in range(30, 33)),
            *(visitor(number) for number in range(4)),
        )
        found = await simulate(app)

        assert waterfall(found) == {"consent": (11, 14), "audience": (5, 9), "pressure": (3, 6)}
        assert found.would_see.value == 6
        assert found.sample.exact
        assert found.waterfall[0].check == "status"
        (reason,) = next(row for row in found.waterfall if row.check == "pressure").reasons
        assert (reason.reason, reason.lost.value) == ("weekly_budget", 3)

    async def test_more_urgent_campaigns_are_lost_to(self, app):
        await publish(
            app,
            campaign(**DRAFT, delivery_channels=[Channel.MODAL]),
            campaign(id="c_urgent", priority=900, delivery_channels=[Channel.MODAL], audience=BOSTON),
        )
        await populate(
            app, *(person(n) for n in range(3)), *(person(n, home=Home(city="Boston")) for n in range(5, 7))
        )

        assert waterfall(await simulate(app)) == {"competition": (2, 3)}

    async def test_changes_are_tried_and_not_stored(self, app):
        await publish(app, campaign(**DRAFT, audience=BOSTON))
        await populate(app, *(person(number) for number in range(3)))

        assert (await simulate(app)).would_see.value == 0
        assert (await simulate(app, campaign={"audience": None})).would_see.value == 3
        assert (await app.campaigns.get(ADMIN, "c_draft")).version == 1
        with pytest.raises(Invalid):
            await simulate(
                app, campaign={"audience": {"attribute": "person.shoeSize", "op": "eq", "value": 1}}
            )

    async def test_a_campaign_that_begins_later_is_tried_at_its_beginning(self, app):
        begins = app.clock.now() + timedelta(days=3)
        await publish(app, campaign(**DRAFT, scheduling=Scheduling(start_at=begins)))
        await populate(app, person(1))

        assert (await simulate(app)).at == begins
        assert waterfall(await simulate(app, at=app.clock.now())) == {"window": (1, 0)}

    async def test_the_page_may_be_given(self, app):
        await publish(app, campaign(**DRAFT, audience={"attribute": "release.id", "op": "eq", "value": "r9"}))
        await populate(app, person(1))

        assert (await simulate(app)).would_see.value == 0
        assert (await simulate(app, page={"releaseId": "r9"})).would_see.value == 1
        assert (await simulate(app, page={"releaseId": "r9", "channels": ["toast"]})).would_see.value == 0

    async def test_an_archived_campaign_does_not_change(self, app):
        await publish(app, campaign(**DRAFT | {"status": "archived"}))

        assert (await simulate(app)).would_see.value == 0
        with pytest.raises(Conflict):
            await simulate(app, campaign={"priority": 7})

    async def test_what_is_told_is_what_decisions_then_do(self, app):
        """Everybody who would see it, by their key, and nobody else is shown the campaign once it is active."""
        await publish(
            app, campaign(**DRAFT, audience=BOSTON, scheduling=Scheduling(max_deliveries_per_user=1))
        )
        await populate(app, *(person(n, home=Home(city="Boston" if n % 3 else "Rome")) for n in range(6)))
        found = await simulate(app)
        await app.campaigns.change(ADMIN, "c_draft", ChangeCampaign(status="active"), if_match="1")
        shown = [
            f"uid{n:05}"
            for n in range(6)
            if (await ask(app, Principal(f"uid{n:05}"), visitorId=None)).messages
        ]

        assert found.examples == shown
        assert found.would_see.value == len(shown) == 4


class TestSample:
    @pytest.fixture
    async def small(self, tmp_path):
        """An installation that reads at most 200 profiles, of 900."""
        app = make_app(
            folder=tmp_path, settings=make_settings(cabeceo_data=tmp_path, simulation_profiles=200)
        )
        await publish(app, campaign(**DRAFT, audience=BOSTON))
        await populate(
            app,
            *(visitor(n, home=Home(city="Boston" if n % 4 == 0 else "Rome")) for n in range(600)),
            *(
                replace(person(n, home=Home(city="Boston" if n % 2 else "Rome")), person_key=uid(n))
                for n in range(300)
            ),
        )
        yield app
        await app.close()

    async def test_reads_are_bounded_and_told(self, small):
        bill = await cost(simulate(small))
        found = await simulate(small)

        # the campaign, two counts, the profiles, and at most one look behind the end of each stratum
        assert 203 <= bill["read"] <= 205
        assert found.cost.simulation.model_dump() == {"reads": bill["read"], "writes": 0}
        assert (found.sample.profiles.value, found.sample.population.value) == (200, 900)
        assert not found.sample.exact
        assert (await simulate(small, sample=100)).sample.profiles.value == 100

    async def test_the_truth_lies_within_the_bounds(self, small):
        """300 of 900 live in Boston."""
        found = (await simulate(small)).would_see

        assert found.low <= 300 <= found.high
        assert found.high - found.low < 130

    async def test_the_same_campaign_gets_the_same_sample(self, small):
        one, other = await simulate(small), await simulate(small)
        await publish(small, campaign(**DRAFT | {"id": "c_other"}, audience=BOSTON))

        assert one == other
        assert (await simulate(small, "c_other")).examples != one.examples

    @settings(max_examples=examples(15), suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(seed=st.text("abcdef0123456789", min_size=1, max_size=8))
    async def test_nobody_is_read_twice_wherever_it_begins(self, small, seed):
        read = [
            profile.person_key async for profile in small.simulations._sample("ip", 150, {"ip": 600}, seed)
        ]

        assert len(read) == len(set(read)) == 150


class TestCost:
    async def test_a_message_costs_what_is_told(self, app):
        """Measured from decision to acknowledgement, beside a decision that shows nothing."""
        await ask(app, ADMIN)
        await app.decision_log.drain()
        nothing = await cost(ask(app, Principal("uid-1"), visitorId=None))
        app.catalog.apply(campaign())
        decision = []

        async def shown():
            decision.append(await ask(app, Principal("uid-2"), visitorId=None))

        deciding = await cost(shown()) - nothing
        keeping = await cost(app.decision_log.drain())
        reporting = await cost(answer(app, decision[0].messages[0], "seen", Principal("uid-2")))
        editions = len(await app.documents.query(Query("decisionEditions")))

        assert deciding["read"] + reporting["read"] == PER_MESSAGE.reads
        assert deciding["write"] + keeping["write"] - editions + reporting["write"] == PER_MESSAGE.writes

    async def test_it_is_told_for_the_first_day_and_for_everybody(self, app):
        day = timedelta(days=1)
        each = [to_millis(app.clock.now() - number * day) for number in range(28, 0, -1)]
        daily = Visits(tuple((at + 1, at + 2) for at in each))
        await publish(app, campaign(**DRAFT))
        await populate(
            app, *(person(number, visits=daily) for number in range(10)), *(person(n) for n in range(50, 55))
        )
        found = await simulate(app)

        assert (found.would_see.value, found.first_day.value) == (15, 6)
        assert found.cost.everybody.model_dump() == {"reads": 30, "writes": 75}
        assert found.cost.first_day.model_dump() == {"reads": 12, "writes": 30}

    async def test_it_may_not_be_asked_all_the_time(self, app):
        await publish(app, campaign(**DRAFT))
        for _ in range(app.settings.simulations_per_minute):
            await simulate(app)
        with pytest.raises(TooManyRequests):
            await simulate(app)
        app.clock.advance(timedelta(minutes=1))
        await simulate(app)


class TestOrganizers:
    OWN = DRAFT | {"type": "organizer_targeted", "organizer_id": "org_1"}

    async def test_they_see_no_small_number_and_nobody(self, app):
        opted = {"marketing_opt_in": True}
        await publish(app, campaign(**self.OWN, audience=BOSTON))
        await populate(
            app,
            *(person(number, **opted) for number in range(33)),
            *(person(number, home=Home(city="Boston"), **opted) for number in range(100, 112)),
        )
        found = await simulate(app, principal=LUCIA)
        rows = {row.check: (row.lost.text, row.left.text) for row in found.waterfall}

        assert rows["consent"] == ("0", "45")
        assert rows["audience"] == ("not told", "under 20")
        assert (found.would_see.value, found.would_see.text) == (None, "under 20")
        assert (found.examples, found.cost.everybody, found.cost.simulation) == ([], None, None)
        assert not any(row.reasons for row in found.waterfall)
        assert "12" not in found.model_dump_json(include={"waterfall", "would_see", "first_day", "examples"})

    async def test_larger_numbers_are_rounded(self, app):
        await publish(app, campaign(**self.OWN))
        await populate(app, *(person(number, marketing_opt_in=True) for number in range(63)))

        assert (await simulate(app, principal=LUCIA)).would_see.value == 65

    async def test_anothers_campaign_does_not_exist(self, app):
        await publish(
            app, campaign(**self.OWN | {"organizer_id": "org_2"}), campaign(id="c_site", status="draft")
        )
        for ident in ("c_draft", "c_site", "c_nothing"):
            with pytest.raises(NotFound):
                await simulate(app, ident, LUCIA)


async def test_over_http(app, client):
    await publish(app, campaign(**DRAFT, audience=BOSTON))
    await populate(app, person(1, home=Home(city="Boston")))
    path = "/api/messages/campaigns/c_draft/simulate"
    told = await client.post(path, json={}, token=sign_in(app, "admin", "admin"))

    assert (told.status, told.json["wouldSee"]) == (200, {"value": 1, "text": "1"})
    assert told.json["examples"] == ["uid00001"]
    assert (await client.post(path, json={}, token=sign_in(app, "uid-ana"))).status == 403
    assert (await client.post(path, json={})).status == 401
    wrong = await client.post(path, json={"sample": 1}, token=sign_in(app, "admin", "admin"))
    assert (wrong.status, wrong.json["errors"][0]["pointer"]) == (422, "/sample")
