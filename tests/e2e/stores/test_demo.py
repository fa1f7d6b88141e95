"""``make run STORES=real``: the demo's people and campaigns on the real stores, seeded once and there after a restart."""

import httpx

from dev.demo.campaigns import RELEASE

DEMO = ("--extra", "dev.demo.routes:stage")


async def shown(api, person, **headers):
    body = {"releaseId": RELEASE, "featureFlags": [], "page": "/"}
    visitor = {"visitorId": person["visitorId"]} if person["visitorId"] else {}
    reply = await api.post("/api/experience/decide", json=body | visitor, headers=headers)
    assert reply.status_code == 200, reply.text
    return [message["content"]["title"] for message in reply.json()["messages"]]


async def test_the_demo_lasts_across_a_restart(installation):
    first = installation.serve(*DEMO)
    async with httpx.AsyncClient(base_url=first.url(""), timeout=30) as api:
        people = {each["id"]: each for each in (await api.get("/dev/people")).json()["people"]}
        assert await shown(api, people["visitor"])
        token = (await api.post("/dev/sign-in", json={"id": "dormant-dancer"})).json()["token"]
    first.stop()
    assert first.ended() == 0

    second = installation.serve(*DEMO)
    async with httpx.AsyncClient(base_url=second.url(""), timeout=30) as api:
        assert "We missed your embrace" in await shown(
            api, people["dormant-dancer"], Authorization=f"Bearer {token}"
        )
        admin = (await api.post("/dev/sign-in", json={"id": "admin"})).json()["token"]
        listed = await api.get(
            "/api/messages/campaigns?limit=100", headers={"Authorization": f"Bearer {admin}"}
        )
        names = [campaign["name"] for campaign in listed.json()["items"]]
        assert len(names) == len(set(names)) > 5
