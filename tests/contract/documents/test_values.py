"""Values come back exactly, and what Firestore cannot hold is refused."""

import math
import uuid
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings

from shared.clients.documents.port import Create, Set, Update
from shared.clients.documents.values import same
from shared.clients.errors import Refused
from tests.contract.documents import strategies
from tests.factories.examples import examples

MIB = 1024 * 1024


@settings(
    max_examples=examples(80), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=strategies.documents)
async def test_any_document_comes_back_as_it_was(documents, data):
    path = f"runs/{uuid.uuid4().hex}"
    await documents.commit([Create(path, data)])
    assert same((await documents.get(path)).data, data)


async def test_types_and_extremes_are_kept(documents, run):
    data = {
        "ints": [2**63 - 1, -(2**63), 2**53 + 1, 0],
        "floats": [1.0, -0.0, 5e-324, 1.7976931348623157e308, math.inf, -math.inf, 0.1],
        "moment": datetime(2026, 11, 21, 20, 0, 0, 123456, UTC),
        "old": datetime(1, 1, 1, tzinfo=UTC),
        "late": datetime(9999, 12, 31, 23, 59, 59, 999999, UTC),
        "bytes": bytes(range(256)),
        "text": "tango \0 \U0001f483 \ue000",
        "empty": [{}, [], "", b"", None][0::2],
        "maps": [{"in": [{"list": [1]}]}],
    }
    await documents.commit([Create(run, data)])
    assert same((await documents.get(run)).data, data)


async def test_other_zones_come_back_as_utc_and_tuples_as_lists(documents, run):
    place = datetime(2026, 7, 1, 21, 30, tzinfo=timezone(timedelta(hours=-4)))
    await documents.commit([Create(run, {"at": place, "pair": (1, 2)})])
    found = (await documents.get(run)).data
    assert found == {"at": place, "pair": [1, 2]}
    assert found["at"].utcoffset() == timedelta()


async def test_a_snapshot_belongs_to_its_reader(documents, run):
    await documents.commit([Create(run, {"a": {"b": 1}})])
    (await documents.get(run)).data["a"]["b"] = 2
    assert (await documents.get(run)).data == {"a": {"b": 1}}


def nested(depth):
    value = 1
    for _ in range(depth):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    "value",
    [
        datetime(2026, 1, 1),
        2**63,
        -(2**63) - 1,
        [[1]],
        [{"a": [[1]]}],
        {1, 2},
        Decimal(1),
        object(),
        1j,
        bytearray(b"a"),
        "\ud800",
        {"\ud800": 1},
        {"": 1},
        {1: 1},
        {"__a__": 1},
        {"k" * 1501: 1},
        nested(21),
        "x" * (MIB - 88),
    ],
    ids=lambda value: repr(value)[:20],
)
async def test_what_no_document_holds(documents, run, value):
    for data in ({"f": value}, {"f": {"g": value}}):
        with pytest.raises(Refused):
            await documents.commit([Set(run, data)])
    assert await documents.get(run) is None


@pytest.mark.parametrize("name", ["", "__a__", "k" * 1501, "\ud800", 1])
async def test_what_no_field_is_called(documents, run, name):
    with pytest.raises(Refused):
        await documents.commit([Set(run, {name: 1})])
    await documents.commit([Set(run, {})])
    with pytest.raises(Refused):
        await documents.commit([Update(run, {(name,): 1})])


async def test_a_document_is_refused_from_one_mebibyte_on(documents):
    path = "users/jeff"
    fixed = {
        "name": "é" * 10, "n": 1, "f": 1.5, "t": datetime(2026, 1, 1, tzinfo=UTC), "z": None, "b": True, "y": b"abc",
        "l": [1, "a", None], "m": {"k": {"j": 1}, "e": {}}, "a": "x" * 500_000,
    }  # fmt: skip
    # docs/firestore/storage-size: name 27, overhead 32; each field its name + 1 and its value
    used = (
        27
        + 32
        + (5 + 21)
        + (2 + 8) * 3
        + (2 + 1) * 2
        + (2 + 3)
        + (2 + 8 + 2 + 1)
        + (2 + 2 + 10 + 2 + 1)
        + 2
        + 500_001
    )
    room = MIB - used - 4 - 1
    await documents.commit([Set(path, {**fixed, "pad": "x" * room})])
    with pytest.raises(Refused):
        await documents.commit([Set(path, {**fixed, "pad": "x" * (room + 1)})])
    with pytest.raises(Refused):
        await documents.commit([Update(path, {"one": None})])
    assert len((await documents.get(path)).data["pad"]) == room


@pytest.mark.parametrize(
    "ident", ["", ".", "..", "a/b", "/", "__a__", "____", "a" * 1501, "é" * 751, "\ud800"]
)
async def test_what_no_document_is_called(documents, ident):
    path = f"runs/{ident}"
    for attempt in (
        documents.get(path),
        documents.get_many(["runs/fine", path]),
        documents.commit([Set(path, {})]),
        documents.transaction(lambda running: running.get(path)),
    ):
        with pytest.raises(Refused):
            await attempt


@pytest.mark.parametrize("ident", ["...", "é" * 750, "a b", "\0", "__", "_a_", "%2F", "\U0001f483"])
async def test_odd_but_good_names(documents, run, ident):
    await documents.commit([Set(f"{run}/odd/{ident}", {"a": 1})])
    assert (await documents.get(f"{run}/odd/{ident}")).id == ident


@pytest.mark.parametrize("path", ["runs", "", "a/b/c", "/a/b", "a/b/", "a//b/c", "__a__/b", 1, None])
async def test_what_is_no_path(documents, path):
    with pytest.raises(Refused):
        await documents.get(path)


async def test_ten_mebibytes_are_the_most_of_one_commit(documents, run):
    with pytest.raises(Refused):
        await documents.commit([Set(f"{run}/big/{n}", {"a": "x" * 1_000_000}) for n in range(11)])
