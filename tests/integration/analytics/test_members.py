"""Who a segment's message goes to: pinned once, read in pages, shown with its drift before."""

from datetime import timedelta

import pytest

from shared.analytics.segments import members
from shared.analytics.segments.schemas import ChangeSegment, CreateSegment
from shared.kernel import telemetry
from shared.kernel.errors import NotFound
from shared.people.access import Principal, Role
from tests.factories.crowds import counted, dancer, store

GOLD = {"attribute": "person.tier", "op": "eq", "value": "gold"}
ORGANIZER = Principal("uid-org", frozenset({Role.ORGANIZER}), frozenset({"org_1"}))
STRANGER = Principal("uid-not", frozenset({Role.ORGANIZER}), frozenset({"org_2"}))


async def a_segment(app, filters=GOLD):
    return await app.segments.create(ORGANIZER, CreateSegment(segment_name="Gold", filters=filters), None)


async def keys(app, purpose, **after):
    return [key async for _, page in app.segment_members.pages(purpose, **after) for key in page]


async def test_the_people_of_a_send_stay_who_they_were(app):
    await counted(app, [dancer(n, tier="gold") for n in range(1, 31)])
    segment = await a_segment(app)
    first = await app.segment_members.pin(ORGANIZER, segment.id, "b_1")
    app.clock.advance(timedelta(minutes=5))
    await store(app, [dancer(n) for n in range(1, 11)])
    await app.facet_refresh.run()
    await app.segments.change(ORGANIZER, segment.id, ChangeSegment(segment_name="Other"), if_match="1")
    again = await app.segment_members.pin(ORGANIZER, segment.id, "b_1")

    assert (first.count, first.version) == (again.count, again.version) == (30, 1)
    assert await keys(app, "b_1") == [f"uid-{n}" for n in range(1, 31)]


async def test_drift_is_told_before_a_send(app):
    await counted(app, [dancer(n, tier="gold") for n in range(1, 31)])
    segment = await a_segment(app)
    app.clock.advance(timedelta(minutes=5))
    await store(app, [*(dancer(n) for n in range(1, 7)), dancer(40, tier="gold")])
    await app.facet_refresh.run()
    drift = (await app.segment_members.preview(ORGANIZER, segment.id)).drift

    sizes = [len(some) for some in (drift.then, drift.now, drift.joined, drift.left)]
    assert (sizes, drift.alarming) == ([30, 25, 1, 6], True)


async def test_visitors_are_nobodys_recipients(app):
    await counted(app, [dancer(1, tier="gold"), dancer(2, person_type="ip", tier="gold")])
    operator = Principal("uid-op", frozenset({Role.OPERATOR}))
    segment = await app.segments.create(operator, CreateSegment(segment_name="All gold", filters=GOLD), None)
    audience = await app.segment_members.pin(operator, segment.id, "b_1")

    assert (segment.size_estimate, audience.count, len(audience.drift.left)) == (2, 1, 0)
    assert await keys(app, "b_1") == ["uid-1"]


async def test_pages_go_on_where_they_stopped_and_cost_one_read_each(app, monkeypatch):
    monkeypatch.setattr(members, "PAGE", 10)
    await counted(app, [dancer(n, tier="gold") for n in range(1, 27)])
    segment = await a_segment(app)
    await app.segment_members.pin(ORGANIZER, segment.id, "b_1")
    with telemetry.invocation("test", app.clock) as spent:
        pages = [page async for page in app.segment_members.pages("b_1")]

    assert [len(found) for _, found in pages] == [10, 10, 6]
    assert spent["mongo"] == 1 + len(pages)
    assert await keys(app, "b_1", after=pages[1][0]) == pages[2][1]


async def test_who_is_gone_gets_nothing(app):
    await counted(app, [dancer(1, tier="gold"), dancer(2, tier="gold")])
    segment = await a_segment(app)
    await app.segment_members.pin(ORGANIZER, segment.id, "b_1")
    await app.analytics.delete("userBehaviorAnalytics", {"personKey": "uid-1"})

    assert await keys(app, "b_1") == ["uid-2"]


async def test_another_organizers_segment_is_not_found(app):
    await counted(app, [dancer(1, tier="gold")])
    segment = await a_segment(app)
    for wrong in (
        app.segment_members.pin(STRANGER, segment.id, "b_1"),
        app.segment_members.preview(STRANGER, segment.id),
        app.segment_members.pin(ORGANIZER, segment.id, "b_1", version=7),
        keys(app, "b_never"),
    ):
        with pytest.raises(NotFound):
            await wrong
    assert await app.segment_members.pinned("b_1") is None
