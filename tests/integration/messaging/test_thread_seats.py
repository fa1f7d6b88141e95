"""What the two of a conversation do about it: mute it, block the other, leave, each unseen by the other."""

from datetime import timedelta

import pytest

from shared.kernel.errors import Conflict, Invalid, NotFound
from shared.messaging.threads.schemas import Until
from tests.factories.app import sign_in
from tests.factories.experience import cost
from tests.factories.threads import (
    ANA,
    LUCIA,
    THREAD,
    favourite,
    read_up_to,
    seen,
    send,
    sent_id,
    texts,
    threads_of,
)

URL = "/api/messages/thread"
HOUR = timedelta(hours=1)


@pytest.fixture
def token(app):
    return sign_in(app, "uid-ana")


class TestMute:
    async def test_a_muted_thread_says_so_until_its_time(self, app):
        await send(app, ANA, "one")
        until = app.clock.now() + HOUR
        for _ in range(2):
            await app.threads.mute(LUCIA, THREAD, Until(until=until))
        (thread,) = await threads_of(app, LUCIA)
        assert (thread.muted, thread.muted_until, thread.unread) == (True, until, 1)
        assert (await threads_of(app, ANA))[0].muted is False

        app.clock.advance(HOUR)
        assert (await threads_of(app, LUCIA))[0].muted is False

    async def test_for_good_and_taken_back(self, app):
        await send(app, ANA, "one")
        await app.threads.mute(ANA, THREAD, Until())
        assert (await threads_of(app, ANA))[0].muted is True
        for _ in range(2):
            await app.threads.mute(ANA, THREAD, None)
        assert (await threads_of(app, ANA))[0].muted is False

    @pytest.mark.parametrize("what", ["mute", "block"])
    @pytest.mark.parametrize("until", ["2020-01-01T00:00:00Z", "2100-01-01T00:00:00Z", 7, "soon"])
    async def test_an_end_lies_ahead(self, app, client, token, what, until):
        await send(app, ANA, "one")
        reply = await client.put(f"/api/messages/threads/{THREAD}/{what}", json={"until": until}, token=token)

        assert (reply.status, reply.json["errors"][0]["pointer"]) == (422, "/until")


class TestBlock:
    async def test_who_is_blocked_learns_nothing(self, app, client):
        """Answers, lists, marks and versions are those of somebody who is not blocked."""
        await send(app, ANA, "one")
        await send(app, LUCIA, "two")
        url, token = (
            f"/api/messages/threads/{THREAD}/messages",
            sign_in(app, "uid-lucia", "organizer", organizers=("org_1",)),
        )
        before = await client.get(f"/api/messages/threads/{THREAD}", token=token)
        await app.threads.block(ANA, THREAD, Until())
        after = await client.get(f"/api/messages/threads/{THREAD}", token=token)
        assert (after.body, after.headers["ETag"]) == (before.body, before.headers["ETag"])

        body = {"threadId": THREAD, "type": "question", "body": "three", "clientMessageId": "3"}
        sent = await client.post(URL, json=body, token=token)
        assert (sent.status, sent.json["status"]) == (201, "sent")
        listed = (await client.get(url, token=token)).json["items"]
        assert [message["body"] for message in listed] == ["three", "two", "one"]

        assert await texts(app, ANA) == ["one", "two"]
        assert (await threads_of(app, ANA))[0].last_message.preview == "two"
        assert (await threads_of(app, ANA))[0].unread == 1

    async def test_it_holds_in_every_thread_of_the_two(self, app):
        await favourite(app)
        await send(app, ANA, "one")
        await app.threads.block(ANA, THREAD, Until())
        other = await send(app, LUCIA, "Another event!", eventId="ev_2")

        assert len(await threads_of(app, ANA)) == 1
        with pytest.raises(NotFound):
            await app.threads.get(ANA, other.thread_id)
        assert len(await threads_of(app, LUCIA)) == 2

    async def test_what_was_written_meanwhile_never_arrives(self, app):
        await send(app, ANA, "one")
        await app.threads.block(ANA, THREAD, Until(until=app.clock.now() + HOUR))
        await send(app, LUCIA, "two")
        app.clock.advance(HOUR)
        await send(app, LUCIA, "three")

        assert await texts(app, ANA) == ["one", "three"]
        assert (await threads_of(app, ANA))[0].unread == 1
        await read_up_to(app, ANA, sent_id("three", LUCIA))
        assert [m.status for m in await seen(app, LUCIA)][1:] == ["read", "read"]

    async def test_who_blocks_cannot_write_until_the_block_is_lifted(self, app):
        await send(app, ANA, "one")
        for _ in range(2):
            await app.threads.block(ANA, THREAD, Until())
        assert (await app.threads.get(ANA, THREAD)).blocked is True
        with pytest.raises(Conflict) as refused:
            await send(app, ANA, "two")
        assert refused.value.code == "unblock_first"

        for _ in range(2):
            await app.threads.block(ANA, THREAD, None)
        await send(app, ANA, "two")
        assert (await app.threads.get(ANA, THREAD)).blocked is False

    async def test_an_organizer_blocks_a_person(self, app):
        await send(app, ANA, "one")
        await app.threads.block(LUCIA, THREAD, Until())
        await send(app, ANA, "two")

        assert await texts(app, LUCIA) == ["one"]

    async def test_it_costs_two_reads_and_one_write(self, app):
        await send(app, ANA, "one")
        assert await cost(app.threads.block(ANA, THREAD, Until())) == {"read": 2, "write": 1}
        assert await cost(app.threads.block(ANA, THREAD, None)) == {"read": 2, "delete": 1}


class TestLeave:
    async def test_who_leaves_is_left_alone_and_the_other_is_not_told(self, app):
        await send(app, ANA, "one")
        before = await app.threads.get(LUCIA, THREAD)
        for _ in range(2):
            await app.threads.leave(ANA, THREAD)
        await send(app, LUCIA, "two")

        assert await threads_of(app, ANA) == []
        for forbidden in (app.threads.get(ANA, THREAD), seen(app, ANA)):
            with pytest.raises(NotFound):
                await forbidden
        after = await app.threads.get(LUCIA, THREAD)
        assert before.other_last_read_message_id is None
        assert after.other_last_read_message_id is None
        assert await texts(app, LUCIA) == ["one", "two"]

    async def test_writing_again_comes_back_to_a_clean_table(self, app):
        await send(app, ANA, "one")
        await send(app, LUCIA, "two")
        await app.threads.leave(ANA, THREAD)
        await send(app, ANA, "three")
        await send(app, LUCIA, "four")

        assert await texts(app, ANA) == ["three", "four"]
        assert (await threads_of(app, ANA))[0].unread == 1
        assert await texts(app, LUCIA) == ["one", "two", "three", "four"]
        with pytest.raises(Invalid):
            await read_up_to(app, ANA, sent_id("two", LUCIA))
