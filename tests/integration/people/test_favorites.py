"""Favourites and followers: profile, consent and shard say the same, whoever races, splits or dies."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.clients.documents.port import Delete, Query, Update
from shared.clients.errors import AlreadyExists, Contended, Missing, StoreUnavailable
from shared.kernel.errors import Unavailable
from shared.people.consent.hooks import ConsentHooks
from shared.people.consent.ledger import Draft, Plan
from shared.people.consent.models import FOLLOWED, Scope
from shared.people.consent.rules import allowed
from shared.people.favorites import shards
from shared.people.profiles.hooks import subject_of
from shared.people.profiles.models import MAX_FAVORITES
from tests.factories.app import make_app, sign_in
from tests.factories.consent import followers, grant, history
from tests.factories.documents import After, Before, FaultyDocuments
from tests.factories.examples import examples
from tests.factories.experience import Killed, Life, Mortal, cost, profile_of, work_off
from tests.factories.operations import drain

URL = "/api/people/me/favorites"
ORG = "org_1"


@pytest.fixture
def ana(app):
    return sign_in(app, "uid-ana")


@pytest.fixture
def _small(monkeypatch):
    """Shards that are full with four."""
    monkeypatch.setattr(shards, "MAX_MEMBERS", 4)
    monkeypatch.setattr(shards, "MIN_SPLIT", 2)


async def shard_sizes(app, organizer=ORG):
    found = await app.documents.query(Query(f"organizers/{organizer}/followers"))
    return [len(shard.data["members"]) for shard in found]


async def agree(app, organizer=ORG):
    """Profiles and shards tell of the same followers, with consents that allow it; gives their keys."""
    told = await followers(app, organizer)
    assert await app.favorites.count(organizer) == len(told)
    for key, follower in told.items():
        profile = await profile_of(app, key)
        verdict = allowed(profile, "organizers", "inbox", organizer_id=organizer)
        assert organizer in profile.favorites
        assert follower.muted == (verdict.consent_id is None)
        assert follower.consent_id == (verdict.consent_id or follower.consent_id)
        assert await app.documents.get(f"consents/{follower.consent_id}")
    return sorted(told)


class TestHttp:
    async def test_a_favourite_follows_and_the_consent_is_on_record(self, client, app, ana):
        for _ in range(2):
            assert (await client.put(f"{URL}/{ORG}", token=ana)).status == 204
        listed = (await client.get(URL, token=ana)).json["items"]
        [entry] = await history(app, "uid-ana")

        assert listed == [
            {
                "organizerId": ORG,
                "muted": False,
                "consentId": entry.id,
                "since": "2026-11-21T20:00:00Z",
            }
        ]
        assert (entry.state, entry.source, entry.organizer_id) == ("granted", "favorite", ORG)
        assert (await followers(app, ORG))["uid-ana"].consent_id == entry.id
        assert (await profile_of(app, "uid-ana")).favorites == (ORG,)

    async def test_leaving_ends_every_consent_to_that_organizer(self, client, app, ana):
        await client.put(f"{URL}/{ORG}", token=ana)
        await grant(app, "uid-ana", "organizers", "push", organizerId=ORG)
        for _ in range(2):
            assert (await client.delete(f"{URL}/{ORG}", token=ana)).status == 204
        profile = await profile_of(app, "uid-ana")

        assert (profile.favorites, profile.consents) == ((), {})
        assert await followers(app, ORG) == {}
        told = await history(app, "uid-ana")
        assert Counter(entry.state for entry in told) == {"granted": 2, "withdrawn": 2}

    @pytest.mark.parametrize("on", [True, False])
    async def test_a_repeat_tells_the_figures_what_a_lost_answer_kept_from_them(self, tmp_path, on):
        app = make_app(folder=tmp_path)
        app.documents = documents = FaultyDocuments(app.documents)
        if not on:
            await app.favorites.add("uid-ana", ORG)
            await drain(app)
        change = app.favorites.add if on else app.favorites.remove
        documents.then("commit", After())
        with pytest.raises(StoreUnavailable):
            await change("uid-ana", ORG)
        await change("uid-ana", ORG)
        await drain(app)
        await work_off(app, "activity")
        (behaviour,) = await app.analytics.find("userBehaviorAnalytics", {"_id": "uid-ana"})
        await app.close()

        assert [(each["organizerId"], each["on"]) for each in behaviour["favorites"]] == [(ORG, on)]

    async def test_muting_and_hearing_again(self, client, app, ana):
        await client.put(f"{URL}/{ORG}", token=ana)
        assert (await client.put(f"{URL}/{ORG}/mute", json={"muted": True}, token=ana)).status == 204
        assert (await followers(app, ORG))["uid-ana"].muted
        assert (await client.get(URL, token=ana)).json["items"][0]["muted"]

        await client.put(f"{URL}/{ORG}/mute", json={"muted": False}, token=ana)
        assert not (await followers(app, ORG))["uid-ana"].muted

    async def test_only_favourites_can_be_muted(self, client, ana):
        reply = await client.put(f"{URL}/{ORG}/mute", json={"muted": True}, token=ana)
        assert (reply.status, reply.code) == (404, "favorite_not_found")

    @pytest.mark.parametrize("name", ["..", "__all__", "a%2Fb", "x" * 65, "-x", "org 1"])
    async def test_what_cannot_be_an_organizer_is_404(self, client, ana, name):
        assert (await client.put(f"{URL}/{name}", token=ana)).status == 404

    async def test_there_is_an_end_to_favourites(self, client, app, ana, monkeypatch):
        monkeypatch.setattr("shared.people.favorites.service.MAX_FAVORITES", 2)
        replies = [await client.put(f"{URL}/org_{number}", token=ana) for number in range(3)]

        assert [reply.status for reply in replies] == [204, 204, 409]
        assert replies[2].code == "too_many_favorites"
        assert (await client.put(f"{URL}/org_0", token=ana)).status == 204

    async def test_pages(self, client, app, ana):
        for number in range(5):
            await app.favorites.add("uid-ana", f"org_{number}")
        first = (await client.get(f"{URL}?limit=3", token=ana)).json
        rest = (await client.get(f"{URL}?limit=3&cursor={first['nextCursor']}", token=ana)).json

        names = [each["organizerId"] for each in first["items"] + rest["items"]]
        assert names == [f"org_{number}" for number in range(5)]
        assert "nextCursor" not in rest


class TestAllAtOnce:
    async def test_leaving_all_inboxes_silences_every_favourite_in_one_commit(self, app):
        for number in range(3):
            await app.favorites.add("uid-ana", f"org_{number}")
        app.clock.advance(timedelta(minutes=1))
        await app.consents.withdraw("uid-ana", FOLLOWED, source="settings")

        for number in range(3):
            assert (await followers(app, f"org_{number}"))["uid-ana"].muted

        app.clock.advance(timedelta(minutes=1))
        await app.favorites.add("uid-ana", "org_1")
        assert not (await followers(app, "org_1"))["uid-ana"].muted
        assert (await followers(app, "org_2"))["uid-ana"].muted

    async def test_a_second_no_to_all_ends_what_was_agreed_to_since_the_first(self, app):
        for number in range(2):
            await app.favorites.add("uid-ana", f"org_{number}")
            app.clock.advance(timedelta(minutes=1))
            await app.consents.withdraw("uid-ana", FOLLOWED, source="settings")
            app.clock.advance(timedelta(minutes=1))

        assert all([(await followers(app, f"org_{number}"))["uid-ana"].muted for number in range(2)])

    async def test_one_organizer_by_its_own_link(self, app):
        await app.favorites.add("uid-ana", ORG)
        app.clock.advance(timedelta(minutes=1))
        await app.consents.withdraw("uid-ana", Scope("organizers", "inbox", ORG), source="unsubscribe-link")

        assert (await followers(app, ORG))["uid-ana"].muted
        assert (await profile_of(app, "uid-ana")).favorites == (ORG,)

    async def test_as_many_as_there_may_be(self, app):
        for start in range(0, MAX_FAVORITES, 80):
            await _follow(app, [f"org_{number}" for number in range(start, start + 80)])
        app.clock.advance(timedelta(minutes=1))
        bill = await cost(app.consents.withdraw("uid-ana", FOLLOWED, source="settings"))
        assert bill == {"read": MAX_FAVORITES + 1, "write": MAX_FAVORITES + 2}
        assert (await followers(app, "org_7"))["uid-ana"].muted


class TestErasure:
    async def test_nobody_who_was_erased_is_followed_by_name_and_the_ledger_stays(self, app):
        for number in range(3):
            await app.favorites.add("uid-ana", f"org_{number}")
        await app.favorites.add("uid-bea", "org_1")
        await app.favorites.remove("uid-ana", "org_2")
        subject = subject_of(await profile_of(app, "uid-ana"))
        hooks = ConsentHooks(app.documents)
        told = [record async for record in hooks.export(subject)]
        await app.documents.commit([Delete("experienceProfiles/uid-ana")])

        assert await hooks.erase(subject, app.clock.now()) == 2
        assert await hooks.erase(subject, app.clock.now()) == 0
        assert [set(await followers(app, f"org_{number}")) for number in range(3)] == [
            set(),
            {"uid-bea"},
            set(),
        ]
        assert len(told) == 4
        assert not any("alias" in record for record in told)
        assert "uid-ana" not in str(await app.documents.query(Query("consents")))


class TestBudgets:
    async def test_joining_and_leaving(self, app):
        await app.favorites.add("uid-ana", ORG)  # the first follower makes the shard
        await app.profiles.me("uid-bea")

        assert await cost(app.favorites.add("uid-bea", ORG)) == {"read": 2, "write": 3}
        assert await cost(app.favorites.add("uid-bea", ORG)) == {"read": 1}
        assert await cost(app.favorites.mute("uid-bea", ORG, muted=True)) == {"read": 2, "write": 2}
        assert await cost(app.favorites.remove("uid-bea", ORG)) == {"read": 2, "write": 3}

    async def test_one_read_tells_of_hundreds(self, app):
        """Shards fill to 700 and split in halves: about 500 on the average."""
        members = {f"uid-{number}": {"consentId": "cn_1"} for number in range(690)}
        await app.favorites.add("uid-ana", ORG)
        [shard] = await app.documents.query(Query(f"organizers/{ORG}/followers"))
        await app.documents.commit([Update(shard.path, {"members": members})])

        async def read_all():
            return [len(page) async for page in app.favorites.followers(ORG)]

        assert await cost(read_all()) == {"read": 1}
        for number in range(20):
            await app.favorites.add(f"uid-new-{number}", ORG)
        assert sum(await read_all()) == 710
        assert await cost(read_all()) == {"read": 2}
        assert min(await shard_sizes(app)) > 300


@pytest.mark.usefixtures("_small")
class TestShards:
    async def test_a_crowd_at_the_same_time_is_counted_exactly(self, app):
        people = [f"uid-{number}" for number in range(60)]
        await _patiently(*(lambda key=key: app.favorites.add(key, ORG) for key in people))
        assert await agree(app) == sorted(people)
        assert len(await shard_sizes(app)) > 1

        gone = people[::3]
        await _patiently(
            *(lambda key=key: app.favorites.remove(key, ORG) for key in gone),
            *(lambda key=key: app.favorites.add(key, ORG) for key in ["uid-late-1", "uid-late-2"]),
        )
        assert await agree(app) == sorted({*people, "uid-late-1", "uid-late-2"} - {*gone})

    async def test_one_person_joining_and_leaving_at_once_ends_one_way(self, app):
        for _ in range(5):
            await _patiently(
                lambda: app.favorites.add("uid-ana", ORG),
                lambda: app.favorites.remove("uid-ana", ORG),
                lambda: app.favorites.add("uid-ana", ORG),
            )
            assert await agree(app) in ([], ["uid-ana"])

    async def test_who_stays_is_met_once_while_others_come_go_and_shards_split(self, app):
        stayed = {f"uid-{number}" for number in range(20)}
        for key in sorted(stayed):
            await app.favorites.add(key, ORG)
        met, after, number = Counter(), None, 0
        while True:
            page = await app.favorites.followers_page(ORG, after)
            met.update(follower.person_key for follower in page.items)
            for _ in range(6):
                await app.favorites.add(f"uid-new-{number}", ORG)
                number += 1
            if page.after is None:
                break
            after = page.after

        assert {key: met[key] for key in stayed} == dict.fromkeys(stayed, 1)
        assert max(met.values()) == 1

    async def test_a_shard_that_many_write_at_once_is_split_early(self, tmp_path, monkeypatch):
        monkeypatch.setattr(shards, "MAX_MEMBERS", 700)
        faulty = FaultyDocuments(make_app(folder=tmp_path).documents)
        app = make_app(folder=tmp_path, given_documents=faulty)
        for number in range(6):
            await app.favorites.add(f"uid-{number}", ORG)
        faulty.then("commit", Before(Contended("busy")))
        await app.favorites.add("uid-ana", ORG)

        assert sorted(await shard_sizes(app)) == [3, 4]
        assert len(await agree(app)) == 7
        await app.close()

    async def test_who_saw_no_shard_long_ago_does_not_make_the_first_one_again(self, app):
        before = await profile_of(app, "uid-slow")
        stale = shards.FollowerShards(app.documents)
        await app.favorites.add("uid-slow", ORG)
        moves = await stale.moves(before, await profile_of(app, "uid-slow"))
        first = shards._joining(ORG, None, shards.Follower("uid-slow", "cn_1"))
        for number in range(8):
            await app.favorites.add(f"uid-{number}", ORG)
        assert len(await shard_sizes(app)) > 1

        with pytest.raises(AlreadyExists):
            await app.documents.commit(first)
        with pytest.raises(Missing):
            await app.documents.commit(moves.writes)


@pytest.mark.usefixtures("_small")
class TestFaults:
    @pytest.mark.parametrize("calls", range(14))
    async def test_a_worker_may_die_between_any_two_steps(self, tmp_path, calls):
        app = make_app(folder=tmp_path)
        for number in range(4):
            await app.favorites.add(f"uid-{number}", ORG)
        dying = make_app(folder=tmp_path, clock=app.clock, given_documents=Mortal(app.documents, Life(calls)))
        try:
            for step in (dying.favorites.add, dying.favorites.remove, dying.favorites.add):
                await step("uid-ana", ORG)
        except Killed:
            pass
        assert {*await agree(app)} - {"uid-ana"} == {f"uid-{number}" for number in range(4)}

        await app.favorites.add("uid-ana", ORG)
        assert "uid-ana" in await agree(app)
        await app.close()

    @settings(max_examples=examples(15))
    @given(st.integers(0, 2**32))
    async def test_lost_answers_and_refusals_leave_no_half(self, seed):
        app = make_app()
        faulty = FaultyDocuments(app.documents)
        worker = make_app(given_documents=faulty, clock=app.clock)
        faulty.by_chance(
            "commit", (After(), 0.3), (Before(), 0.1), (Before(Contended("busy")), 0.1), seed=seed
        )
        wanted = set()
        for number in range(12):
            key = f"uid-{number % 7}"
            act = worker.favorites.remove if key in wanted else worker.favorites.add
            wanted ^= {key}
            while True:
                try:
                    await act(key, ORG)
                except StoreUnavailable:
                    continue
                break
        assert await agree(app) == sorted(wanted)
        await app.close()


async def _follow(app, organizers):
    """Many favourites in one commit, as nobody could click."""
    drafts = [Draft(Scope("organizers", "inbox", name), "granted", "w-1", "test") for name in organizers]
    plan = Plan(drafts, lambda profile: replace(profile, favorites=(*profile.favorites, *organizers)))
    await app.consent_ledger.record("uid-ana", lambda _: plan)


async def _patiently(*calls):
    """All at once; who is told to come again, does."""

    async def until_done(call):
        while True:
            try:
                return await call()
            except Unavailable:
                continue

    await asyncio.gather(*map(until_done, calls))
