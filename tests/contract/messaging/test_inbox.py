"""The inbox over each store: its queries, their indexes, and the store's own time in them."""

from datetime import timedelta

from shared.clients.documents.port import Order, Query, Where
from shared.messaging.inbox.schemas import InboxQuery, ReadAllQuery
from shared.people.access import Principal
from tests.factories.experience import publish
from tests.factories.inbox import ANA, announcement, campaigns_in, change, counted, listed, put

HOUR = timedelta(hours=1)
ADMIN = Principal("admin", frozenset({"admin"}))


async def several(app, number, **changes):
    """News that came one minute after the other, the last one a minute ago."""
    made = []
    for each in range(number):
        made += await put(app, f"c_{each}", **changes)
        app.clock.advance(timedelta(minutes=1))
    return made


async def test_every_state_is_found_and_counted(app):
    made = await several(app, 5, organizer="org_1")
    await put(app, "c_short", organizer="org_2", end_at=app.clock.now() + HOUR / 2)
    await put(app, "c_0", uid="uid-bruno")
    await change(app, made[0], read=True)
    await change(app, made[1], archived=True)
    await change(app, made[2], snoozedUntil=app.clock.now() + HOUR)

    states = ("unread", "read", "snoozed", "archived", None)
    found = [await campaigns_in(app, state=state) for state in states]
    assert found == [["c_short", "c_4", "c_3"], ["c_0"], ["c_2"], ["c_1"], ["c_short", "c_4", "c_3", "c_0"]]
    assert await counted(app) == (3, 4)
    assert await campaigns_in(app, organizerId="org_2") == ["c_short"]

    app.clock.advance(HOUR)
    assert await campaigns_in(app) == ["c_2", "c_4", "c_3", "c_0"]
    assert await counted(app) == (3, 4)


async def test_pages_go_on_where_they_ended(app):
    made = await several(app, 7)
    query, seen = InboxQuery(limit=3), []
    while True:
        page = (await app.inbox.page(ANA, query)).body
        seen += [item.delivery_id for item in page.items]
        if page.next_cursor is None:
            break
        query = InboxQuery(limit=3, cursor=page.next_cursor)

    assert seen == made[::-1]


async def test_a_poll_learns_of_changes_by_the_stores_own_time(app):
    (ident,) = await put(app, "c_dj")
    app.clock.advance(timedelta(minutes=1))
    for ask in (
        lambda *known: app.inbox.page(ANA, InboxQuery(), *known),
        lambda *known: app.inbox.counts(ANA, *known),
    ):
        first = await ask()
        assert (await ask([first.etag])).body is None

    before = app.clock.now()
    assert await app.inbox_items.changed_since(ANA, before - 2 * HOUR)
    await change(app, ident, read=True)
    assert await app.inbox_items.changed_since(ANA, before - timedelta(minutes=2))


async def test_what_is_withdrawn_is_gone(app):
    await publish(app, announcement())
    for uid in (ANA, "uid-bruno"):
        await put(app, "c_dj", uid=uid)
    await app.campaigns.archive(ADMIN, "c_dj")
    assert (await listed(app), await counted(app)) == ([], (0, 0))

    assert await app.inbox_withdrawals.sweep() == 1
    app.clock.advance(HOUR)
    await app.inbox_withdrawals.sweep()
    assert await app.inbox_withdrawals.all_open() == []


async def test_everything_is_read(app):
    await several(app, 4)
    assert (await app.inbox.read_all(ANA, ReadAllQuery())).updated == 4
    assert await counted(app) == (0, 4)


async def test_the_live_query_of_front_ends_has_its_index(app):
    """What a browser listens to under the security rules (tests/contract/rules)."""
    made = await several(app, 3)
    live = Query(
        app.deliveries.collection,
        (
            Where("recipient.type", "==", "user"),
            Where("recipient.id", "==", ANA),
            Where("deliveryChannel", "==", "inbox"),
        ),
        (Order("timestamps.createdAt", descending=True),),
        50,
    )

    assert [snapshot.id for snapshot in await app.documents.query(live)] == made[::-1]
