"""Threads over each store: their queries, their indexes, and what a lost race leaves."""

import asyncio
from datetime import timedelta

from shared.messaging.reports.schemas import Decide, ReportsQuery, SendReport
from shared.messaging.threads.schemas import MessagesQuery, ThreadChange, Until
from shared.people.hooks import Subject
from tests.factories.threads import (
    ANA,
    LUCIA,
    RITA,
    THREAD,
    favourite,
    read_up_to,
    say,
    seen,
    send,
    sent_id,
    texts,
    threads_of,
)


async def test_a_conversation(app):
    await favourite(app)
    await send(app, LUCIA, "Come on Friday!")
    app.clock.advance(timedelta(minutes=1))
    await send(app, ANA, "Gladly")
    assert await send(app, ANA, "Gladly") == await send(app, ANA, "Gladly")
    await send(app, ANA, "Another thing", eventId="ev_2")

    assert await texts(app, ANA) == await texts(app, LUCIA) == ["Come on Friday!", "Gladly"]
    assert await read_up_to(app, LUCIA, sent_id("Gladly")) == 0
    assert [message.status for message in await seen(app, ANA)] == ["sent", "read"]
    for reader in (ANA, LUCIA):
        assert len(await threads_of(app, reader)) == 2
    await app.threads.change(LUCIA, THREAD, ThreadChange(archived=True))
    assert [thread.thread_id for thread in await threads_of(app, LUCIA, archived=True)] == [THREAD]


async def test_pages_go_on_where_they_ended(app):
    for number in range(5):
        await send(app, ANA, f"{number}")
    page = (await app.threads.messages(ANA, THREAD, MessagesQuery(limit=2)))[1]
    rest = (await app.threads.messages(ANA, THREAD, MessagesQuery(limit=100, cursor=page.next_cursor)))[1]

    assert [message.body for message in (*page.items, *rest.items)] == ["4", "3", "2", "1", "0"]


async def test_messages_at_the_same_time_are_all_there_once(app):
    await send(app, ANA, "first")
    await asyncio.gather(*(say(app, who, f"{who.uid}-{n}") for n in range(3) for who in (ANA, LUCIA)))

    assert await texts(app, ANA) == await texts(app, LUCIA)
    assert len(await texts(app, ANA)) == 7


async def test_a_block_and_a_report(app):
    await favourite(app)
    await send(app, LUCIA, "Cheap shoes")
    await app.threads.block(ANA, THREAD, Until())
    await send(app, LUCIA, "withheld")
    assert await texts(app, ANA) == ["Cheap shoes"]
    await app.threads.block(ANA, THREAD, None)

    body = {"messageIds": [sent_id("Cheap-shoes", LUCIA)], "reason": "spam"}
    sent = await app.reports.send(ANA, THREAD, SendReport.model_validate(body))
    assert len((await app.reports.page(RITA, ReportsQuery(status="open"))).items) == 1
    for _ in range(2):
        await app.reports.decide(RITA, sent.report_id, Decide(outcome="removed"))
    assert await texts(app, ANA) == [""]
    assert (await app.reports.page(RITA, ReportsQuery(status="open"))).items == []


async def test_time_and_erasure_take_everything(app):
    hooks = next(hook for hook in app.person_hooks if hook.name == "threads")
    await send(app, ANA, "one")
    app.clock.advance(timedelta(days=100))
    await send(app, ANA, "two")
    app.clock.advance(timedelta(days=500))
    assert await hooks.retain(app.clock.now()) == 1
    assert await texts(app, LUCIA) == ["two"]
    assert [record["body"] async for record in hooks.export(Subject("uid-ana")) if "body" in record] == [
        "two"
    ]

    assert await hooks.erase(Subject("uid-ana"), app.clock.now()) == 2
    assert await threads_of(app, LUCIA) == []
