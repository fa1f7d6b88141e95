"""A host that is stopped under load, on the real stores: whoever was answered has been counted."""

import asyncio
from uuid import uuid4

import httpx

from tests.e2e.stores.conftest import eventually, profile_of

CALLERS = 8


async def test_a_stop_loses_no_visit_that_was_answered(installation, app):
    """Visits linger for five seconds, so that the stop finds them in memory; the next start works them off."""
    server = installation.serve(ACTIVITY_LINGER_MS="5000")
    answered = []

    async def keep_asking(api):
        while True:
            person = str(uuid4())
            try:
                reply = await api.post("/experience/decide", json={"releaseId": "r1", "visitorId": person})
            except httpx.TransportError:
                return
            if reply.status_code == 200:
                answered.append(person)

    async with httpx.AsyncClient(base_url=server.url("/api"), timeout=30) as api:
        asking = [asyncio.create_task(keep_asking(api)) for _ in range(CALLERS)]

        async def under_load():
            return len(answered) >= 5 * CALLERS

        await eventually(under_load)
        server.stop()
        await asyncio.gather(*asking)
    assert await asyncio.to_thread(server.ended) == 0
    assert "activity_lost" not in server.log

    installation.serve().url("/")

    async def all_counted():
        return all([(await profile_of(app, visitor=person)).visits.total == 1 for person in answered])

    await eventually(all_counted)
