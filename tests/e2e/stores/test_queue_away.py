"""Azure Storage is away, Firestore is not: people are answered, and their visits wait where the timer finds them."""

import json
from uuid import uuid4

import httpx

from shared.analytics.intake.staging import COLLECTION
from shared.clients.documents.port import Query
from tests.e2e.stores.conftest import eventually, profile_of
from tests.factories.servers import unused_port


async def test_with_the_queue_away_visits_are_staged_and_swept(installation, app):
    gone = installation.environ["AZUREWEBJOBSSTORAGE"].split(";QueueEndpoint=")[0]
    server = installation.serve(
        AZUREWEBJOBSSTORAGE=f"{gone};QueueEndpoint=http://127.0.0.1:{unused_port()}/devstoreaccount1;"
    )
    person = str(uuid4())
    async with httpx.AsyncClient(base_url=server.url(""), timeout=30) as api:
        reply = await api.post("/api/experience/decide", json={"releaseId": "r1", "visitorId": person})
        ready = await api.get("/api/ready")
        assert reply.status_code == 200
        assert (ready.status_code, ready.json()["detail"]) == (503, "No answer from: queues.")

        async def staged():
            return await app.documents.query(Query(COLLECTION))

        await eventually(staged)
        assert (await profile_of(app, visitor=person)).visits.total == 0

        keys = json.loads((installation.folder / "host-keys.json").read_text())
        swept = await api.post(
            "/admin/functions/activity_staging", json={}, headers={"x-functions-key": keys["master"]}
        )
        assert swept.status_code == 202

        async def gone_again():
            return not await staged()

        await eventually(gone_again)
    assert (await profile_of(app, visitor=person)).visits.total == 1
