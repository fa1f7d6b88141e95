"""Reactivation on a generated population of known answers."""

import random
from datetime import timedelta

import pytest

from shared.analytics.intake.metadata import REACHED
from shared.analytics.intake.models import Event
from shared.analytics.intake.rules import reached_key
from shared.analytics.reactivation import service
from shared.analytics.reactivation.repository import Messages, ReactivationRepository
from shared.clients.queues.port import ACTIVITY
from shared.kernel.clock import to_millis
from shared.kernel.telemetry import counted as billed
from shared.people.profiles.models import Visits
from tests.factories import broadcasts
from tests.factories.app import NOW, sign_in
from tests.factories.client import Client
from tests.factories.crowds import counted, dancer
from tests.factories.experience import work_off

PATH = "/api/analytics/reactivation"
PERIOD = "from=2026-10-01&to=2026-10-30&organizationId=org_1"
DAY = 86_400_000
BEGIN = to_millis(NOW.replace(month=10, day=1, hour=0))


def been(n, *days, **more):
    """Somebody who was there on these days, counted from the period's first, at noon."""
    visits = tuple((BEGIN + day * DAY + DAY // 2, BEGIN + day * DAY + DAY // 2) for day in days)
    return dancer(n, visits=Visits(visits), last_seen_at=visits[-1][0], **more)


def reached(n, day, campaign="b_1", organizer="org_1", channel="inbox"):
    told = {"campaignId": campaign, "channel": channel, "organizerId": organizer}
    key = reached_key(f"uid-{n}", REACHED, f"{campaign}{channel}{n}")
    return Event(key, REACHED, BEGIN + day * DAY + DAY // 3, f"uid-{n}", "user", "server", told)


def a_city(rng, size=600):
    """People, what reached them, and by hand who of them was dormant and came back, written to or not."""
    people, events = [], []
    known = {(written, back): 0 for written in (True, False) for back in (True, False)}
    for n in range(1, size + 1):
        away, written = rng.random() < 0.7, rng.random() < 0.4
        back = away and rng.random() < (0.5 if written else 0.2)
        last = -rng.randrange(40, 80) if away else -rng.randrange(1, 10)
        days = [last, *([rng.randrange(6, 19) if written else rng.randrange(13)] if back else [])]
        people.append(been(n, *days))
        if written:
            events += [reached(n, 5), reached(n, 15, "b_2")]
        if away:
            known[written, back] += 1
    return people, events, known


@pytest.fixture
async def operator(app):
    return sign_in(app, "op", "operator")


@pytest.fixture
async def organizer(app):
    return sign_in(app, "owner", "organizer", organizers=("org_1",))


async def told(client, token, query=PERIOD):
    reply = await client.get(f"{PATH}?{query}", token=token)
    assert reply.status == 200, reply.json
    return reply.json


def sizes(group):
    return group["dormant"]["value"], group["returned"]["value"]


async def test_the_figures_of_a_city_are_those_worked_out_by_hand(anywhere):
    client = Client(anywhere)
    people, events, known = a_city(random.Random(5))
    await counted(anywhere, people)
    await anywhere.ingest.apply("b_1", events)
    found = await told(client, sign_in(anywhere, "op", "operator"))
    for group, written in (("reached", True), ("comparison", False)):
        back, away = known[written, True], known[written, False]
        assert sizes(found[group]) == (back + away, back)
        assert found[group]["rate"]["value"] == round(back / (back + away), 4)
    assert found["difference"]["low"] > 0.15
    assert (found["exact"], found["bound"], found["complete"]) == (True, 0, True)


async def test_who_is_written_to_again_while_away_is_asked_about_once(app, client, operator):
    await counted(app, [been(1, -60, 27)])
    await app.ingest.apply("b", [reached(1, 5), reached(1, 25, "b_2")])
    assert sizes((await told(client, operator))["reached"]) == (1, 0)
    only = await told(client, operator, PERIOD + "&campaignId=b_2")
    assert sizes(only["reached"]) == (1, 1)
    assert sizes((await told(client, operator, PERIOD + "&channel=push"))["reached"]) == (0, 0)
    assert sizes((await told(client, operator, PERIOD + "&withinDays=30"))["reached"]) == (1, 1)


async def test_nobody_is_compared_with_whom_others_wrote_to(app, client, operator):
    await counted(
        app, [been(1, -60), been(2, -60), been(3, -60, bot="headless"), been(4, -60, person_type="ip")]
    )
    await app.ingest.apply("b", [reached(1, 5, organizer="org_2")])
    found = await told(client, operator)
    assert (sizes(found["reached"]), sizes(found["comparison"])) == ((0, 0), (1, 0))


async def test_organizers_learn_of_their_own_messages_and_of_nobody_in_particular(app, client, organizer):
    people, events, known = a_city(random.Random(5))
    await counted(app, people)
    await app.ingest.apply("b_1", [*events, *(reached(n, 3, organizer="org_2") for n in range(1, 30))])
    found = await told(client, organizer, PERIOD.removesuffix("&organizationId=org_1"))
    assert found["organizationId"] == "org_1"
    back, away = known[True, True], known[True, False]
    for number, real in zip(sizes(found["reached"]), (back + away, back), strict=True):
        assert number % 5 == 0
        assert abs(number - real) <= found["bound"]
    few = await told(client, organizer, PERIOD + "&campaignId=b_3")
    assert few["reached"] == {
        "dormant": {"text": "under 20"},
        "returned": {"text": "under 20"},
    }
    assert "difference" not in few
    assert (await client.get(f"{PATH}?organizationId=org_2", token=organizer)).status == 404


async def test_of_very_many_a_fair_sample_is_asked_about(anywhere, monkeypatch):
    monkeypatch.setattr("shared.analytics.reactivation.repository.MOST_ROWS", 300)
    monkeypatch.setattr(service, "MOST_COMPARED", 200)
    people, events, known = a_city(random.Random(5), size=1500)
    await counted(anywhere, people)
    await anywhere.ingest.apply("b_1", events)
    found = await told(Client(anywhere), sign_in(anywhere, "op", "operator"))
    assert found["exact"] is False
    for group, written in (("reached", True), ("comparison", False)):
        back, away = known[written, True], known[written, False]
        assert found[group]["rate"]["low"] <= back / (back + away) <= found[group]["rate"]["high"]
        assert abs(found[group]["dormant"]["value"] - back - away) < 0.25 * (back + away)


async def test_a_question_costs_few_operations(app, client, organizer):
    people, events, _ = a_city(random.Random(5))
    await counted(app, people)
    await app.ingest.apply("b_1", events)
    with billed() as bill:
        await told(client, organizer)
    # two a month, the people twice, whom others wrote to, the manifest, two sets, two sizes told
    assert bill["mongo"] <= 13
    assert bill["write"] == 0


async def test_a_period_is_of_days_whose_rows_are_kept(app, client, operator):
    await counted(app, [been(1, -60)])
    for bad in ("from=2026-01-01", "from=2026-10-09&to=2026-10-08", "withinDays=0", "from=x", "channel=sms"):
        assert (await client.get(f"{PATH}?{bad}", token=operator)).status == 422, bad
    assert (await told(client, operator, ""))["complete"] is True
    assert (await told(client, operator, "from=2026-11-10&to=2026-11-20"))["complete"] is False


async def test_nothing_is_told_before_anybody_was_counted(client, operator):
    assert (await client.get(PATH, token=operator)).status == 503


async def test_a_broadcast_tells_whom_it_reached_once(app, client, operator):
    await broadcasts.in_tier(app, "gold")
    await broadcasts.crowd(app, 450)
    people = [dancer(n + 1, person_key=f"uid-{n:06}") for n in range(450)]
    await counted(app, people)
    ended = await broadcasts.run(app, (await broadcasts.send(app)).id)
    await broadcasts.run(app, ended.id)
    await work_off(app, ACTIVITY)
    repository = ReactivationRepository(app.analytics)
    now = app.clock.now()
    span = Messages(now - timedelta(days=1), now + timedelta(days=1), campaign_id=ended.id)
    reach = await repository.reach(span)
    assert ended.progress.delivered == {"inbox": 450}
    assert set(reach.moments) == {person.person_key for person in people}
    assert all(len(moments) == 1 for moments in reach.moments.values())
