"""A broadcast to a segment, on the twins and on the real stores: pinned there, sent from here, refused pushes tried again."""

import json
import uuid
from datetime import timedelta

import pytest

from shared.analytics.segments.schemas import CreateSegment
from shared.clients.analytics.mongo import MongoAnalytics
from shared.clients.documents.firestore import FirestoreDocuments
from shared.clients.documents.port import Set
from shared.kernel.clock import ManualClock, SystemClock
from shared.messaging.broadcasts import pushing, segments
from tests.contract.analytics.conftest import real_settings as mongo_settings
from tests.contract.documents.conftest import real_settings
from tests.factories.app import make_app, make_settings
from tests.factories.broadcasts import LUCIA, body, delivered, in_tier, person, run, send, stored
from tests.factories.consent import grant
from tests.factories.crowds import counted, dancer
from tests.factories.premium import ORG, added_up, fund

QUICK = json.dumps({"gold": {"cooldownHours": 0}})
PEOPLE, WILLING, LATE = 40, 30, 12


@pytest.fixture(params=["embedded", pytest.param("real", marks=pytest.mark.stores)])
async def app(request, tmp_path):
    """A worker on the twins, or on Firestore and MongoDB."""
    given, name = {}, uuid.uuid4().hex[:12]
    if request.param == "real":
        given["given_documents"] = FirestoreDocuments(real_settings(google_cloud_project=f"demo-{name}"))
        given["given_analytics"] = MongoAnalytics(mongo_settings(mongodb_database=f"test_{name}"))
    settings = make_settings(cabeceo_data=tmp_path, bulk_writes_per_second=1_000_000, tiers=QUICK)
    made = make_app(folder=tmp_path, clock=ManualClock(SystemClock().now()), settings=settings, **given)
    yield made
    await made.close()


async def with_phone(app, uid, *, later):
    """Somebody who wants invitations in the inbox and on the phone; the vendor may take none for now."""
    await person(app, uid)
    await grant(app, uid, "marketing", "inbox")
    await grant(app, uid, "marketing", "push")
    now = app.clock.now()
    device = {"personKey": uid, "token": f"token-of-{uid}", "platform": "web", "label": None}
    times = {"createdAt": now, "seenAt": now, "expiresAt": now + timedelta(days=9)}
    await app.documents.commit([Set(f"devices/dv_{uid}", device | times)])
    if later:
        await app.push.tell(f"token-of-{uid}", "later")


async def test_tried_pinned_sent_and_tried_again(app, monkeypatch):
    monkeypatch.setattr(segments, "PUSH_PAGE", 9)
    monkeypatch.setattr(pushing, "ROUND", 5)
    await in_tier(app, "gold")
    await fund(app, 1000)
    await counted(app, [dancer(n, tier="gold") for n in range(1, PEOPLE + 1)])
    for n in range(1, WILLING + 1):
        await with_phone(app, f"uid-{n}", later=n <= LATE)
    gold = {"attribute": "person.tier", "op": "eq", "value": "gold"}
    made = await app.segments.create(
        LUCIA, CreateSegment(organization_id=ORG, segment_name="Gold", filters=gold), None
    )
    asked = {"audience": {"type": "segment", "segmentId": made.id}, "channels": ["inbox", "push"]}

    told = await app.broadcasting.accepting.try_out(LUCIA, body(**asked))
    ident = (await send(app, digest=told.digest, **asked)).id
    while not (await stored(app, ident)).progress.pending:
        await app.broadcasting.running.step(ident)
        app.clock.advance(timedelta(seconds=1))
    for n in range(1, LATE):
        await app.push.tell(f"token-of-uid-{n}", "accepted")
    ended = await run(app, ident)

    assert (ended.state, ended.progress.delivered) == ("settled", {"inbox": WILLING, "push": WILLING - 1})
    assert ended.progress.lost == {"erased": PEOPLE - WILLING}
    assert len(await delivered(app, ident)) == 2 * WILLING
    assert ended.credits == 2 * WILLING + 3 * (WILLING - 1) <= told.credits
    sums = await added_up(app)
    assert (sums["spent"], sums["reserved"]) == (ended.credits, 0)
