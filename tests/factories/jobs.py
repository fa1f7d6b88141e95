"""A life that leaves something of a person everywhere, and the jobs that tell or erase it."""

from blueprints.ops import jobs_timer
from shared import wiring
from shared.messaging.campaigns.models import Channel
from shared.ops.jobs.runner import JobRunner
from shared.people.access import Principal
from shared.wiring import App
from tests.factories.app import sign_in
from tests.factories.experience import (
    answer,
    ask,
    function,
    publish,
    work_off,
)
from tests.factories.messaging import campaign

EXPORT, ERASURE = "/api/people/me/export", "/api/people/me/erasure"
ANA = Principal("uid-ana")
AREAS = {"profile", "deliveries", "decisions", "consents", "audit", "operations", "exports"}


async def run(app, name="jobs_run"):
    """The timer fires."""
    wiring.use(app)
    await function(jobs_timer.bp, name)(timer=None)


async def worked(app):
    await app.activity.drain()
    await work_off(app, "activity")


async def a_life(client, app, token):
    """Ana was a visitor, signed up, was shown things, became an organizer, and sent a request with a key."""
    await publish(
        app,
        campaign(delivery_channels=[Channel.BANNER]),
        campaign(id="c_2", delivery_channels=[Channel.TOAST]),
    )
    await answer(app, (await ask(app, channels=["toast"])).messages[0], "acknowledged")
    message = (await ask(app, ANA)).messages[0]
    await answer(app, message, "seen", ANA)
    await worked(app)
    admin = sign_in(app, "uid-admin", "admin")
    roles = {"roles": ["organizer"], "organizerIds": ["org_1"]}
    await client.put("/api/people/uid-ana/roles", json=roles, token=admin)
    await client.patch(
        "/api/people/me", json={"displayName": "Ana Sol", "home": {"city": "Rosario"}}, token=token
    )
    body = {"type": "organizer_broadcast", "organizerId": "org_1", "name": "N", "deliveryChannels": ["inbox"]}
    content = {"title": "T", "body": "B"}
    made = await client.post(
        "/api/messages/campaigns",
        json=body | {"content": content},
        token=app.issuer.token("uid-ana"),
        headers={"Idempotency-Key": "k1"},
    )
    assert made.status == 201
    await ask(app)
    await worked(app)
    await app.decision_log.drain()


async def everything(app):
    """Every document there is, as bytes."""
    rows = await app.documents._run(
        lambda store: store._db.execute("SELECT collection, id, data FROM documents").fetchall()
    )
    return {f"{collection}/{ident}": data for collection, ident, data in rows}


async def holds(app, *texts):
    """Where any of these still stands."""
    return [
        path
        for path, data in (await everything(app)).items()
        if any(text.encode() in path.encode() + data for text in texts)
    ]


async def job(client, token, reply):
    return (await client.get(reply.headers["Location"], token=token)).json


def by_area(answered):
    return {section["area"]: section["records"] for section in answered["result"]}


async def a_life_of_ana_alone(app):
    app.catalog.invalidate()
    for message in (await ask(app, ANA, visitorId=None, address="0.0.0.0")).messages:
        await answer(app, message, "seen", ANA)


def runner(app: App, documents, hooks=None):
    """A worker whose stores are these."""
    other = App(
        settings=app.settings,
        clock=app.clock,
        given_ids=app.ids,
        given_documents=documents,
        given_queues=app.queues,
    )
    return JobRunner(
        other.job_repository, hooks or other.person_hooks, other.profile_repository, app.clock, app.ids
    )
