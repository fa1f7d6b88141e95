"""What updates do, alone and in bulk, and what is refused."""

import asyncio
import uuid

import pytest

from shared.clients.analytics.port import Change, Remove, Replace, Tally
from shared.clients.errors import AlreadyExists, Refused


async def one(analytics, things, ident="1"):
    [found] = await analytics.find(things, {"_id": ident})
    return found


async def changed(analytics, things, **changes):
    return await analytics.find_one_and_update(
        things, {"_id": "1"}, {f"${name}": value for name, value in changes.items()}
    )


@pytest.fixture
async def filled(analytics, things):
    await analytics.insert(
        things,
        [{"_id": "1", "a": 1, "n": 5, "list": [1, 2], "g": {"h": [10, 20]}, "rows": [{"t": 3, "c": "x"}]}],
    )
    return things


@pytest.mark.parametrize(
    ("changes", "field", "expected"),
    [
        ({"inc": {"n": 2}}, "n", 7),
        ({"inc": {"n": 0.5}}, "n", 5.5),
        ({"inc": {"new": 3}}, "new", 3),
        ({"inc": {"g.x.y": 1, "g.h.1": 5}}, "g", {"h": [10, 25], "x": {"y": 1}}),
        ({"set": {"g.h": None}}, "g", {"h": None}),
        ({"set": {"n": {"m": 1}}}, "n", {"m": 1}),
        ({"unset": {"g": 1, "absent.x": 1}}, "g", None),
        ({"setOnInsert": {"n": 9}, "set": {"a": 2}}, "n", 5),
        ({"min": {"n": 4}}, "n", 4),
        ({"min": {"n": 6}}, "n", 5),
        ({"max": {"n": 6}}, "n", 6),
        ({"max": {"fresh": 1}}, "fresh", 1),
        ({"addToSet": {"list": 2}}, "list", [1, 2]),
        ({"addToSet": {"list": {"$each": [2, 3, 3, 1.0]}}}, "list", [1, 2, 3]),
        ({"addToSet": {"born": {"c": 1}}}, "born", [{"c": 1}]),
        ({"push": {"list": {"$each": [9, 0], "$sort": -1, "$slice": 3}}}, "list", [9, 2, 1]),
        ({"push": {"list": {"$each": [3], "$slice": -2}}}, "list", [2, 3]),
        (
            {"push": {"rows": {"$each": [{"t": 9}, {"t": 1}], "$sort": {"t": -1}, "$slice": 2}}},
            "rows",
            [{"t": 9}, {"t": 3, "c": "x"}],
        ),
        ({"pull": {"list": 1}}, "list", [2]),
        ({"pull": {"rows": {"t": {"$gte": 3}, "c": "x"}}}, "rows", []),
        ({"pull": {"rows": {"t": 3, "c": "z"}}}, "rows", [{"t": 3, "c": "x"}]),
        ({"pull": {"absent": 1}}, "absent", None),
    ],
)
async def test_operators_do_what_mongodb_does(analytics, filled, changes, field, expected):
    answered = await changed(analytics, filled, **changes)
    assert answered.get(field) == expected
    assert answered == await one(analytics, filled)


@pytest.mark.parametrize(
    "changes",
    [
        {"inc": {"list": 1}},
        {"push": {"n": {"$each": [1]}}},
        {"addToSet": {"n": 1}},
        {"set": {"n.x": 1}},
        {"set": {"_id": "2"}},
        {"set": {"n": 1}, "inc": {"n": 1}},
        {"set": {"g": 1, "g.h": 2}},
        {"rename": {"n": "m"}},
        {"mul": {"n": 2}},
        {"push": {"list": 1}},
        {"push": {"list": {"$each": [1], "$position": 0}}},
        {"set": {"$n": 1}},
        {"set": {"n": object()}},
        {"inc": {"n": "1"}},
        {"inc": {"n": True}},
        {"set": {}},
        {},
    ],
)
async def test_what_no_server_would_do_is_refused_and_changes_nothing(analytics, filled, changes):
    before = await one(analytics, filled)
    with pytest.raises(Refused):
        await changed(analytics, filled, **changes)
    assert await one(analytics, filled) == before


async def test_an_upsert_makes_what_its_filter_says(analytics, things):
    made = await analytics.find_one_and_update(
        things,
        {"_id": "9", "a": 4, "n": {"$eq": 2}},
        {"$inc": {"x": 1}, "$setOnInsert": {"y": 2}},
        upsert=True,
    )
    assert made == {"_id": "9", "a": 4, "n": 2, "x": 1, "y": 2}
    assert await analytics.find_one_and_update(things, {"_id": "8"}, {"$inc": {"x": 1}}) is None
    with pytest.raises(Refused):
        await analytics.find_one_and_update(things, {"a": 1}, {"$inc": {"x": 1}}, upsert=True)


async def test_an_upsert_of_another_version_clashes(analytics, filled):
    with pytest.raises(AlreadyExists):
        await analytics.find_one_and_update(filled, {"_id": "1", "n": 6}, {"$set": {"a": 2}}, upsert=True)
    tally = await analytics.bulk(
        filled,
        [
            Change({"_id": "1", "n": 6}, {"$set": {"a": 2}}, upsert=True),
            Change({"_id": "2"}, {"$set": {"a": 3}}, upsert=True),
        ],
    )
    assert tally == Tally(upserted=1, clashed=1)
    assert (await one(analytics, filled))["a"] == 1


async def test_a_bulk_does_each_step_on_its_own(analytics, things):
    await analytics.insert(things, [{"_id": str(n), "n": n} for n in range(5)])
    tally = await analytics.bulk(
        things,
        [
            Change({"_id": "3"}, {"$inc": {"n": 10}}),
            Replace({"_id": "1", "n": 1}, {"z": 1}),
            Replace({"_id": "2", "n": 99}, {"z": 1}),
            Replace({"_id": "7"}, {"_id": "7", "z": 7}, upsert=True),
            Remove({"_id": "0"}),
            Remove({"_id": "absent"}),
            Change({"_id": "6"}, {"$set": {"n": 6}}, upsert=True),
        ],
    )
    assert tally == Tally(matched=2, upserted=2, removed=1)
    found = await analytics.find(things, {}, order=[("_id", 1)])
    assert found == [
        {"_id": "1", "z": 1},
        {"_id": "2", "n": 2},
        {"_id": "3", "n": 13},
        {"_id": "4", "n": 4},
        {"_id": "6", "n": 6},
        {"_id": "7", "z": 7},
    ]


async def test_inserts_leave_what_is_there(analytics, things):
    assert await analytics.insert(things, [{"_id": "1", "n": 1}, {"_id": "2", "n": 1}]) == 2
    assert (
        await analytics.insert(things, [{"_id": "3", "n": 2}, {"_id": "2", "n": 2}, {"_id": "1", "n": 2}])
        == 1
    )
    assert [each["n"] for each in await analytics.find(things, {}, order=[("_id", 1)])] == [1, 1, 2]


async def test_unique_indexes_hold(analytics):
    things = f"unique_things_{uuid.uuid4().hex}"
    assert (
        await analytics.insert(
            things, [{"_id": 1, "a": 1, "b": 1}, {"_id": 2, "a": 1, "b": 1}, {"_id": 3, "a": 1}]
        )
        == 2
    )
    with pytest.raises(AlreadyExists):
        await analytics.find_one_and_update(things, {"_id": 3}, {"$set": {"b": 1}})
    assert (await analytics.bulk(things, [Change({"_id": 3}, {"$set": {"b": 1}})])).clashed == 1
    assert (await analytics.find_one_and_update(things, {"_id": 3}, {"$set": {"b": 2}}))["b"] == 2
    await analytics.drop(things)


async def test_deleting_and_dropping(analytics, things):
    await analytics.insert(things, [{"_id": n, "a": n % 2} for n in range(6)])
    assert await analytics.delete(things, {"a": 1}) == 3
    assert await analytics.count(things, {"_id": {"$in": list(range(6))}}) == 3
    assert things in await analytics.collections("things_")
    await analytics.drop(things)
    assert things not in await analytics.collections("things_")
    assert await analytics.find(things, {"_id": 0}) == []
    await analytics.drop(things)


async def test_too_many_or_none_is_refused(analytics, things):
    for documents in ([], [{"_id": n} for n in range(1001)], [{"a": 1}]):
        with pytest.raises(Refused):
            await analytics.insert(things, documents)
    with pytest.raises(Refused):
        await analytics.bulk(things, [])
    with pytest.raises(Refused):
        await analytics.insert(things, [{"_id": 1, "n": 2**63}])


async def test_many_at_once_count_right(analytics, things):
    async def add(n):
        await analytics.find_one_and_update(things, {"_id": "sum"}, {"$inc": {"n": n}}, upsert=True)
        await analytics.bulk(things, [Change({"_id": "bulk"}, {"$inc": {"n": n}}, upsert=True)])

    await asyncio.gather(*(add(1) for _ in range(20)))
    assert [each["n"] for each in await analytics.find(things, {}, order=[("_id", 1)])] == [20, 20]


async def test_one_version_is_replaced_once(analytics, things):
    await analytics.insert(things, [{"_id": 1, "rev": 1}])

    async def replace(by):
        return await analytics.bulk(things, [Replace({"_id": 1, "rev": 1}, {"rev": 2, "by": by})])

    tallies = await asyncio.gather(*map(replace, range(8)))
    assert sum(tally.matched for tally in tallies) == 1


async def test_the_store_answers_a_ping(analytics):
    await analytics.ping()
