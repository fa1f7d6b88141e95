"""Conversations of two as their participants have them: who may write, what arrives, what the other learns, what it costs."""

import asyncio
from datetime import timedelta

import pytest

from shared.kernel.errors import Forbidden, Invalid, NotFound, PreconditionRequired
from shared.messaging.threads.schemas import SendMessage, ThreadChange, Until
from shared.people.access import Principal
from shared.people.visitors import Person
from tests.factories.app import sign_in
from tests.factories.documents import After, Before, FaultyDocuments
from tests.factories.experience import cost
from tests.factories.threads import (
    ANA,
    LUCIA,
    RITA,
    THREAD,
    TO_ANA,
    TO_ORGANIZER,
    favourite,
    read_up_to,
    say,
    seen,
    send,
    sent_id,
    texts,
    threads_of,
)

URL = "/api/messages/thread"
HOUR = timedelta(hours=1)
STRANGER = Principal("uid-bruno", frozenset({"organizer", "admin"}), frozenset({"org_2"}))


@pytest.fixture
def token(app):
    return sign_in(app, "uid-ana")


class TestSend:
    async def test_a_question_and_its_answer_are_one_thread(self, app):
        asked = await send(app, ANA, "How late?")
        answered = await send(app, LUCIA, "Until two.")

        assert asked.thread_id == answered.thread_id == THREAD
        for reader in (ANA, LUCIA):
            assert await texts(app, reader) == ["How late?", "Until two."]
        assert [(m.sender_role, m.mine) for m in await seen(app, LUCIA)] == [
            ("user", False),
            ("organizer", True),
        ]

    async def test_another_event_is_another_thread(self, app):
        first = await send(app, ANA, "one")
        app.clock.advance(HOUR)
        second = await send(app, ANA, "two", eventId="ev_2")
        app.clock.advance(HOUR)
        third = await send(app, ANA, "three", eventId=None)

        assert len({sent.thread_id for sent in (first, second, third)}) == 3
        assert [thread.event_id for thread in await threads_of(app, LUCIA)] == [None, "ev_2", "ev_1"]

    async def test_a_repeat_gets_the_first_answer_and_sends_nothing(self, app):
        first = await send(app, ANA, "Hello", "c-1")
        app.clock.advance(timedelta(days=30))

        assert await send(app, ANA, "Hello", "c-1") == first
        assert await texts(app, LUCIA) == ["Hello"]
        with pytest.raises(Invalid) as refused:
            await send(app, ANA, "Another text", "c-1")
        assert refused.value.code == "client_message_id_reused"

    async def test_a_repeat_gets_the_first_answer_whatever_has_happened_since(self, app):
        first = await send(app, ANA, "Hello")
        await app.threads.block(ANA, THREAD, Until())

        assert await send(app, ANA, "Hello") == first

    async def test_two_people_may_use_the_same_client_id(self, app):
        await send(app, ANA, "one", "1")
        await send(app, LUCIA, "two", "1")

        assert await texts(app, ANA) == ["one", "two"]

    async def test_without_a_client_id_it_takes_an_idempotency_key(self, app, client, token):
        body = {**TO_ORGANIZER, "body": "Hello"}
        bare = await client.post(URL, json=body, token=token)
        keyed = [
            await client.post(URL, json=body, token=token, headers={"Idempotency-Key": "k"}) for _ in range(2)
        ]

        assert (bare.status, bare.code) == (428, "idempotency_key_required")
        assert [reply.status for reply in keyed] == [201, 201]
        assert keyed[0].json == keyed[1].json
        assert keyed[0].headers["Location"] == f"/api/messages/threads/{THREAD}"
        with pytest.raises(PreconditionRequired):
            await app.sending.send(ANA, SendMessage.model_validate(body))

    @pytest.mark.parametrize(
        "text",
        ["<script>alert(1)</script>", "ñandú 🕺\u200d🕺", "مرحبا \u2067abc\u2069", "a\r\n\tb", "x" * 4000],
    )
    async def test_text_is_kept_as_it_was_sent(self, app, text):
        await send(app, ANA, text, "c-1")
        assert await texts(app, LUCIA) == [text]

    @pytest.mark.parametrize(
        "text", ["", " \n", "x" * 4001, "a\x00b", "\u202eevil", "\u202d", "\x1b[31m", "\x85"]
    )
    async def test_text_that_could_deceive_or_says_nothing_is_refused(self, client, token, text):
        reply = await client.post(
            URL, json={**TO_ORGANIZER, "body": text, "clientMessageId": "1"}, token=token
        )
        assert (reply.status, reply.json["errors"][0]["pointer"]) == (422, "/body")

    @pytest.mark.parametrize(
        ("change", "pointer"),
        [
            ({"recipient": {}}, "/recipient"),
            ({"recipient": {"organizerId": "o", "personKey": "p"}}, "/recipient"),
            ({"recipient": {"personKey": "a/b"}}, "/recipient/personKey"),
            ({"recipient": None}, "/recipient"),
            ({"threadId": "t_abcdefghijklmnopqrstuvwxyz"}, ""),
            ({"type": "chat"}, "/type"),
            ({"senderRole": "organizer"}, "/senderRole"),
            ({"recipient": {"personKey": "uid-ana"}}, "/recipient/personKey"),
        ],
    )
    async def test_what_does_not_fit_is_refused(self, client, token, change, pointer):
        body = {**TO_ORGANIZER, "body": "Hello", "clientMessageId": "1"} | change
        reply = await client.post(URL, json=body, token=token)

        assert (reply.status, reply.json["errors"][0]["pointer"]) == (422, pointer)

    async def test_a_message_costs_two_reads_and_two_writes(self, app):
        assert await cost(send(app, ANA, "first")) == {"read": 3, "write": 2}
        assert await cost(send(app, ANA, "second")) == {"read": 2, "write": 2}
        assert await cost(say(app, LUCIA, "third")) == {"read": 2, "write": 2}
        assert await cost(send(app, ANA, "second")) == {"read": 3}


class TestWhoMayWrite:
    async def test_organizers_write_first_only_to_those_who_want_their_messages(self, app):
        with pytest.raises(Forbidden) as refused:
            await send(app, LUCIA, "Come on Friday!")
        assert refused.value.code == "recipient_not_opted_in"

        await favourite(app)
        await send(app, LUCIA, "Come on Friday!")
        assert await texts(app, ANA) == ["Come on Friday!"]
        (consent,) = (await app.profiles._repository.read(Person("uid-ana", "user"))).consents.values()
        stored = await app.documents.get(
            f"messageThreads/{THREAD}/messages/{sent_id('Come-on-Friday!', LUCIA)}"
        )
        assert stored.data["consentId"] == consent.id

    async def test_nor_once_they_do_not_any_more_unless_they_answered(self, app):
        await favourite(app)
        await send(app, LUCIA, "one")
        await app.favorites.remove("uid-ana", "org_1")
        with pytest.raises(Forbidden):
            await say(app, LUCIA, "two")

        await say(app, ANA, "What is it?")
        await say(app, LUCIA, "three")
        assert await texts(app, ANA) == ["one", "What is it?", "three"]

    async def test_whether_there_is_such_a_person_is_not_told(self, app):
        for key in ("uid-nobody", "v_" + "0" * 32):
            with pytest.raises(Forbidden) as refused:
                await send(app, LUCIA, "Hello", recipient={"personKey": key})
            assert refused.value.code == "recipient_not_opted_in"

    async def test_an_answer_in_one_thread_opens_no_other(self, app):
        await send(app, ANA, "How late?")
        with pytest.raises(Forbidden):
            await send(app, LUCIA, "Another event!", eventId="ev_2")

    async def test_only_organizers_write_to_people_and_only_for_their_own(self, app):
        with pytest.raises(Forbidden):
            await send(app, Principal("uid-bruno"), "Hello")
        with pytest.raises(NotFound):
            await send(app, LUCIA, "Hello", organizerId="org_2")

    async def test_who_speaks_for_several_says_for_whom(self, app):
        both = Principal("uid-both", frozenset({"organizer"}), frozenset({"org_1", "org_2"}))
        await favourite(app)
        with pytest.raises(Invalid):
            await send(app, both, "Hello")
        await send(app, both, "Hello", organizerId="org_1")

        assert await texts(app, LUCIA) == ["Hello"]

    async def test_nobody_writes_to_their_own_organizer(self, app):
        with pytest.raises(Invalid):
            await send(app, LUCIA, "Hello", recipient={"organizerId": "org_1"})

    async def test_people_write_to_support_and_operators_answer(self, app):
        asked = await send(app, ANA, "I cannot sign in", type="support", recipient=None)
        await say(app, RITA, "Try now", asked.thread_id)

        assert [m.sender_role for m in await seen(app, ANA, asked.thread_id)] == ["user", "support"]
        assert [t.thread_id for t in await threads_of(app, RITA, support=True)] == [asked.thread_id]
        with pytest.raises(NotFound):
            await threads_of(app, LUCIA, support=True, organizerId=None)

    async def test_support_writes_first_to_who_is_known(self, app):
        with pytest.raises(Forbidden):
            await send(app, RITA, "A word", type="support")
        await favourite(app)
        sent = await send(app, RITA, "A word", type="support")
        assert await texts(app, ANA, sent.thread_id) == ["A word"]


@pytest.mark.parametrize("caller", [STRANGER, RITA, Principal("org_1"), Principal("uid-lucia")])
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("PATCH", "", {"archived": True}),
        ("DELETE", "", None),
        ("GET", "/messages", None),
        ("PUT", "/receipt", {"lastReadMessageId": "m_abcdefghijklmnopqrstuvwxyz"}),
        ("PUT", "/mute", {}),
        ("DELETE", "/mute", None),
        ("PUT", "/block", {}),
        ("DELETE", "/block", None),
        ("POST", "/reports", {"messageIds": ["m_abcdefghijklmnopqrstuvwxyz"], "reason": "spam"}),
    ],
)
async def test_anothers_thread_is_not_there(app, client, *, caller, method, path, body):
    """Whatever the role: admins and operators see what is reported, and nothing else."""
    await send(app, ANA, "Hello")
    token = sign_in(app, caller.uid, *caller.roles, organizers=tuple(caller.organizer_ids))
    reply = await client.request(method, f"/api/messages/threads/{THREAD}{path}", json=body, token=token)

    assert reply.status == 404
    into = {"threadId": THREAD, "type": "question", "body": "x", "clientMessageId": "1"}
    assert (await client.post(URL, json=into, token=token)).status == 404


class TestRead:
    async def test_unread_counts_what_the_other_wrote_since_the_mark(self, app):
        sent = [await send(app, ANA, text) for text in ("one", "two", "three")]
        await send(app, LUCIA, "four")
        assert [(await threads_of(app, each))[0].unread for each in (LUCIA, ANA)] == [3, 1]

        assert await read_up_to(app, LUCIA, sent[1].message_id) == 1
        assert await read_up_to(app, LUCIA, sent[0].message_id) == 1
        assert await read_up_to(app, LUCIA, sent[2].message_id) == 0

    async def test_the_sender_sees_what_was_read(self, app):
        sent = [await send(app, ANA, text) for text in ("one", "two", "three")]
        await read_up_to(app, LUCIA, sent[1].message_id)

        assert [m.status for m in await seen(app, ANA)] == ["read", "read", "sent"]
        assert (await threads_of(app, ANA))[0].other_last_read_message_id == sent[1].message_id

    async def test_it_costs_two_reads_and_one_write_and_a_repeat_no_write(self, app):
        sent = await send(app, ANA, "one")
        assert await cost(read_up_to(app, LUCIA, sent.message_id)) == {"read": 2, "write": 1}
        assert await cost(read_up_to(app, LUCIA, sent.message_id)) == {"read": 2}

    async def test_a_message_of_another_thread_is_none_of_this_one(self, app):
        await send(app, ANA, "one")
        other = await send(app, ANA, "two", eventId="ev_2")
        with pytest.raises(Invalid):
            await read_up_to(app, LUCIA, other.message_id)


class TestLists:
    async def test_latest_first_page_by_page_while_messages_arrive(self, app, client, token):
        for number in range(5):
            await send(app, ANA, f"{number}", eventId=f"ev_{number}")
            app.clock.advance(timedelta(minutes=1))
        first = (await client.get("/api/messages/threads?limit=2", token=token)).json
        await send(app, ANA, "again", eventId="ev_0")
        rest = (
            await client.get(f"/api/messages/threads?limit=100&cursor={first['nextCursor']}", token=token)
        ).json

        events = [thread["eventId"] for page in (first, rest) for thread in page["items"]]
        assert events == ["ev_4", "ev_3", "ev_2", "ev_1"]
        assert (await threads_of(app, ANA))[0].event_id == "ev_0"

    async def test_messages_page_by_page_while_others_arrive(self, app, client, token):
        for number in range(5):
            await send(app, ANA, f"{number}")
        url = f"/api/messages/threads/{THREAD}/messages?limit=2"
        first = (await client.get(url, token=token)).json
        await send(app, ANA, "5")
        second = (await client.get(f"{url}&cursor={first['nextCursor']}", token=token)).json
        third = (await client.get(f"{url}&cursor={second['nextCursor']}", token=token)).json

        bodies = [message["body"] for page in (first, second, third) for message in page["items"]]
        assert (bodies, "nextCursor" in third) == (["4", "3", "2", "1", "0"], False)

    async def test_an_archived_thread_comes_back_with_the_next_message(self, app):
        await send(app, ANA, "one")
        await app.threads.change(LUCIA, THREAD, ThreadChange(archived=True))
        assert [len(await threads_of(app, LUCIA, archived=archived)) for archived in (False, True)] == [0, 1]
        assert len(await threads_of(app, ANA)) == 1

        await send(app, ANA, "two")
        assert [len(await threads_of(app, LUCIA, archived=archived)) for archived in (False, True)] == [1, 0]

    async def test_the_organizer_sees_the_name_that_the_person_goes_by(self, app, client, token):
        await client.patch("/api/people/me", json={"displayName": "Ana"}, token=token)
        await send(app, ANA, "one")

        assert (await threads_of(app, LUCIA))[0].person_name == "Ana"

    async def test_what_lists_cost(self, app):
        for number in range(20):
            await send(app, ANA, f"{number}", eventId=f"ev_{number}")
            await send(app, ANA, f"m{number}")
        assert await cost(threads_of(app, ANA, limit=19)) == {"read": 20}
        assert await cost(seen(app, ANA, limit=19)) == {"read": 21}
        assert await cost(app.threads.get(ANA, THREAD)) == {"read": 2}

    async def test_a_poll_that_finds_nothing_new_costs_one_read(self, app, client, token):
        await send(app, ANA, "one")
        url = f"/api/messages/threads/{THREAD}/messages"
        first = await client.get(url, token=token)
        again = await client.get(url, token=token, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status, again.body) == (304, b"")
        assert 'reads;desc="1"' in again.headers["Server-Timing"]

        await read_up_to(app, LUCIA, sent_id("one"))
        changed = await client.get(url, token=token, headers={"If-None-Match": first.headers["ETag"]})
        assert [message["status"] for message in changed.json["items"]] == ["read"]


class TestParallel:
    async def test_ten_at_once_are_ten_messages_in_one_order(self, app):
        results = await asyncio.gather(
            *(send(app, who, f"{who.uid}-{number}") for number in range(5) for who in (ANA, LUCIA)),
            return_exceptions=True,
        )
        # an organizer may be faster than the question that allows the answer
        refused = [result for result in results if isinstance(result, BaseException)]
        assert all(isinstance(result, Forbidden) for result in refused)
        assert len(await texts(app, ANA)) == 10 - len(refused)
        assert await texts(app, ANA) == await texts(app, LUCIA)

    async def test_one_message_twenty_times_at_once_is_one(self, app):
        answers = await asyncio.gather(*(send(app, ANA, "Hello") for _ in range(20)))

        assert len({answer.model_dump_json() for answer in answers}) == 1
        assert await texts(app, LUCIA) == ["Hello"]
        assert (await threads_of(app, LUCIA))[0].unread == 1

    async def test_lost_answers_are_made_good_by_asking_again(self, app):
        app.sending._documents = FaultyDocuments(app.documents).by_chance(
            "commit", (After(), 0.3), (Before(), 0.2), seed=7
        )

        async def patiently(text):
            for _ in range(30):
                try:
                    return await send(app, ANA, text)
                except Exception:  # noqa: BLE001 - as a front end does, whatever it was
                    await asyncio.sleep(0)
            return pytest.fail("never answered")

        await asyncio.gather(*(patiently(f"{number}") for number in range(8)))
        assert sorted(await texts(app, LUCIA)) == [f"{number}" for number in range(8)]
        assert (await threads_of(app, LUCIA))[0].unread == 8


async def test_the_thread_of_two_is_the_same_whoever_begins(app):
    await favourite(app)
    first = await send(app, LUCIA, "Come!")
    assert (await send(app, ANA, "Gladly")).thread_id == first.thread_id
    assert TO_ANA["eventId"] == TO_ORGANIZER["eventId"]
