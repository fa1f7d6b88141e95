"""Field transforms, on top of what a document holds."""

import math
from datetime import UTC, datetime, timedelta

import pytest

from shared.clients.documents.port import (
    DELETE_FIELD,
    SERVER_TIME,
    ArrayRemove,
    ArrayUnion,
    Create,
    Increment,
    Set,
    Update,
)
from shared.clients.errors import Refused

BIG = 2**63 - 1


async def changed(documents, items, before, fields):
    await documents.commit([Set(f"{items}/x", before)])
    await documents.commit([Update(f"{items}/x", fields)])
    return (await documents.get(f"{items}/x")).data


@pytest.mark.parametrize(
    ("before", "by", "after"),
    [
        (1, 2, 3),
        (1, 0.5, 1.5),
        (1.5, 1, 2.5),
        (BIG - 3, 10, BIG),
        (-BIG, -10, -BIG - 1),
        (BIG, 1.0, float(2**63)),
        ("text", 2, 2),
        (None, -1, -1),
        (True, 1, 1),
        ([1], 1.5, 1.5),
        (math.inf, 1, math.inf),
    ],
)
async def test_increment(documents, items, before, by, after):
    found = await changed(documents, items, {"n": before}, {"n": Increment(by), "new.m": Increment(by)})
    assert found == {"n": after, "new": {"m": by}}
    assert type(found["n"]) is type(after)


async def test_array_union_appends_what_is_not_there_by_value(documents, items):
    before = {"l": [1, "a", {"k": [1]}, None], "text": "t"}
    values = (1.0, "b", {"k": [1.0]}, None, "b", True, b"a", math.nan, math.nan)
    found = await changed(
        documents, items, before, {"l": ArrayUnion(values), "text": ArrayUnion(("t",)), "n": ArrayUnion(())}
    )
    assert found["l"][:-1] == [1, "a", {"k": [1]}, None, "b", True, b"a"]
    assert math.isnan(found["l"][-1])
    assert (found["text"], found["n"]) == (["t"], [])


async def test_array_remove_takes_every_equal_value(documents, items):
    before = {"l": [1, "a", 1.0, {"k": 1}, None, 1, -0.0, math.nan], "text": "t"}
    values = (1, {"k": 1.0}, 0, math.nan)
    found = await changed(
        documents,
        items,
        before,
        {"l": ArrayRemove(values), "text": ArrayRemove(("t",)), "n": ArrayRemove((1,))},
    )
    assert found == {"l": ["a", None], "text": [], "n": []}


async def test_server_time_is_the_moment_of_the_commit(documents, items):
    path = f"{items}/x"
    committed = await documents.commit([Create(path, {"at": SERVER_TIME, "m": {"at": SERVER_TIME, "n": 1}})])
    found = (await documents.get(path)).data
    assert found["m"] == {"at": found["at"], "n": 1}
    assert abs(found["at"] - datetime.fromtimestamp(committed / 1e9, UTC)) < timedelta(seconds=1)
    assert found["at"].utcoffset() == timedelta()


async def test_transforms_stand_inside_maps_of_a_whole_document(documents, items):
    await documents.commit([Set(f"{items}/x", {"m": {"n": 40, "old": 1}})])
    await documents.commit([Set(f"{items}/x", {"m": {"n": Increment(2), "l": ArrayUnion((1, 1)), "k": 1}})])
    assert (await documents.get(f"{items}/x")).data == {"m": {"n": 2, "l": [1], "k": 1}}
    await documents.commit([Update(f"{items}/x", {"m": {"n": Increment(2)}})])
    assert (await documents.get(f"{items}/x")).data == {"m": {"n": 2}}


@pytest.mark.parametrize(
    "fields",
    [
        {"a": Increment("1")},
        {"a": Increment(True)},
        {"a": Increment(2**63)},
        {"a": ArrayUnion(([1],))},
        {"a": ArrayRemove((datetime(2026, 1, 1),))},
        {"a": [SERVER_TIME]},
        {"a": {"b": DELETE_FIELD}},
        {"a": 1, "a.b": 2},
        {"a.b": 1, ("a", "b"): 2},
        {("a", "b"): 1, ("a",): 2, "aa": 1},
        {"a b": 1},
        {"": 1},
        {(): 1},
        {"a..b": 1},
        {"__a__": 1},
        {f"f{n}": Increment(1) for n in range(501)},
    ],
)
async def test_what_no_update_may_say(documents, items, fields):
    await documents.commit([Set(f"{items}/x", {"a": 1})])
    with pytest.raises(Refused):
        await documents.commit([Update(f"{items}/x", fields)])
    assert (await documents.get(f"{items}/x")).data == {"a": 1}


async def test_delete_field_belongs_to_updates_alone(documents, items):
    for write in (Create(f"{items}/x", {"a": DELETE_FIELD}), Set(f"{items}/x", {"a": {"b": DELETE_FIELD}})):
        with pytest.raises(Refused):
            await documents.commit([write])


async def test_five_hundred_transforms_of_one_document(documents, items):
    await documents.commit([Create(f"{items}/x", {"n": 0})])
    await documents.commit([Update(f"{items}/x", {f"f{n}": Increment(n) for n in range(500)})])
    assert (await documents.get(f"{items}/x")).data["f499"] == 499
    halves = [Update(f"{items}/x", {f"{half}{n}": Increment(1) for n in range(251)}) for half in "gh"]
    with pytest.raises(Refused):
        await documents.commit(halves)
