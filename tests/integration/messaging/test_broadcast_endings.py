"""What is told when a broadcast has ended: report, audit trail, webhook."""

from datetime import timedelta

import pytest

from shared.clients.documents.port import Query
from shared.clients.webhooks.port import Sent
from shared.people.access import Principal
from tests.factories.broadcasts import (
    LUCIA,
    QUICK,
    NoReceiver,
    a_worker,
    crowd,
    delivered,
    in_tier,
    run,
    send,
)
from tests.factories.premium import ADMIN


@pytest.fixture
async def app(tmp_path):
    made = a_worker(tmp_path, settings=QUICK)
    await in_tier(made, "gold")
    yield made
    await made.close()


class TestTheEnd:
    async def test_the_report_counts_what_readers_did(self, app):
        await crowd(app, 60)
        ident = (await send(app)).id
        await run(app, ident)
        for number, each in enumerate(sorted(await delivered(app, ident))[:30]):
            found = await app.documents.get(app.deliveries.path(each))
            reader = Principal(found.data["recipient"]["id"])
            from shared.experience.ack.schemas import AckRequest

            action = "acknowledged" if number < 25 else "clicked"
            for said in ("seen", action):
                request = AckRequest.model_validate({"deliveryId": each, "action": said})
                await app.acknowledgements.acknowledge(request, reader)

        report = await app.broadcasting.service.report(LUCIA, ident)

        assert (report.delivered.value, report.seen.value, report.acknowledged.value) == (60, 30, 25)
        assert (report.clicked.text, report.replies.text) == ("under 20", "under 20")
        assert (await app.broadcasting.service.report(ADMIN, ident)).clicked.value == 5

    async def test_the_audit_trail_tells_it_once(self, app):
        await crowd(app, 30)
        ident = (await send(app)).id
        ended = await run(app, ident)
        told = [
            each.data
            for each in await app.documents.query(Query("auditTrail"))
            if each.data["kind"] == "broadcast.sent"
        ]
        assert [each["detail"]["counts"] for each in told] == [{"inbox": 30, "lost": 0}]
        assert told[0]["detail"]["audienceHash"] == ended.frozen.digest != ""

    async def test_a_webhook_is_tried_until_it_is_taken_and_again_when_asked(self, tmp_path):
        receiver = Receiver([Sent("later", None), Sent("later", 500), Sent("taken", 204)])
        app = a_worker(tmp_path, given_webhooks=receiver)
        await crowd(app, 30)
        began = app.clock.now()
        ident = (await send(app)).id
        await run(app, ident)
        assert [told["data"]["counts"] for _, told in receiver.got] == [{"inbox": 30, "lost": 0}] * 3
        assert len({name for name, _ in receiver.got}) == 1
        assert app.clock.now() - began == timedelta(seconds=305)
        receiver.answers.append(Sent("taken", 200))
        await app.broadcasting.service.tell_again(ADMIN, ident)
        await run(app, ident)
        assert len(receiver.got) == 4
        await app.close()

    async def test_a_receiver_that_never_answers_is_given_up_after_three_days(self, tmp_path):
        app = a_worker(tmp_path, given_webhooks=NoReceiver())
        await crowd(app, 30)
        began = app.clock.now()
        assert not (await run(app, (await send(app)).id)).open
        assert timedelta(days=3) < app.clock.now() - began < timedelta(days=4)
        await app.close()


class Receiver:
    """A webhook's other side with answers prepared."""

    def __init__(self, answers):
        self.answers, self.got = answers, []

    async def send(self, ident, body):
        self.got.append((ident, body))
        return self.answers.pop(0)

    async def close(self):
        pass
