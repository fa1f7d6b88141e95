"""Queue messages that come again and again, on the real stores: the second time changes nothing."""

from collections import Counter
from uuid import uuid4

import httpx

from shared.clients.documents.port import Query
from shared.clients.queues.port import ACTIVITY, SIGNALS
from shared.kernel.envelope import Envelope, envelope
from shared.people.roles import ROLE_CHECK
from tests.e2e.stores.conftest import eventually, profile_of, worked
from tests.factories.app import sign_in

WORKERS = {ACTIVITY: "activity_visits", SIGNALS: "signals_heard"}


async def taken(app, queue, number):
    """That many visible messages, taken out of the queue."""
    found = []

    async def enough():
        for message in await app.queues.receive(queue, limit=32):
            await app.queues.delete(queue, message)
            found.append(message.body)
        return len(found) >= number

    await eventually(enough)
    return found


async def stored(app):
    """Every profile and audit entry, with the time of its last change."""
    return {
        snapshot.path: (snapshot.data, snapshot.update_time)
        for collection in ("experienceProfiles", "auditTrail")
        for snapshot in await app.documents.query(Query(collection))
    }


async def test_every_message_delivered_twice_changes_nothing(installation, app):
    """What a host without workers queued is sent into Azurite again, and again once it has been worked off."""
    idle = installation.serve(
        **{f"AzureWebJobs__{function}__Disabled": "true" for function in WORKERS.values()}
    )
    admin = {"Authorization": f"Bearer {sign_in(app, 'uid-admin', 'admin')}"}
    people = [str(uuid4()) for _ in range(5)]
    sign_in(app, "uid-lucia")
    async with httpx.AsyncClient(base_url=idle.url("/api"), timeout=30) as api:
        for person in people:
            await api.post("/experience/decide", json={"releaseId": "r1", "visitorId": person})
        body = {"roles": ["organizer"], "organizerIds": ["org_1"]}
        assert (await api.put("/people/uid-lucia/roles", json=body, headers=admin)).status_code == 200
    idle.stop()
    assert idle.ended() == 0

    bodies = {ACTIVITY: await taken(app, ACTIVITY, 1), SIGNALS: await taken(app, SIGNALS, 1)}
    # the check that waits for a minute, as the grant sent it
    told = Envelope.decode(bodies[SIGNALS][0])
    check = envelope(ROLE_CHECK, app.ids.new("sig"), told.key, told.at, told.data | {"actor": "al_x"})
    bodies[SIGNALS].append(check.encode())
    server = installation.serve()
    done = Counter()

    async def deliver(times):
        for queue, texts in bodies.items():
            for body in texts * times:
                await app.queues.send(queue, body)
            done[queue] += len(texts) * times

        async def all_worked():
            return all(worked(server, function) >= done[queue] for queue, function in WORKERS.items())

        await eventually(all_worked)

    await deliver(times=2)
    before = await stored(app)
    await deliver(times=2)

    assert await stored(app) == before
    assert [(await profile_of(app, visitor=person)).visits.total for person in people] == [1] * 5
    assert (await profile_of(app, "uid-lucia")).roles == ("organizer",)
    assert sum(path.startswith("auditTrail/") for path in before) == 1
