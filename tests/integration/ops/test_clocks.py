"""Instances whose clocks disagree: a lease may be taken too early, and all the same everything is done once."""

from datetime import timedelta

import orjson
import pytest

from shared.clients.documents.port import Query
from shared.kernel.clock import ManualClock
from shared.ops.jobs.runner import JobRunner
from shared.people.hooks import PersonHooks
from tests.factories.app import make_app, sign_in
from tests.factories.client import Client

MINUTE = timedelta(minutes=1)


def instance(app, folder, ahead):
    """Another worker over the same stores, whose clock is ahead of (or behind) the first one's."""
    return make_app(
        folder=folder,
        clock=ManualClock(app.clock.now() + ahead),
        given_documents=app.documents,
        given_queues=app.queues,
        given_analytics=app.analytics,
        given_ids=app.ids,
    )


class Telling(PersonHooks):
    """A step in whose middle another instance looks for work."""

    name = "telling"

    def __init__(self, who, meanwhile=None):
        self.who, self.meanwhile = who, meanwhile

    async def export(self, subject):
        if self.meanwhile:
            await self.meanwhile()
        yield {"from": self.who}


def runner(app, hook):
    return JobRunner(app.job_repository, [hook], app.profile_repository, app.clock, app.ids)


@pytest.mark.parametrize("ahead", [-60 * MINUTE, -3 * MINUTE, MINUTE, 3 * MINUTE, 60 * MINUTE])
async def test_a_job_is_done_once(app, tmp_path, ahead):
    await app.jobs.open("export", "uid-ana")
    app.clock.advance(MINUTE)
    other = instance(app, tmp_path, ahead)
    await runner(app, Telling("ours", runner(other, Telling("theirs")).run_due)).run_due()

    (job,) = await app.documents.query(Query("jobs"))
    parts = await app.documents.query(Query(f"jobs/{job.id}/parts"))
    told = [orjson.loads(part.data["body"]) for part in parts]
    early = ahead > timedelta(minutes=2)  # the lease
    assert (job.data["state"], told) == ("done", [[{"from": "theirs" if early else "ours"}]])


@pytest.mark.parametrize("ahead", [MINUTE / 2, 10 * MINUTE])
async def test_a_request_with_a_key_has_its_effect_once(app, tmp_path, ahead):
    """The twin on an instance whose clock is ahead takes the lease for run out; its ids are the same all the same."""
    other = instance(app, tmp_path, ahead)
    body = {
        "type": "organizer_broadcast",
        "organizerId": "org_1",
        "name": "N",
        "deliveryChannels": ["inbox"],
        "content": {"title": "T", "body": "B"},
    }
    twins = []

    class Slow:
        """The campaign is stored; before the answer is kept, the twin arrives elsewhere."""

        def __init__(self, inner):
            self.inner = inner

        def __getattr__(self, name):
            return getattr(self.inner, name)

        async def commit(self, writes):
            done = await self.inner.commit(writes)
            if not twins and any("messageCampaigns" in write.path for write in writes):
                twins.append(None)
                twins[0] = await send(other)
            return done

    async def send(worker):
        return await Client(worker).post(
            "/api/messages/campaigns",
            json=body,
            token=sign_in(app, "uid-admin", "admin"),
            headers={"Idempotency-Key": "k"},
        )

    slow = make_app(folder=tmp_path, clock=app.clock, given_documents=Slow(app.documents), given_ids=app.ids)
    first = await send(slow)
    again = await send(app)

    assert (first.status, again.status) == (201, 201)
    assert first.json["id"] == again.json["id"]
    assert twins[0].status in (201, 409)
    assert len(await app.documents.query(Query("messageCampaigns"))) == 1
    await other.close()
