"""Pushes of a broadcast that the vendor did not take at first: tried again in rounds, each told and paid once."""

from datetime import timedelta

import pytest

from shared.clients.documents.port import Create, Set
from shared.clients.errors import Refused, StoreUnavailable
from shared.messaging.broadcasts import pushing
from shared.messaging.broadcasts.rules import Outcome
from shared.messaging.broadcasts.running import PUSH_PAUSE
from shared.people.consent.models import Scope
from tests.factories.broadcasts import LUCIA, QUICK, a_worker, delivered, in_tier, run, send, stored
from tests.factories.consent import grant
from tests.factories.documents import After, FaultyDocuments
from tests.factories.premium import ORG, added_up, fund


@pytest.fixture
async def app(tmp_path):
    made = a_worker(tmp_path, settings=QUICK)
    await in_tier(made, "gold")
    await fund(made, 100)
    yield made
    await made.close()


def a_device(app, uid):
    now = app.clock.now()
    told = {"personKey": uid, "token": f"token-of-{uid}", "platform": "web", "label": None}
    times = {"createdAt": now, "seenAt": now, "expiresAt": now + timedelta(days=9)}
    return Set(f"devices/dv_{uid}", told | times)


async def phones(app, number, *, later=()):
    """Followers who want pushes; the vendor takes none of the ``later`` ones for now."""
    for n in range(number):
        uid = f"uid-{n}"
        await app.favorites.add(uid, ORG)
        await grant(app, uid, "organizers", "push")
        await app.documents.commit([a_device(app, uid)])
        if n in later:
            await app.push.tell(f"token-of-{uid}", "later")


async def waiting(app, **changes):
    """A broadcast that has nothing left to do but to try pushes again."""
    ident = (await send(app, channels=["push"], **changes)).id
    for _ in range(10):
        following = await app.broadcasting.running.step(ident)
        if following.at > app.clock.now():
            return ident
    raise AssertionError("it does not wait")


async def pushes(app, ident):
    return {
        each["recipient"]["id"]: each["deliveryStatus"] for each in (await delivered(app, ident)).values()
    }


async def test_what_the_vendor_refuses_for_now_is_tried_again_until_it_takes_it(app, monkeypatch):
    monkeypatch.setattr(pushing, "ROUND", 3)
    await phones(app, 12, later=range(8))
    ident = await waiting(app)
    assert ((await stored(app, ident)).progress.delivered, (await stored(app, ident)).progress.pending) == (
        {"push": 4},
        8,
    )
    for n in range(7):
        await app.push.tell(f"token-of-uid-{n}", "accepted")
    ended = await run(app, ident)
    assert (ended.state, ended.progress.delivered, ended.progress.lost) == (
        "settled",
        {"push": 11},
        {"failed": 1},
    )
    assert (await pushes(app, ident))["uid-7"] == "failed"
    assert (await added_up(app))["spent"] == ended.credits == 11
    shown = [each.message.id for each in await app.push.outbox()]
    assert len(shown) == len(set(shown)) == 11
    # one, two, four, eight and sixteen minutes less the last, which needs no pause
    assert ended.ended_at - ended.began_at >= PUSH_PAUSE * 15


async def test_a_worker_that_dies_after_the_vendor_took_them_pays_each_once(tmp_path, app):
    await phones(app, 6, later=range(4))
    ident = await waiting(app)
    for n in range(4):
        await app.push.tell(f"token-of-uid-{n}", "accepted")
    app.clock.advance(PUSH_PAUSE)
    dying = app.broadcasting.repository.store

    async def dies(*_):
        raise StoreUnavailable("the worker dies here")

    app.broadcasting.repository.store = dies
    await app.broadcasting.running.step(ident)
    assert set((await pushes(app, ident)).values()) == {"delivered"}
    app.broadcasting.repository.store = dying
    ended = await run(app, ident)
    assert (ended.progress.delivered, ended.credits, ended.progress.lost) == ({"push": 6}, 6, {})


async def test_lost_answers_of_the_store_change_no_sum(tmp_path, app):
    faulty = FaultyDocuments(app.documents)
    troubled = a_worker(
        tmp_path, settings=QUICK, clock=app.clock, given_documents=faulty, given_push=app.push
    )
    await phones(app, 10, later=range(6))
    ident = await waiting(app)
    for n in range(6):
        await app.push.tell(f"token-of-uid-{n}", "accepted")
    faulty.by_chance("commit", (After(), 0.3), seed=3)
    ended = await run(troubled, ident)
    assert faulty.fired > 0
    assert (ended.progress.delivered, ended.credits) == ({"push": 10}, 10)
    assert len(await app.push.outbox()) == len({each.message.id for each in await app.push.outbox()})


async def test_who_says_stop_meanwhile_is_told_nothing(app):
    await phones(app, 3, later=range(3))
    ident = await waiting(app)
    await app.consents.withdraw("uid-0", Scope("organizers", "push"), source="test")
    for n in range(3):
        await app.push.tell(f"token-of-uid-{n}", "accepted")
    ended = await run(app, ident)
    assert (ended.progress.delivered, ended.progress.lost) == ({"push": 2}, {"failed": 1})
    assert "uid-0" not in {each.message.token.removeprefix("token-of-") for each in await app.push.outbox()}


async def test_a_vendor_that_asks_for_an_hour_is_given_it(app, monkeypatch):
    await phones(app, 1, later=[0])
    ident = await waiting(app)
    told = app.broadcasting._pushes.again

    async def asked_for_long(*given, **more):
        return (await told(*given, **more))._replace(later_at=app.clock.now() + timedelta(minutes=30))

    monkeypatch.setattr(app.broadcasting._pushes, "again", asked_for_long)
    app.clock.advance(PUSH_PAUSE)
    following = await app.broadcasting.running.step(ident)
    assert following.at - app.clock.now() == timedelta(minutes=30)


async def test_at_night_it_waits_for_the_persons_own_morning(app):
    await phones(app, 4)
    # it is 20:00 in London, 21:00 in Madrid, 05:00 in Tokyo; the fourth one's evening begins at seven
    for n, (zone, hours) in enumerate(
        (("Europe/London", None), ("Europe/Madrid", None), ("Asia/Tokyo", None), ("UTC", "19:00"))
    ):
        found = await app.documents.get(f"experienceProfiles/uid-{n}")
        wider = {"quietHours": {"start": hours, "end": "08:00"}} if hours else {}
        await app.documents.commit([Set(found.path, found.data | {"timezone": zone, "preferences": wider})])
    ident = await waiting(app)
    assert len(await app.push.outbox()) == 1
    ended = await run(app, ident)
    assert (ended.progress.delivered, ended.credits) == ({"push": 4}, 4)
    told = {each.message.token[-1]: each.at.isoformat()[11:16] for each in await app.push.outbox()}
    assert told == {"0": "20:00", "2": "23:00", "1": "07:00", "3": "08:00"}


async def test_cancelled_between_two_tries_what_arrived_is_paid_and_nobody_else_is_told(app, monkeypatch):
    monkeypatch.setattr(pushing, "ROUND", 2)
    await phones(app, 5, later=range(4))
    ident = await waiting(app)
    for n in range(4):
        await app.push.tell(f"token-of-uid-{n}", "accepted")
    app.clock.advance(PUSH_PAUSE)
    begun = await app.broadcasting.running._after_all(await stored(app, ident))
    assert begun.push_after is not None
    await app.broadcasting.service.cancel(LUCIA, ident)
    ended = await run(app, ident)
    assert (ended.state, ended.progress.delivered, ended.credits) == ("cancelled", {"push": 3}, 3)
    assert len(await app.push.outbox()) == 3


async def test_a_page_that_is_given_up_pays_for_the_pushes_that_arrived(app, monkeypatch):
    await phones(app, 6)
    ident = (await send(app, channels=["push"])).id
    inner = app.documents.commit

    async def refuses(writes):
        if any("audienceParts" in write.path for write in writes if isinstance(write, Create)):
            raise Refused("no")
        return await inner(writes)

    delivering = app.broadcasting.running._delivering
    monkeypatch.setattr(delivering, "closed", nothing_noted)
    monkeypatch.setattr(app.documents, "commit", refuses)
    ended = await run(app, ident)
    assert (ended.state, ended.progress.delivered, ended.progress.lost) == ("settled", {"push": 6}, {})
    assert (ended.credits, (await added_up(app))["spent"]) == (6, 6)
    assert len(await app.push.outbox()) == 6


async def nothing_noted(*_):
    """No slice left a note."""
    return Outcome(0, {}, 0, {}), []
