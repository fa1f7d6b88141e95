"""Preferences over HTTP, and what decisions make of them."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.messaging.campaigns.models import Channel
from shared.people.access import Principal
from shared.people.consent.rules import allowed
from shared.people.preferences.rules import asks, refusal, refused
from shared.people.preferences.schemas import Preferences
from shared.people.profiles.models import Profile
from tests.factories.app import sign_in
from tests.factories.experience import answer, ask, cost, profile_of, publish
from tests.factories.messaging import campaign

URL = "/api/people/me/preferences"
ANA = Principal("uid-ana")
DEFAULTS = {
    "organizerMessages": "on",
    "mutedOrganizers": [],
    "optOuts": [],
    "lessOf": {},
    "quietHours": {"start": "21:00", "end": "08:00"},
}


@pytest.fixture
def ana(app):
    return sign_in(app, "uid-ana")


@pytest.fixture(autouse=True)
async def drained(app):
    yield
    await app.activity.drain()


class TestDocument:
    async def test_who_never_set_any_has_the_defaults(self, client, ana):
        reply = await client.get(URL, token=ana)

        assert (reply.status, reply.json) == (200, DEFAULTS)

    async def test_the_whole_document_is_replaced(self, client, ana):
        body = {
            "organizerMessages": "off",
            "mutedOrganizers": ["org_1"],
            "optOuts": [{"programme": "events", "channel": "sms"}],
            "lessOf": {"org_2": 0.5},
            "quietHours": {"start": "20:00", "end": "10:30"},
        }
        put = await client.put(URL, json=body, token=ana)
        assert (put.status, put.json) == (200, body)
        assert (await client.get(URL, token=ana)).json == body

        put = await client.put(URL, json={"lessOf": {"org_2": 0}}, token=ana)
        assert put.json == DEFAULTS | {"lessOf": {"org_2": 0.0}}

    async def test_it_is_kept_in_few_words(self, client, app, ana):
        """Each once, in order, and nothing that something wider covers or that says nothing."""
        body = {
            "mutedOrganizers": ["org_2", "org_1", "org_2"],
            "optOuts": [{"programme": "events", "channel": "sms"}, {"programme": "events"}] * 2,
            "lessOf": {"org_2": 1, "org_1": 0.25},
        }
        put = await client.put(URL, json=body, token=ana)

        assert put.json["mutedOrganizers"] == ["org_1", "org_2"]
        assert put.json["optOuts"] == [{"programme": "events"}]
        assert put.json["lessOf"] == {"org_1": 0.25}
        assert (await profile_of(app, "uid-ana")).preferences == {
            "mutedOrganizers": ["org_1", "org_2"],
            "optOuts": [{"programme": "events"}],
            "lessOf": {"org_1": 0.25},
        }

    async def test_another_devices_change_is_not_overwritten(self, client, ana):
        first = await client.get(URL, token=ana)
        match = {"If-Match": first.headers["ETag"]}
        assert (
            await client.put(URL, json={"organizerMessages": "off"}, token=ana, headers=match)
        ).status == 200
        late = await client.put(URL, json={}, token=ana, headers=match)

        assert (late.status, late.code) == (412, "precondition_failed")
        assert (await client.get(URL, token=ana)).json["organizerMessages"] == "off"
        assert (
            await client.get(URL, token=ana, headers={"If-None-Match": first.headers["ETag"]})
        ).status == 200

    async def test_of_two_at_once_one_is_told(self, client, ana):
        etag = (await client.get(URL, token=ana)).headers["ETag"]
        bodies = [{"organizerMessages": "off"}, {"mutedOrganizers": ["org_1"]}]
        replies = await asyncio.gather(
            *(client.put(URL, json=body, token=ana, headers={"If-Match": etag}) for body in bodies)
        )

        assert sorted(reply.status for reply in replies) == [200, 412]

    async def test_it_costs_a_read_and_a_write(self, client, ana):
        await client.put(URL, json={"organizerMessages": "off"}, token=ana)

        assert await cost(client.put(URL, json={}, token=ana)) == {"read": 1, "write": 1}
        assert await cost(client.get(URL, token=ana)) == {"read": 1}
        assert await cost(client.put(URL, json={}, token=ana)) == {"read": 1}

    async def test_followers_are_told_of_who_falls_silent(self, client, app, ana):
        """A broadcast reads the followers of an organizer, not each of their profiles."""
        for organizer in ("org_1", "org_2"):
            assert (await client.put(f"/api/people/me/favorites/{organizer}", token=ana)).status == 204

        async def silent():
            pages = [await app.favorites.followers_page(name) for name in ("org_1", "org_2")]
            return [follower.muted for page in pages for follower in page.items]

        heard = []
        for body in ({}, {"mutedOrganizers": ["org_2"]}, {"organizerMessages": "off"}, {}):
            await client.put(URL, json=body, token=ana)
            heard.append(await silent())
        assert heard == [[False, False], [False, True], [True, True], [False, False]]

    async def test_what_is_sent_asks_for_it_as_well(self, client, app, ana):
        await client.put("/api/people/me/favorites/org_1", token=ana)
        reasons = []
        for body in ({"mutedOrganizers": ["org_1"]}, {"optOuts": [{"programme": "organizers"}]}, {}):
            await client.put(URL, json=body, token=ana)
            profile = await profile_of(app, "uid-ana")
            reasons.append(allowed(profile, "organizers", "inbox", organizer_id="org_1").reason)

        assert reasons == ["organizer_muted", "opted_out", None]

    async def test_nothing_in_it_grants(self, client, app, ana):
        await client.put(URL, json={}, token=ana)
        profile = await profile_of(app, "uid-ana")

        assert (profile.marketing_opt_in, profile.favorites) == (False, ())

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({"marketingOptIn": True}, "/marketingOptIn"),
            ({"organizerMessages": "more"}, "/organizerMessages"),
            ({"mutedOrganizers": ["a/b"]}, "/mutedOrganizers/0"),
            ({"mutedOrganizers": [f"org_{n}" for n in range(201)]}, "/mutedOrganizers"),
            ({"optOuts": [{"programme": "system"}]}, "/optOuts/0/programme"),
            ({"optOuts": [{"programme": "events", "channel": "modal"}]}, "/optOuts/0/channel"),
            ({"lessOf": {"org_1": 1.5}}, "/lessOf/org_1"),
            ({"lessOf": {"org_1": -0.1}}, "/lessOf/org_1"),
            ({"lessOf": {f"org_{n}": 0.5 for n in range(101)}}, "/lessOf"),
            ({"quietHours": {"start": "22:00", "end": "08:00"}}, "/quietHours"),
            ({"quietHours": {"start": "21:00", "end": "07:59"}}, "/quietHours"),
            ({"quietHours": {"start": "12:00", "end": "12:00"}}, "/quietHours"),
            ({"quietHours": {"start": "9 pm"}}, "/quietHours/start"),
        ],
    )
    async def test_what_does_not_fit_is_refused_with_its_place(self, client, ana, body, pointer):
        reply = await client.put(URL, json=body, token=ana)

        assert reply.status == 422
        assert reply.json["errors"][0]["pointer"] == pointer

    async def test_a_key_that_is_no_organizer_is_refused(self, client, ana):
        assert (await client.put(URL, json={"lessOf": {"a.b/$c": 0.5}}, token=ana)).status == 422

    async def test_one_must_be_signed_in(self, client):
        assert (await client.get(URL)).status == 401
        assert (await client.put(URL, json={})).status == 401


class TestDecisions:
    """A paid campaign of org_1 for everyone who opted in, and a notice of the site itself."""

    @pytest.fixture(autouse=True)
    async def campaigns(self, app):
        paid = campaign(
            id="c_paid", type="organizer_targeted", organizer_id="org_1", delivery_channels=[Channel.TOAST]
        )
        await publish(app, paid, campaign(id="c_site"))
        profile = Profile("uid-ana", "user", marketing_opt_in=True)
        await app.documents.commit(app.profile_repository.writes(Profile("uid-ana", "user"), profile))

    @pytest.mark.parametrize(
        ("preferences", "reason"),
        [
            ({}, None),
            ({"mutedOrganizers": ["org_2"]}, None),
            ({"optOuts": [{"programme": "marketing", "channel": "push"}]}, None),
            ({"optOuts": [{"programme": "events"}]}, None),
            ({"quietHours": {"start": "20:00"}}, None),
            ({"mutedOrganizers": ["org_1"]}, "organizer_muted"),
            ({"organizerMessages": "off"}, "organizer_messages_off"),
            ({"optOuts": [{"programme": "marketing"}]}, "opted_out"),
            ({"optOuts": [{"programme": "marketing", "channel": "inbox"}]}, "opted_out"),
            ({"lessOf": {"org_1": 0}}, "less_of_this"),
        ],
    )
    async def test_what_is_not_wanted_is_not_shown_and_says_why(self, client, app, ana, preferences, reason):
        await client.put(URL, json=preferences, token=ana)
        plain = [
            message.campaign_id
            for message in (await ask(app, ANA, visitorId=None, channels=["toast"])).messages
        ]
        admin = Principal("uid-ana", frozenset({"admin"}))
        trace = (await ask(app, admin, visitorId=None, explain=True)).trace
        (row,) = [row for row in trace if row.campaign_id == "c_paid"]

        assert plain == ([] if reason else ["c_paid"])
        assert row.reason == (reason or "reserved")

    async def test_the_sites_own_messages_are_untouched(self, client, app, ana):
        body = {
            "organizerMessages": "off",
            "optOuts": [{"programme": p} for p in ("organizers", "events", "marketing")],
        }
        await client.put(URL, json=body, token=ana)

        assert [m.campaign_id for m in (await ask(app, ANA, visitorId=None)).messages] == ["c_site"]

    async def test_a_change_of_mind_counts_at_once(self, client, app, ana):
        await client.put(URL, json={"mutedOrganizers": ["org_1"]}, token=ana)
        assert len((await ask(app, ANA, visitorId=None)).messages) == 1
        await client.put(URL, json={}, token=ana)

        (message,) = (await ask(app, ANA, visitorId=None)).messages
        assert (message.campaign_id, (await answer(app, message, "seen", ANA)).delivery_status) == (
            "c_paid",
            "seen",
        )


programmes = st.sampled_from(["organizers", "events", "marketing"])
channels = st.sampled_from(["inbox", "push", "sms", "email"])
documents = st.builds(
    Preferences,
    organizer_messages=st.sampled_from(["on", "off"]),
    muted_organizers=st.lists(st.sampled_from(["org_1", "org_2"]), max_size=3),
    opt_outs=st.lists(
        st.builds(lambda p, c: {"programme": p, "channel": c}, programmes, st.none() | channels), max_size=4
    ),
)


@given(documents, programmes, channels, st.sampled_from([None, "org_1", "org_2"]))
def test_a_refusal_is_what_the_words_say(document, programme, channel, organizer):
    """The decision's index compares words; whoever asks for a reason gets the same answer."""
    stored = document.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    profile = Profile("uid-ana", "user", preferences=stored)
    said = refusal(profile, programme, channel, organizer)

    assert (said is not None) == bool(set(asks(programme, organizer)) & set(refused(profile, channel)))
    assert Preferences.model_validate(stored) == document
