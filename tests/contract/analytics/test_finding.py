"""What filters find, in which order, and how much of it."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from shared.clients.errors import Refused

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


async def ids(analytics, things, where, **more):
    return [found["_id"] for found in await analytics.find(things, where, **more)]


@pytest.fixture
async def filled(analytics, things):
    await analytics.insert(
        things,
        [
            {"_id": "1", "a": 1, "tags": ["x", "y"], "n": 3, "g": {"h": 1}},
            {"_id": "2", "a": 2, "tags": ["y"], "n": 1, "g": {"h": 2}},
            {"_id": "3", "a": 2.5, "tags": [], "n": 2, "g": {}},
            {"_id": "4", "a": "2", "n": 2},
            {"_id": "5", "a": None, "rows": [{"city": "ba", "n": 1}, {"city": "nyc", "n": 9}]},
            {"_id": "6", "rows": [{"city": "nyc", "n": 1}]},
        ],
    )
    return things


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"a": 2}, ["2"]),
        ({"a": 2.0}, ["2"]),
        ({"a": "2"}, ["4"]),
        ({"a": {"$gte": 2}}, ["2", "3"]),
        ({"a": {"$gt": 1, "$lt": 2.5}}, ["2"]),
        ({"a": {"$lte": "9"}}, ["4"]),
        ({"a": None}, ["5", "6"]),
        ({"a": {"$eq": 1}}, ["1"]),
        ({"a": {"$in": [1, "2", None]}}, ["1", "4", "5", "6"]),
        ({"a": {"$in": [1, 2], "$ne": 1}}, ["2"]),
        ({"tags": "y"}, ["1", "2"]),
        ({"tags": {"$in": ["x", "y"]}, "n": {"$gte": 2}}, ["1"]),
        ({"a": {"$gte": 0}, "g.h": {"$exists": True}}, ["1", "2"]),
        ({"a": {"$gte": 0}, "g.h": {"$exists": False}}, ["3"]),
        ({"a": {"$gte": 0}, "g.h": {"$ne": 1}}, ["2", "3"]),
        ({"rows.city": "nyc"}, ["5", "6"]),
        ({"rows.city": "nyc", "rows.n": {"$gt": 5}}, ["5"]),
        ({"_id": {"$gt": "4"}}, ["5", "6"]),
        ({"_id": {"$in": ["6", "1", "9"]}}, ["1", "6"]),
    ],
)
async def test_filters_find_what_mongodb_finds(analytics, filled, where, expected):
    assert sorted(await ids(analytics, filled, where)) == expected
    assert await analytics.count(filled, where) == len(expected)


async def test_order_limit_and_fields(analytics, filled):
    numbers = {"a": {"$gte": 0}}
    assert await ids(analytics, filled, numbers, order=[("a", 1)]) == ["1", "2", "3"]
    assert await ids(analytics, filled, numbers, order=[("a", -1)], limit=2) == ["3", "2"]
    assert await ids(analytics, filled, numbers, order=[("n", 1), ("_id", -1)]) == ["2", "3", "1"]
    assert await ids(analytics, filled, {}, order=[("_id", 1)], limit=2) == ["1", "2"]
    assert await ids(analytics, filled, {"_id": {"$gt": "2"}}, order=[("_id", 1)], limit=2) == ["3", "4"]
    assert await ids(analytics, filled, {}, order=[("_id", -1)], limit=1) == ["6"]
    assert await ids(analytics, filled, {}, limit=0) == []
    [one] = await analytics.find(filled, {"_id": "1"}, fields=["g.h", "absent"])
    assert one == {"_id": "1", "g": {"h": 1}}
    [five] = await analytics.find(filled, {"_id": "5"}, fields=["rows.city"])
    assert five == {"_id": "5", "rows": [{"city": "ba"}, {"city": "nyc"}]}


async def test_absent_fields_come_first(analytics, filled):
    assert (await ids(analytics, filled, {}, order=[("a", 1), ("_id", 1)]))[:2] == ["5", "6"]


async def test_values_come_back_as_they_went(analytics, things):
    document = {
        "_id": b"\x00\x01",
        "int": 2**62,
        "float": 1.5,
        "text": "tango ñ ☕",
        "none": None,
        "yes": True,
        "at": NOON.astimezone(timezone(timedelta(hours=3))) + timedelta(microseconds=1999),
        "raw": b"\x00\xff",
        "list": [1, [2, {"x": None}], "z"],
        "map": {"a": {"b": []}},
    }
    assert await analytics.insert(things, [document]) == 1
    [found] = await analytics.find(things, {"_id": b"\x00\x01"})
    assert found == document | {"at": NOON + timedelta(milliseconds=1)}
    assert all(isinstance(value, type(document[name])) for name, value in found.items())
    assert await analytics.count(things, {"at": NOON + timedelta(milliseconds=1)}) == 1


@pytest.mark.parametrize(
    "where",
    [
        {"b": 1},
        {"b": 1, "n": {"$gt": 1}},
        {"a": {"$ne": 1}},
        {"a": {"$exists": True}},
    ],
)
async def test_a_filter_that_no_index_serves_is_refused(analytics, things, where):
    with pytest.raises(Refused):
        await analytics.find(things, where)
    with pytest.raises(Refused):
        await analytics.delete(things, where)


@pytest.mark.parametrize(
    "where",
    [
        {"$or": [{"a": 1}]},
        {"$where": "1"},
        {"a": {"$regex": "^x"}},
        {"a": {"$not": {"$eq": 1}}},
        {"a": {"b": 1}},
        {"a": [1]},
        {"a": {"$in": []}},
        {"a": {"$gt": None}},
        {"a": {"$exists": 1}},
        {"a..b": 1},
        {"a": {"$in": [{"b": 1}]}},
    ],
)
async def test_other_operators_are_refused(analytics, things, where):
    for call in (
        analytics.find(things, where),
        analytics.count(things, where),
        analytics.delete(things, where),
    ):
        with pytest.raises(Refused):
            await call


async def test_all_documents_are_read_in_an_indexs_order_only(analytics, things):
    assert await analytics.find(things, {}, order=[("a", 1)]) == []
    with pytest.raises(Refused):
        await analytics.find(things, {}, order=[("b", 1)])
