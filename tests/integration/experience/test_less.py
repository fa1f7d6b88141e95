"""«Less of this»: who may say it, what it changes, and that it is exact."""

import asyncio
from dataclasses import replace

import pytest

from shared.experience.less.schemas import LessRequest
from shared.kernel.errors import Conflict, NotFound
from shared.messaging.campaigns.models import Channel
from shared.people.access import NOBODY, Principal
from shared.people.profiles.models import Profile
from shared.people.profiles.pressure import less_of
from tests.factories.app import sign_in
from tests.factories.experience import answer, ask, cost, profile_of, publish
from tests.factories.messaging import campaign

ANA = Principal("uid-ana")
ADMIN = Principal("admin", frozenset({"admin"}))
TARGETED = {"type": "organizer_targeted", "organizer_id": "org_1"}
TOAST = {"delivery_channels": [Channel.TOAST]}


@pytest.fixture(autouse=True)
async def ana(app):
    """Ana has opted in; no visit is left behind when the test ends."""
    profile = Profile("uid-ana", "user", marketing_opt_in=True)
    await app.documents.commit(app.profile_repository.writes(Profile("uid-ana", "user"), profile))
    yield
    await app.activity.drain()


async def less(app, message, principal=ANA, *, token=None):
    request = LessRequest(delivery_id=message.delivery_id, ack_token=token)
    return await app.less_of_this.ask(request, principal)


async def publish_many(app, number=12, **more):
    await publish(
        app, *(campaign(id=f"c_{index:02}", **(TARGETED | TOAST | more)) for index in range(number))
    )


async def shown_in_a_week(app, principal=ANA):
    shown = []
    for _ in range(12):
        for message in (await ask(app, principal)).messages:
            await answer(app, message, "seen", principal)
            shown.append(message)
    return shown


class TestWho:
    async def test_a_signed_in_reader_needs_no_token(self, app):
        await publish_many(app)
        told = await less(app, (await ask(app, ANA)).messages[0])

        assert (told.organizer_id, told.weight, told.interruptions_per_week) == ("org_1", 0.5, 2)
        assert less_of(await profile_of(app, "uid-ana")) == {"org_1": 0.5}

    async def test_a_visitor_needs_theirs(self, app):
        await publish_many(app)
        visitor = await profile_of(app)
        await app.documents.commit(
            app.profile_repository.writes(visitor, replace(visitor, marketing_opt_in=True))
        )
        message = (await ask(app)).messages[0]

        for token in (None, "wrong", message.ack_token[:-1] + "x"):
            with pytest.raises(NotFound):
                await less(app, message, NOBODY, token=token)
        assert (await less(app, message, NOBODY, token=message.ack_token)).weight == 0.5
        assert less_of(await profile_of(app)) == {"org_1": 0.5}

    async def test_anothers_message_does_not_exist(self, app):
        await publish_many(app)
        message = (await ask(app, ANA)).messages[0]

        with pytest.raises(NotFound):
            await less(app, message, Principal("uid-bob"))

    async def test_the_sites_own_messages_have_no_organizer(self, app):
        await publish(app, campaign())
        message = (await ask(app, ANA)).messages[0]

        with pytest.raises(Conflict, match="own") as refused:
            await less(app, message)
        assert refused.value.code == "not_of_an_organizer"


class TestEffect:
    async def test_of_one_message_it_counts_once(self, app):
        await publish_many(app)
        message = (await ask(app, ANA)).messages[0]
        told = [await less(app, message) for _ in range(3)]

        assert [each.weight for each in told] == [0.5, 0.5, 0.5]
        assert await cost(less(app, message)) == {"read": 2}

    async def test_sent_twenty_times_at_once_it_counts_once(self, app):
        await publish_many(app)
        message = (await ask(app, ANA)).messages[0]
        await asyncio.gather(*(less(app, message) for _ in range(5)))

        assert less_of(await profile_of(app, "uid-ana")) == {"org_1": 0.5}

    async def test_it_costs_two_reads_and_two_writes(self, app):
        await publish_many(app)
        message = (await ask(app, ANA)).messages[0]

        assert await cost(less(app, message)) == {"read": 2, "write": 2}

    @pytest.mark.parametrize(("times", "number"), [(0, 4), (1, 2), (2, 1), (3, 0)])
    async def test_the_organizers_messages_become_fewer(self, app, times, number):
        """Half of four a week is two, then one, then none; what was seen before counts."""
        weight = {0: 1, 1: 0.5, 2: 0.25, 3: 0}[times]
        profile = await profile_of(app, "uid-ana", visitor_id=None)
        wanting = replace(profile, preferences={"lessOf": {"org_1": weight}})
        await app.documents.commit(app.profile_repository.writes(profile, wanting) or [])
        await publish_many(app)

        assert len(await shown_in_a_week(app)) == number

    async def test_others_use_what_is_left(self, app):
        await publish_many(app)
        await publish(app, *(campaign(id=f"c_site_{number}", priority=0, **TOAST) for number in range(6)))
        for _ in range(3):
            messages = (await ask(app, ANA)).messages
            await answer(app, messages[0], "seen", ANA)
            if messages[0].campaign_id.startswith("c_site"):
                break
            await less(app, messages[0])
        rest = await shown_in_a_week(app)

        assert {message.campaign_id[:6] for message in rest} == {"c_site"}

    async def test_twenty_parallel_decisions_keep_to_the_share(self, app):
        profile = await profile_of(app, "uid-ana", visitor_id=None)
        wanting = replace(profile, preferences={"lessOf": {"org_1": 0.5}})
        await app.documents.commit(app.profile_repository.writes(profile, wanting))
        for index, channel in enumerate([Channel.BANNER, Channel.TOAST, Channel.SNACKBAR] * 3):
            await publish(app, campaign(id=f"c_{index}", **TARGETED, delivery_channels=[channel]))
        decisions = await asyncio.gather(*(ask(app, ANA) for _ in range(20)))

        assert sum(len(decision.messages) for decision in decisions) == 2

    async def test_the_trace_says_so_and_when_it_ends(self, app):
        profile = await profile_of(app, "admin", visitor_id=None)
        wanting = replace(profile, marketing_opt_in=True, preferences={"lessOf": {"org_1": 0.25}})
        await app.documents.commit(app.profile_repository.writes(profile, wanting))
        await publish_many(app, 2)
        await answer(app, (await ask(app, ADMIN)).messages[0], "seen", ADMIN)
        row = (await ask(app, ADMIN, explain=True)).trace[1]
        (check,) = [each for each in row.checks if each.check == "pressure"]

        assert (row.check, row.reason) == ("pressure", "less_of_this")
        assert (row.until - app.clock.now()).days == 7
        assert check.actual["ofOrganizer"]["interruptions"] == {"used": 1, "limit": 1}


async def test_over_http(app, client):
    await publish_many(app)
    token = sign_in(app, "uid-ana")
    shown = await client.post("/api/experience/decide", json={"releaseId": "r1"}, token=token)
    message = shown.json["messages"][0]
    path = "/api/people/me/less-of-this"

    told = await client.post(path, json={"deliveryId": message["deliveryId"]}, token=token)
    assert (told.status, told.json["weight"]) == (200, 0.5)
    refused = await client.post(path, json={"deliveryId": message["deliveryId"]})
    assert (refused.status, refused.code) == (404, "not_found")
    with_token = {"deliveryId": message["deliveryId"], "ackToken": message["ackToken"]}
    assert (await client.post(path, json=with_token)).status == 200
