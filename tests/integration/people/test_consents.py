"""The consent ledger over HTTP: agree, confirm, withdraw, leave by one click, read it all again."""

import asyncio
from datetime import timedelta

import pytest

from shared.clients.documents.port import Query
from shared.clients.errors import StoreUnavailable
from shared.people.consent.models import Scope
from shared.people.consent.rules import allowed
from tests.factories.app import make_app, sign_in
from tests.factories.consent import grant, history
from tests.factories.documents import After, FaultyDocuments
from tests.factories.experience import cost, profile_of

URL = "/api/people/me/consents"
BODY = {"programme": "events", "channel": "push", "wordingVersion": "push-2", "source": "settings"}
PUSH = Scope("events", "push")


@pytest.fixture
def ana(app):
    return sign_in(app, "uid-ana")


async def ledger(app):
    return [entry.data for entry in await app.documents.query(Query("consents"))]


class TestGrant:
    async def test_it_stands_and_is_listed(self, client, ana):
        reply = await client.post(URL, json=BODY, token=ana)
        listed = await client.get(URL, token=ana)

        assert reply.status == 201
        assert reply.json == {
            "id": reply.json["id"],
            "programme": "events",
            "channel": "push",
            "state": "granted",
            "wordingVersion": "push-2",
            "at": "2026-11-21T20:00:00Z",
        }
        assert listed.json == {"items": [reply.json]}

    async def test_the_same_again_is_no_news_and_another_text_is(self, client, app, ana):
        first = await client.post(URL, json=BODY, token=ana)
        again = await client.post(URL, json=BODY, token=ana)
        newer = await client.post(URL, json=BODY | {"wordingVersion": "push-3"}, token=ana)

        assert (again.status, again.json) == (200, first.json)
        assert (newer.status, newer.json["wordingVersion"]) == (201, "push-3")
        assert len(await ledger(app)) == 2

    async def test_the_ledger_knows_an_alias_and_no_person(self, client, app, ana):
        await client.post(URL, json=BODY, token=ana)
        [entry] = await ledger(app)

        assert entry["alias"] == (await profile_of(app, "uid-ana")).alias
        assert "uid-ana" not in str(entry)

    async def test_one_favourite_alone(self, client, app, ana):
        body = {
            "programme": "organizers",
            "channel": "push",
            "organizerId": "org_1",
            "wordingVersion": "w-1",
        }
        refused = await client.post(URL, json=body, token=ana)
        await app.favorites.add("uid-ana", "org_1")
        taken = await client.post(URL, json=body, token=ana)
        profile = await profile_of(app, "uid-ana")

        assert (refused.status, refused.code) == (404, "favorite_not_found")
        assert taken.status == 201
        assert allowed(profile, "organizers", "push", organizer_id="org_1").consent_id == taken.json["id"]
        assert allowed(profile, "organizers", "push", organizer_id="org_2").reason == "no_consent"

    @pytest.mark.parametrize(
        ("change", "pointer"),
        [
            ({"programme": "everything"}, "/programme"),
            ({"channel": "fax"}, "/channel"),
            ({"channel": {"$ne": ""}}, "/channel"),
            ({"organizerId": "org_1"}, "/organizerId"),
            ({"organizerId": "a/b"}, "/organizerId"),
            ({"wordingVersion": ""}, "/wordingVersion"),
            ({"source": "a page?"}, "/source"),
            ({"at": "2020-01-01T00:00:00Z"}, "/at"),
            ({"programme": "organizers", "channel": "inbox", "organizerId": "org_1"}, "/channel"),
        ],
    )
    async def test_what_does_not_fit_is_refused_with_its_place(self, client, ana, change, pointer):
        reply = await client.post(URL, json=BODY | change, token=ana)

        assert reply.status == 422
        assert [fault["pointer"] for fault in reply.json["errors"]] == [pointer]

    async def test_it_costs_one_read_and_two_writes(self, app):
        await app.profiles.me("uid-ana")
        assert await cost(grant(app, "uid-ana")) == {"read": 1, "write": 2}
        assert await cost(grant(app, "uid-ana")) == {"read": 1}


class TestWithdraw:
    async def test_it_ends_and_the_ledger_keeps_both(self, client, app, ana):
        await client.post(URL, json=BODY, token=ana)
        app.clock.advance(timedelta(minutes=1))
        gone = await client.delete(f"{URL}/events/push", token=ana)
        again = await client.delete(f"{URL}/events/push", token=ana)
        told = (await client.get(f"{URL}?history=true", token=ana)).json["items"]

        assert (gone.status, again.status) == (204, 204)
        assert [(each["state"], each["wordingVersion"]) for each in told] == [
            ("withdrawn", "push-2"),
            ("granted", "push-2"),
        ]
        assert allowed(await profile_of(app, "uid-ana"), "events", "push").reason == "withdrawn"

    async def test_who_never_agreed_may_say_no(self, client, app, ana):
        assert (await client.delete(f"{URL}/marketing/sms", token=ana)).status == 204
        assert allowed(await profile_of(app, "uid-ana"), "marketing", "sms").reason == "withdrawn"

    async def test_a_yes_after_a_no(self, app):
        await grant(app, "uid-ana")
        app.clock.advance(timedelta(minutes=1))
        await app.consents.withdraw("uid-ana", PUSH, source="settings")
        app.clock.advance(timedelta(minutes=1))
        last = await grant(app, "uid-ana")

        assert allowed(await profile_of(app, "uid-ana"), "events", "push").consent_id == last.id

    async def test_a_no_at_an_instance_whose_clock_is_behind_is_not_lost(self, app, tmp_path):
        from shared.kernel.clock import ManualClock

        late = make_app(
            clock=ManualClock(app.clock.now() - timedelta(seconds=3)),
            folder=tmp_path,
            given_documents=app.documents,
        )
        await grant(app, "uid-ana")
        await late.consents.withdraw("uid-ana", PUSH, source="settings")

        assert allowed(await profile_of(app, "uid-ana"), "events", "push").reason == "withdrawn"

    async def test_a_late_no_from_a_carrier_ends_what_was_before_it_and_nothing_after(self, app):
        said = app.clock.now() + timedelta(minutes=1)
        await grant(app, "uid-ana")
        app.clock.advance(timedelta(minutes=2))
        later = await grant(app, "uid-ana", wordingVersion="w-2")
        for _ in range(2):
            await app.consents.withdraw("uid-ana", PUSH, source="sms-stop", key="SM1", at=said)

        assert allowed(await profile_of(app, "uid-ana"), "events", "push").consent_id == later.id
        assert [entry.state for entry in await history(app, "uid-ana")] == ["granted", "withdrawn", "granted"]

    @pytest.mark.parametrize("scope", ["everything/push", "events/fax", "events/__all__", "..%2F/push"])
    async def test_there_are_no_others(self, client, ana, scope):
        assert (await client.delete(f"{URL}/{scope}", token=ana)).status == 404


class TestConfirm:
    async def test_the_link_confirms_once(self, client, app):
        consent = await grant(app, "uid-ana", "marketing", "email")
        token = app.consent_links.confirmation(consent.id, app.clock.now())
        app.clock.advance(timedelta(minutes=5))
        replies = [
            await client.post(f"/api/consents/{consent.id}/confirm", json={"token": token}) for _ in range(2)
        ]

        assert [reply.status for reply in replies] == [200, 200]
        assert replies[0].json == replies[1].json
        assert (replies[0].json["state"], replies[0].json["confirmedAt"]) == (
            "confirmed",
            "2026-11-21T20:05:00Z",
        )
        told = await history(app, "uid-ana")
        assert [(entry.state, entry.grant_id) for entry in told] == [
            ("confirmed", consent.id),
            ("granted", None),
        ]

    async def test_a_link_does_not_bring_back_what_was_withdrawn(self, client, app):
        consent = await grant(app, "uid-ana", "marketing", "email")
        token = app.consent_links.confirmation(consent.id, app.clock.now())
        app.clock.advance(timedelta(minutes=5))
        await app.consents.withdraw("uid-ana", Scope("marketing", "email"), source="settings")
        reply = await client.post(f"/api/consents/{consent.id}/confirm", json={"token": token})

        assert (reply.status, reply.code) == (409, "consent_ended")

    async def test_a_token_is_for_one_entry_one_purpose_and_seven_days(self, client, app):
        one, other = await grant(app, "uid-ana"), await grant(app, "uid-bea")
        links, now = app.consent_links, app.clock.now()
        good = links.confirmation(one.id, now)
        stale = links.confirmation(one.id, now - timedelta(days=8))
        forged = good[:-2] + ("aa" if good[-2:] != "aa" else "bb")
        wrong = [
            (one.id, links.confirmation(other.id, now)),
            (one.id, links.unsubscribe_token(one.id)),
            (one.id, stale),
            (one.id, forged),
            (one.id, ""),
            (one.id, "é.1.x"),
            (other.id, good),
            ("cn_nobody", links.confirmation("cn_nobody", now)),
        ]
        for ident, token in wrong:
            reply = await client.post(f"/api/consents/{ident}/confirm", json={"token": token})
            assert (reply.status, reply.code) == (404, "not_found")


class TestHistory:
    async def test_its_pages_hold_every_entry_once_and_belong_to_their_reader(self, client, app, ana):
        for number in range(5):
            await grant(app, "uid-ana", wordingVersion=f"w-{number}")
            app.clock.advance(timedelta(seconds=1))
        found, cursor = [], ""
        while True:
            reply = await client.get(f"{URL}?history=true&limit=2{cursor}", token=ana)
            found += reply.json["items"]
            if "nextCursor" not in reply.json:
                break
            cursor = f"&cursor={reply.json['nextCursor']}"
            other = await client.get(f"{URL}?history=true&limit=2{cursor}", token=sign_in(app, "uid-bea"))
            assert (other.status, other.code) == (400, "bad_cursor")

        assert [each["wordingVersion"] for each in found] == ["w-4", "w-3", "w-2", "w-1", "w-0"]

    async def test_what_stands_is_paged_as_well(self, client, app, ana):
        for channel in ("push", "sms", "email"):
            await grant(app, "uid-ana", "events", channel)
        first = await client.get(f"{URL}?limit=2", token=ana)
        rest = await client.get(f"{URL}?limit=2&cursor={first.json['nextCursor']}", token=ana)

        channels = [each["channel"] for each in first.json["items"] + rest.json["items"]]
        assert channels == ["email", "push", "sms"]

    async def test_somebody_new_has_none(self, client, ana):
        assert (await client.get(URL, token=ana)).json == {"items": []}
        assert (await client.get(f"{URL}?history=true", token=ana)).json == {"items": []}


class TestUnsubscribe:
    @pytest.fixture
    async def link(self, app):
        consent = await grant(app, "uid-ana", "marketing", "email")
        app.clock.advance(timedelta(days=400))
        header = app.consent_links.headers(consent.id)["List-Unsubscribe"]
        return header.removeprefix("<http://localhost:7071").removesuffix(">")

    async def reason(self, app):
        return allowed(await profile_of(app, "uid-ana"), "marketing", "email").reason

    async def test_opening_the_link_changes_nothing(self, client, app, link):
        reply = await client.get(link)

        assert reply.status == 200
        assert reply.headers["Content-Type"].startswith("text/html")
        page = reply.body.decode()
        assert '<html lang="en">' in page
        assert "<script" not in page
        assert "uid-ana" not in page
        assert 'name="List-Unsubscribe" value="One-Click"' in page
        assert await self.reason(app) is None

    @pytest.mark.parametrize(
        "body",
        [
            b"List-Unsubscribe=One-Click",
            b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n',
        ],
        ids=["urlencoded", "multipart"],
    )
    async def test_one_click_unsubscribes_without_a_sign_in(self, client, app, link, body):
        reply = await client.post(link, body=body)

        assert (reply.status, await self.reason(app)) == (200, "withdrawn")
        assert "unsubscribed" in reply.body.decode()

    async def test_clicking_again_is_fine_and_an_old_link_still_works(self, client, app, link):
        for _ in range(2):
            assert (await client.post(link, body=b"List-Unsubscribe=One-Click")).status == 200
        app.clock.advance(timedelta(days=1))
        await grant(app, "uid-ana", "marketing", "email")
        app.clock.advance(timedelta(days=1))
        await client.post(link, body=b"List-Unsubscribe=One-Click")

        assert await self.reason(app) == "withdrawn"
        assert len(await history(app, "uid-ana")) == 4

    @pytest.mark.parametrize("body", [b"", b"{}", b"One-Click", b"List-Unsubscribe=no"])
    async def test_another_post_does_nothing(self, client, app, link, body):
        assert (await client.post(link, body=body)).status == 400
        assert await self.reason(app) is None

    async def test_a_token_that_was_altered(self, client, app, link):
        assert (await client.get(link + "x")).status == 404
        assert (await client.post(link[:-3], body=b"List-Unsubscribe=One-Click")).status == 404
        assert (await client.get("/api/unsubscribe")).status == 422

    async def test_the_page_speaks_the_persons_language(self, client, app, link):
        await client.patch("/api/people/me", json={"locale": "es-AR"}, token=sign_in(app, "uid-ana"))
        assert "Cancelar la suscripción" in (await client.get(link)).body.decode()


class TestRaces:
    async def test_a_yes_and_a_no_at_the_same_moment_are_a_no(self, app):
        await asyncio.gather(grant(app, "uid-ana"), app.consents.withdraw("uid-ana", PUSH, source="settings"))
        assert allowed(await profile_of(app, "uid-ana"), "events", "push").reason == "withdrawn"

    async def test_a_lost_answer_and_the_same_call_again_make_one_entry(self, tmp_path):
        app = make_app(folder=tmp_path)
        faulty = FaultyDocuments(app.documents)
        worker = make_app(folder=tmp_path, clock=app.clock, given_documents=faulty)
        faulty.then("commit", After())
        with pytest.raises(StoreUnavailable):
            await grant(worker, "uid-ana")
        await grant(worker, "uid-ana")

        assert len(await history(app, "uid-ana")) == 1
        await app.close()

    async def test_the_same_idempotency_key_after_a_no_is_no_new_yes(self, client, app, ana):
        """The stored answer may be lost; the ledger itself still knows the key."""
        headers = {"Idempotency-Key": "k-1"}
        await client.post(URL, json=BODY, token=ana, headers=headers)
        app.clock.advance(timedelta(days=8))
        ana = sign_in(app, "uid-ana")
        await client.delete(f"{URL}/events/push", token=ana)
        late = await client.post(URL, json=BODY, token=ana, headers=headers)

        assert (late.status, late.json["state"]) == (200, "withdrawn")
