"""Granting roles: four places that agree in the end, whoever dies in between."""

from datetime import timedelta

import azure.functions as func
import pytest

from dev.demo.campaigns import NEW_ORGANIZER
from shared.clients.documents.port import Query
from shared.kernel.envelope import BadEnvelope, Envelope, envelope
from shared.messaging.campaigns.content import Content, Step
from shared.messaging.campaigns.models import Channel, Metadata
from shared.people.access import Principal
from shared.people.profiles.schemas import RolesPut
from shared.people.roles import CHECK_AFTER_SECONDS, RoleGrants
from tests.factories.app import sign_in
from tests.factories.experience import (
    WORKERS,
    Killed,
    Life,
    Mortal,
    answer,
    ask,
    function,
    profile_of,
    publish,
    work_off,
)
from tests.factories.messaging import campaign
from tests.factories.queues import FaultyQueues

URL = "/api/people/uid-lucia/roles"
ORGANIZER = {"roles": ["organizer"], "organizerIds": ["org_1"]}


@pytest.fixture(autouse=True)
def lucia(app):
    return sign_in(app, "uid-lucia")


@pytest.fixture
def admin(app):
    return sign_in(app, "uid-admin", "admin")


async def audit(app):
    return [entry.data for entry in await app.documents.query(Query("auditTrail"))]


async def signals(app):
    """What is to be heard at once, by kind; each is left as it was."""
    messages = await app.queues.receive("signals", limit=32, visibility_seconds=1)
    app.clock.advance(timedelta(seconds=2))
    return [Envelope.decode(message.body).kind for message in messages]


async def hear(app, times=1):
    """A minute passes, and the worker hears everything."""
    app.clock.advance(timedelta(seconds=CHECK_AFTER_SECONDS))
    await work_off(app, "signals", times=times)


async def agree(app, roles, organizers):
    """Directory and profile say the same, and the other areas were told."""
    claims = (await app.directory.account("uid-lucia")).claims
    profile = await profile_of(app, "uid-lucia")

    assert (claims["roles"], claims["organizerIds"]) == (roles, organizers)
    assert (list(profile.roles), list(profile.organizer_ids)) == (roles, organizers)
    assert profile.role_signalled_at == profile.role_changed_at


class TestGrant:
    async def test_claims_profile_audit_and_signal(self, client, app, admin):
        reply = await client.put(URL, json=ORGANIZER, token=admin)

        assert reply.status == 200
        assert reply.json["personKey"] == "uid-lucia"
        assert (reply.json["roles"], reply.json["organizerIds"]) == (["organizer"], ["org_1"])
        await agree(app, ["organizer"], ["org_1"])
        (entry,) = await audit(app)
        assert entry["kind"] == "role.changed"
        assert entry["detail"]["after"] == ORGANIZER
        assert entry["detail"]["before"] == {"roles": [], "organizerIds": []}
        assert await signals(app) == ["role.changed"]

    async def test_the_audit_names_people_by_aliases_only(self, client, app, admin):
        await client.put(URL, json=ORGANIZER, token=admin)
        (entry,) = await audit(app)

        assert entry["actor"] == (await profile_of(app, "uid-admin")).alias
        assert entry["subject"] == (await profile_of(app, "uid-lucia")).alias
        assert "uid-" not in str(entry)

    async def test_the_same_again_changes_nothing(self, client, app, admin):
        first = await client.put(URL, json=ORGANIZER, token=admin)
        app.clock.advance(timedelta(seconds=5))
        again = await client.put(URL, json={**ORGANIZER, "roles": ["organizer", "organizer"]}, token=admin)

        assert again.json == first.json
        assert len(await audit(app)) == 1
        assert await signals(app) == ["role.changed"]

    async def test_the_same_again_sends_the_signal_that_was_not_sent(self, app):
        app.queues = queues = FaultyQueues(app.queues)
        send, sent = queues.send, []

        async def away(queue, body, **more):
            sent.append(body)
            if "role.changed" in body:
                queues.down = True
            return await send(queue, body, **more)

        queues.send = away
        with pytest.raises(Exception, match="refused"):
            await app.role_grants.grant("uid-admin", "uid-lucia", RolesPut.model_validate(ORGANIZER))
        queues.down, queues.send = False, send
        assert await signals(app) == []

        await app.role_grants.grant("uid-admin", "uid-lucia", RolesPut.model_validate(ORGANIZER))
        assert await signals(app) == ["role.changed"]
        assert len(await audit(app)) == 1

    async def test_what_is_taken_away_ends_the_sessions_that_carry_it(self, client, app, admin):
        await client.put(URL, json={"roles": ["admin"]}, token=admin)
        token = app.issuer.token("uid-lucia", age=30)
        assert (await client.put(URL, json={"roles": ["admin"]}, token=token)).status == 200

        app.clock.advance(timedelta(seconds=90))
        await client.put(URL, json={"roles": []}, token=admin)
        app.clock.advance(timedelta(seconds=61))
        assert (await client.put(URL, json={"roles": ["admin"]}, token=token)).status == 401
        await agree(app, [], [])

    async def test_other_claims_of_the_account_stay(self, client, app, admin):
        app.issuer.create("uid-lucia", claims={"beta": True})
        await client.put(URL, json=ORGANIZER, token=admin)

        assert (await app.directory.account("uid-lucia")).claims == {**ORGANIZER, "beta": True}

    @pytest.mark.parametrize("key", ["nobody", "v_" + "0" * 32, "__all__", "x" * 200])
    async def test_an_account_that_does_not_exist(self, client, admin, key):
        assert (await client.put(f"/api/people/{key}/roles", json=ORGANIZER, token=admin)).status == 404

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"roles": ["root"]},
            {"roles": "admin"},
            {"roles": [], "organizerIds": ["a/b"]},
            {"roles": [], "tier": 1},
        ],
    )
    async def test_what_does_not_fit(self, client, admin, body):
        assert (await client.put(URL, json=body, token=admin)).status == 422

    async def test_claims_that_do_not_fit_in_a_token(self, client, admin):
        body = {"roles": [], "organizerIds": [f"{number:02}" + "x" * 60 for number in range(20)]}
        reply = await client.put(URL, json=body, token=admin)

        assert (reply.status, reply.json["errors"][0]["pointer"]) == (422, "/organizerIds")

    async def test_only_admins_grant(self, client, app, lucia):
        assert (await client.put(URL, json=ORGANIZER)).status == 401
        assert (await client.put(URL, json=ORGANIZER, token=lucia)).status == 403
        operator = sign_in(app, "uid-op", "operator", "organizer")
        assert (await client.put(URL, json=ORGANIZER, token=operator)).status == 403


class TestWorker:
    @pytest.mark.parametrize("times", [1, 2])
    async def test_it_hears_a_finished_grant_and_has_nothing_to_do(self, client, app, admin, times):
        await client.put(URL, json=ORGANIZER, token=admin)
        await work_off(app, "signals")
        before = await profile_of(app, "uid-lucia")
        await hear(app, times)

        assert await profile_of(app, "uid-lucia") == before
        assert len(await audit(app)) == 1

    @pytest.mark.parametrize("calls", range(16))
    async def test_a_grant_that_died_anywhere_is_finished(self, app, calls):
        """Either nothing has happened, or a minute later everything has: without its caller, once each."""
        await self._interrupted(app, calls)
        await hear(app, times=2)
        claims = (await app.directory.account("uid-lucia")).claims

        if claims["roles"]:
            await agree(app, ["organizer"], ["org_1"])
            (entry,) = await audit(app)
            assert entry["actor"] == (await profile_of(app, "uid-admin")).alias
        else:
            assert (await profile_of(app, "uid-lucia")).roles == ()

    @pytest.mark.parametrize("calls", range(16))
    async def test_the_same_put_again_finishes_it_as_well(self, app, calls):
        await self._interrupted(app, calls)
        await app.role_grants.grant("uid-admin", "uid-lucia", RolesPut.model_validate(ORGANIZER))

        await agree(app, ["organizer"], ["org_1"])
        assert len(await audit(app)) == 1
        await hear(app)
        await agree(app, ["organizer"], ["org_1"])
        assert len(await audit(app)) == 1

    async def test_roles_set_in_the_directory_itself_are_carried_over(self, app):
        app.issuer.create("uid-lucia", claims=ORGANIZER)
        check = envelope("role.check", "sig_1", "uid-lucia", app.clock.now(), {})
        await app.queues.send("signals", check.encode())
        await hear(app)

        await agree(app, ["organizer"], ["org_1"])
        assert [entry["actor"] for entry in await audit(app)] == ["directory"]

    async def test_an_account_that_is_gone_is_no_error(self, app):
        signal = envelope("role.changed", "sig_1", "uid-gone", app.clock.now(), {})
        await app.queues.send("signals", signal.encode())
        await hear(app)

        assert (await profile_of(app, "uid-gone")).update_time is None

    async def test_a_grant_of_a_minute_ago_does_not_bring_back_who_was_erased_since(
        self, client, app, admin, lucia
    ):
        await client.put(URL, json=ORGANIZER, token=admin)
        app.clock.advance(timedelta(seconds=1))
        await client.post("/api/people/me/erasure", token=lucia)
        await app.job_runner.run_due()
        await hear(app, times=2)

        assert (await profile_of(app, "uid-lucia")).update_time is None

    async def test_an_unknown_signal_goes_to_the_poison_queue(self, app):
        signal = envelope("no.such", "sig_1", "uid-lucia", app.clock.now(), {})
        with pytest.raises(BadEnvelope):
            await function(*WORKERS["signals"])(func.QueueMessage(id="m", body=signal.encode().encode()))

    async def _interrupted(self, app, calls):
        life = Life(calls)
        grants = RoleGrants(
            repository=type(app.profile_repository)(Mortal(app.documents, life), app.ids),
            erasures=app.erasures,
            directory=Mortal(app.directory, life),
            queues=Mortal(app.queues, life),
            clock=app.clock,
            ids=app.ids,
        )
        try:
            await grants.grant("uid-admin", "uid-lucia", RolesPut.model_validate(ORGANIZER))
        except Killed:
            assert calls < 15
        else:
            assert calls > 8


class TestNextDecision:
    async def test_a_new_organizer_is_shown_the_helper_with_the_token_they_had(self, client, app, admin):
        """The profile is what counts, not the token of before: nobody has to sign in anew."""
        steps = Content(title="Welcome", body="Step by step.", steps=[Step(title="One", body="First.")])
        helper = campaign(
            id="c_helper",
            content=steps,
            delivery_channels=[Channel.HELPER],
            metadata=Metadata(role_requirement="organizer"),
        )
        await publish(app, helper)
        before = app.issuer.token("uid-lucia")
        body = {"releaseId": "r1"}
        decide = "/api/experience/decide"
        assert (await client.post(decide, json=body, token=before)).json["messages"] == []

        await client.put(URL, json=ORGANIZER, token=admin)
        (message,) = (await client.post(decide, json=body, token=before)).json["messages"]
        assert (message["campaignId"], message["channel"]) == ("c_helper", "helper")

        app.clock.advance(timedelta(seconds=1))
        assert (await client.put(URL, json={"roles": []}, token=admin)).status == 200
        app.clock.advance(timedelta(hours=25))
        later = app.issuer.token("uid-lucia", claims={"roles": ["organizer"]})
        assert (await client.post(decide, json=body, token=later)).json["messages"] == []
        await app.activity.drain()

    async def test_and_sees_it_at_once_however_much_they_were_shown_this_week(self, client, app):
        """As the demo declares it: what answers a grant does not wait for the pressure budget, which counts it."""
        helper = campaign(
            id="c_helper",
            **{name: getattr(NEW_ORGANIZER, name) for name in NEW_ORGANIZER.model_fields_set},
        )
        others = [campaign(id=f"c_{number}", delivery_channels=[Channel.MODAL]) for number in range(5)]
        await publish(app, helper, *others)
        lucia = Principal("uid-lucia")
        for _ in range(4):
            for message in (await ask(app, lucia)).messages:
                await answer(app, message, "dismissed", lucia)
            app.clock.advance(timedelta(days=1))
        assert (await ask(app, lucia)).messages == []

        granted = await client.put(URL, json=ORGANIZER, token=sign_in(app, "uid-admin", "admin"))
        assert granted.status == 200
        (message,) = (await ask(app, lucia)).messages
        assert (message.campaign_id, message.channel) == ("c_helper", "helper")
        await answer(app, message, "acknowledged", lucia)
        assert len((await profile_of(app, "uid-lucia")).shown) == 5
