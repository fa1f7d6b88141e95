"""Rollouts and experiments as pages meet them: who is shown which words, and that they stay."""

from datetime import timedelta

import pytest

from blueprints.experience import decide_http
from blueprints.messaging import campaigns_http
from blueprints.ops import zz_fallback_http
from shared.messaging.campaigns.content import Content
from shared.messaging.campaigns.models import Scheduling
from shared.messaging.deliveries.rules import payload_hash
from shared.messaging.experiments.models import ContentOverride, Experiment, Rollout, Variant
from shared.messaging.experiments.rules import assign, content_for
from shared.people.access import Principal
from tests.factories.app import sign_in
from tests.factories.client import Client
from tests.factories.experience import answer, ask, cost, profile_of, publish
from tests.factories.messaging import CONTENT, campaign, campaign_body

PAIR = Experiment(
    key="greeting",
    variants=[
        Variant(key="plain"),
        Variant(key="warm", content=ContentOverride(title="Your milonga tonight")),
    ],
)
ADMIN = Principal("admin", frozenset({"admin"}))


@pytest.fixture(autouse=True)
async def drained(app):
    """No visit is left behind when the test ends."""
    yield
    await app.activity.drain()


def visitors(number):
    return [f"01JD3K8M5V7Q9X2R4T6W8Y0{place:03}" for place in range(number)]


async def test_people_are_dealt_variants_and_read_their_words(app):
    await publish(app, campaign(experiment=PAIR))
    read = {}
    for visitor in visitors(30):
        (message,) = (await ask(app, visitorId=visitor)).messages
        place = (await profile_of(app, visitor_id=visitor)).bucket_id
        dealt = assign("c_test", None, PAIR, place).variant
        delivery = await app.deliveries.get(message.delivery_id)
        read[message.variant] = message.content.title

        assert message.variant == dealt.key
        assert delivery.payload_hash == payload_hash(content_for(CONTENT, dealt))
        assert delivery.dispatch_context["experiment"]["variant"] == dealt.key
        assert place not in str(delivery.dispatch_context)
    assert read == {"plain": "Milonga tonight", "warm": "Your milonga tonight"}


async def test_a_variant_stays_through_showings_epochs_and_edits(app):
    often = Scheduling(max_deliveries_per_user=9)
    await publish(app, campaign(experiment=PAIR, rollout=Rollout(share=1), scheduling=often))
    first = (await ask(app)).messages[0]
    await answer(app, first, "dismissed")

    for epoch in range(3):
        app.clock.advance(app.settings.epoch - timedelta(days=1))
        edited = campaign(
            experiment=PAIR, version=2 + epoch, scheduling=often, content=Content(title=f"{epoch}", body="B")
        )
        app.catalog.apply(edited)
        (message,) = (await ask(app)).messages
        await answer(app, message, "dismissed")
        assert message.variant == first.variant
        assert message.campaign_version == 2 + epoch


async def test_who_is_outside_is_shown_nothing_and_told_why(app):
    await publish(
        app,
        campaign(id="c_rollout", rollout=Rollout(share=0)),
        campaign(id="c_coverage", experiment=PAIR.model_copy(update={"coverage": 0})),
    )
    decision = await ask(app, ADMIN, explain=True)

    assert decision.messages == []
    assert {row.campaign_id: (row.check, row.reason) for row in decision.trace} == {
        "c_rollout": ("rollout", "outside_rollout"),
        "c_coverage": ("experiment", "outside_coverage"),
    }


async def test_splitting_costs_no_operation(app):
    await publish(app, campaign(experiment=PAIR, rollout=Rollout(share=1)))
    await ask(app, Principal("somebody"))

    assert await cost(ask(app, Principal("uid-ana"), visitorId=None)) == {"read": 1, "write": 2}
    assert await cost(ask(app, Principal("uid-ana"), visitorId=None)) == {"read": 1}


async def test_a_campaign_can_follow_an_experiment(app):
    """Whoever is dealt the warm words is also shown what goes with them."""
    for_warm = {"attribute": "person.experiments", "op": "contains", "value": "greeting:warm"}
    await publish(
        app,
        campaign(id="c_split", experiment=PAIR, delivery_channels=["modal"]),
        campaign(id="c_follow", audience=for_warm, delivery_channels=["toast"]),
    )
    followed = set()
    for visitor in visitors(30):
        shown = {message.campaign_id: message for message in (await ask(app, visitorId=visitor)).messages}
        followed.add((shown["c_split"].variant, "c_follow" in shown))

    assert followed == {("plain", False), ("warm", True)}


async def test_over_http_an_answer_names_its_variant(app):
    client = Client(app, campaigns_http.bp, decide_http.bp, zz_fallback_http.bp)
    body = campaign_body(
        rollout={"share": 1},
        experiment={
            "key": "k",
            "variants": [{"key": "a", "weight": 0}, {"key": "b", "weight": 1, "content": {"body": "B"}}],
        },
        status="active",
    )
    made = await client.post("/api/messages/campaigns", json=body, token=sign_in(app, "admin", "admin"))
    asked = {"releaseId": "r1", "visitorId": "01JD3K8M5V7Q9X2R4T6W8Y0Z1A"}
    (message,) = (await client.post("/api/experience/decide", json=asked)).json["messages"]

    assert message["campaignId"] == made.json["id"]
    assert (message["variant"], message["content"]["body"]) == ("b", "B")
