"""Threads when their person is exported or erased, and when 18 months have passed: also by a job that dies half-way."""

from datetime import timedelta

import pytest

from shared.clients.documents.port import Query
from shared.clients.errors import StoreUnavailable
from shared.messaging.threads.hooks import ThreadHooks
from shared.messaging.threads.schemas import Until
from shared.people.hooks import Subject
from tests.factories.documents import After, FaultyDocuments
from tests.factories.stores import everything
from tests.factories.threads import ANA, LUCIA, THREAD, favourite, say, send, sent_id, texts, threads_of

DAY = timedelta(days=1)
KEPT = timedelta(days=548)


@pytest.fixture
def hooks(app):
    return next(hook for hook in app.person_hooks if hook.name == "threads")


async def left_of(app):
    """Documents of threads that are stored, without profiles and consents."""
    kinds = ("messageThreads", "messageBlocks", "messageReports")
    return sorted(path for path in await everything(app.documents) if path.startswith(kinds))


class TestRetention:
    async def test_a_thread_goes_18_months_after_its_last_message(self, app, hooks):
        await send(app, ANA, "one")
        app.clock.advance(KEPT - DAY)
        assert await hooks.retain(app.clock.now()) == 0
        app.clock.advance(DAY)

        assert await hooks.retain(app.clock.now()) == 2
        assert await left_of(app) == []
        assert await threads_of(app, LUCIA) == []

    async def test_of_a_thread_that_goes_on_only_what_is_old(self, app, hooks):
        await send(app, ANA, "one")
        app.clock.advance(KEPT - DAY)
        await say(app, LUCIA, "two")
        app.clock.advance(DAY)
        assert await hooks.retain(app.clock.now()) == 1
        assert await hooks.retain(app.clock.now()) == 0

        assert await texts(app, ANA) == ["two"]
        assert (await threads_of(app, ANA))[0].unread == 1
        app.clock.advance(KEPT - DAY)
        await hooks.retain(app.clock.now())
        assert await left_of(app) == []

    async def test_a_job_that_dies_half_way_is_finished_by_the_next(self, app):
        for event in ("ev_1", "ev_2", "ev_3"):
            for number in range(3):
                await send(app, ANA, f"{number}", eventId=event)
        app.clock.advance(KEPT)
        for step in range(1, 20):
            mortal = ThreadHooks(
                FaultyDocuments(app.documents).then("commit", *[None] * (step % 3), After()), KEPT
            )
            try:
                await mortal.retain(app.clock.now())
            except StoreUnavailable:
                continue
            break

        assert await left_of(app) == []

    async def test_a_run_is_bounded_and_the_next_one_goes_on(self, app, hooks, monkeypatch):
        monkeypatch.setattr("shared.messaging.threads.hooks.MAX_PER_RUN", 4)
        for number in range(6):
            await send(app, ANA, f"{number}")
        app.clock.advance(KEPT)

        assert [await hooks.retain(app.clock.now()) for _ in range(3)] == [4, 3, 0]

    async def test_a_thread_that_is_written_to_in_that_moment_stays(self, app):
        await send(app, ANA, "one")
        app.clock.advance(KEPT)
        inner = app.documents

        class Interrupted:
            """Somebody writes just before the thread would be deleted."""

            def __getattr__(self, name):
                return getattr(inner, name)

            async def commit(self, writes):
                if writes[0].path == f"messageThreads/{THREAD}" and not interrupted:
                    interrupted.append(await say(app, ANA, "two"))
                return await inner.commit(writes)

        interrupted = []
        await ThreadHooks(Interrupted(), KEPT).retain(app.clock.now())

        assert await texts(app, LUCIA) == ["two"]

    async def test_blocks_that_have_ended_go(self, app, hooks):
        await send(app, ANA, "one")
        await app.threads.block(ANA, THREAD, Until(until=app.clock.now() + DAY))
        app.clock.advance(DAY)

        assert await hooks.retain(app.clock.now()) == 1
        assert len(await left_of(app)) == 2


class TestPerson:
    async def test_an_export_tells_what_reached_the_person(self, app, hooks):
        await favourite(app)
        await send(app, ANA, "one")
        await send(app, LUCIA, "two")
        await app.threads.block(ANA, THREAD, Until())
        await send(app, LUCIA, "withheld")
        told = [record async for record in hooks.export(Subject("uid-ana"))]

        assert [record["body"] for record in told if "body" in record] == ["two", "one"]
        assert "uid-lucia" not in str(told)
        assert [record async for record in hooks.export(Subject("uid-bruno"))] == []

    async def test_erasure_leaves_nothing_of_a_persons_threads(self, app):
        await favourite(app, "uid-bruno")
        for event in ("ev_1", "ev_2"):
            await send(app, ANA, "one", eventId=event)
        await say(app, LUCIA, "two")
        await app.threads.block(ANA, THREAD, Until())
        await send(app, LUCIA, "for Bruno", recipient={"personKey": "uid-bruno"})
        before = await left_of(app)
        for _ in range(2):
            for hook in app.person_hooks:
                await hook.erase(Subject("uid-ana"), app.clock.now())

        assert len(before) == 8
        assert len(await left_of(app)) == 2
        assert "uid-ana" not in str(await app.documents.query(Query("messageThreads")))
        assert await threads_of(app, ANA) == []
        assert [thread.person_key for thread in await threads_of(app, LUCIA)] == ["uid-bruno"]

    async def test_an_erasure_that_dies_half_way_is_finished_by_the_next(self, app, hooks):
        for event in ("ev_1", "ev_2"):
            for number in range(3):
                await send(app, ANA, f"{number}", eventId=event)
        for step in range(1, 20):
            mortal = ThreadHooks(
                FaultyDocuments(app.documents).then("commit", *[None] * (step % 2), After()), KEPT
            )
            try:
                await mortal.erase(Subject("uid-ana"), app.clock.now())
            except StoreUnavailable:
                continue
            break

        assert await left_of(app) == []

    async def test_who_was_erased_may_begin_anew(self, app, hooks):
        await send(app, ANA, "one")
        await hooks.erase(Subject("uid-ana"), app.clock.now())
        await send(app, ANA, "two")

        assert await texts(app, LUCIA) == ["two"]
        assert sent_id("one") != sent_id("two")
