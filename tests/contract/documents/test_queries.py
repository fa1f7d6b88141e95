"""Queries: filters, orders across types, pages that hold while data changes, counts and refusals."""

import uuid
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.clients.documents.port import Create, Delete, Order, Query, Set, Update, Where
from shared.clients.errors import Refused
from tests.factories.examples import examples

ASCENDING_VALUES = [
    None, False, True, float("nan"), float("-inf"), -(2**63), -1.5, 0, 1, 1.5, 2**53, 2**53 + 1, 2**63 - 1, float("inf"),
    datetime(1969, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC),
    "", "A", "a", "a\0", "aa", "é", "\uffff", "\U0001f483", b"", b"\0", b"\xff",
    [], [1], [1, 2], [2], ["a"], {}, {"a": 1}, {"a": 1, "b": 1}, {"a": 2}, {"b": 0},
]  # fmt: skip


async def fill(documents, items, *rows):
    await documents.commit([Create(f"{items}/{n:02}", row) for n, row in enumerate(rows)])


async def ids(documents, *args, **values):
    return [snapshot.id for snapshot in await documents.query(Query(*args, **values))]


async def test_an_empty_query_gives_the_collection_by_id(documents, items):
    await documents.commit(
        [Create(f"{items}/{ident}", {"n": 1}) for ident in ("b", "B", "a", "é", "a0", "\U0001f483")]
    )
    await documents.commit([Create(f"{items}/a/deeper/x", {}), Create(f"{items}2/y", {})])
    assert await ids(documents, items) == ["B", "a", "a0", "b", "é", "\U0001f483"]
    assert await ids(documents, f"{items}/a/deeper") == ["x"]
    assert await ids(documents, f"{items}/none/deeper") == []


async def test_values_sort_by_type_then_value(documents, items):
    await fill(documents, items, *({"a": value} for value in ASCENDING_VALUES), {"b": 1})
    expected = [f"{n:02}" for n in range(len(ASCENDING_VALUES))]
    assert await ids(documents, items, order=(Order("a"),)) == expected
    assert await ids(documents, items, order=(Order("a", descending=True),)) == expected[::-1]


async def test_ties_are_broken_by_id_in_the_last_direction(documents, items):
    await fill(documents, items, {"a": 1}, {"a": 1.0}, {"a": 0}, {"a": 1})
    assert await ids(documents, items, order=(Order("a"),)) == ["02", "00", "01", "03"]
    assert await ids(documents, items, order=(Order("a", descending=True),)) == ["03", "01", "00", "02"]


async def test_filters(documents, items):
    await fill(
        documents, items,
        {"a": 1, "b": "x", "c": [1, "t"]}, {"a": 2, "b": "x", "c": []}, {"a": 3, "c": [2]}, {"a": None, "b": "y"},
        {"a": "1", "b": None, "c": "t"}, {"a": float("nan")}, {"a": 1.0, "b": "y", "c": [1.0, 2]}, {},
    )  # fmt: skip
    for expected, where in [
        (["00", "06"], [Where("a", "==", 1)]),
        (["03"], [Where("a", "==", None)]),
        (["05"], [Where("a", "==", float("nan"))]),
        (["06"], [Where("a", "==", 1), Where("b", "==", "y")]),
        (["00", "01", "06"], [Where("a", "in", [1, 2, "no"])]),
        (["00"], [Where("a", "in", ["1", 1]), Where("b", "in", ["x", "z"])]),
        (["01", "02"], [Where("a", ">", 1)]),
        (["00", "06", "01"], [Where("a", ">=", 1), Where("a", "<", 3)]),
        (["04"], [Where("a", ">=", "")]),
        (["02", "06"], [Where("c", "array_contains", 2)]),
        (["00"], [Where("c", "array_contains", "t")]),
        (["00", "02", "06"], [Where("c", "array_contains_any", [1, 2])]),
        (["00"], [Where("c", "==", [1, "t"])]),
        ([], [Where("a", "==", 1), Where("a", "==", 2)]),
    ]:
        assert await ids(documents, items, tuple(where)) == expected


async def test_a_nested_field_is_filtered_and_ordered_by_its_path(documents, run):
    place = f"{run}/bare"
    await fill(documents, place, {"m": {"n": 2}}, {"m": {"n": 1}}, {"m": 1}, {"m": {"n": 2, "k": 1}})
    assert await ids(documents, place, (Where("m.n", "==", 2),)) == ["00", "03"]
    assert await ids(documents, place, order=(Order("m.n"),)) == ["01", "00", "03"]


async def test_a_range_orders_by_its_field_and_leaves_others_out(documents, items):
    await fill(documents, items, {"a": 3}, {"a": 1}, {"b": 1}, {"a": 2}, {"a": "x"})
    assert await ids(documents, items, (Where("a", ">", 0),)) == ["01", "03", "00"]
    assert await ids(documents, items, (Where("a", ">", 0),), limit=2) == ["01", "03"]
    assert await ids(documents, items, (Where("a", "<", 3),), (Order("a", descending=True),)) == ["03", "01"]


async def test_a_query_sees_what_was_committed_before(documents, items):
    assert await ids(documents, items, (Where("a", "==", 1),)) == []
    await fill(documents, items, {"a": 1}, {"a": 1})
    assert await ids(documents, items, (Where("a", "==", 1),)) == ["00", "01"]
    await documents.commit(
        [Update(f"{items}/00", {"a": 2}), Delete(f"{items}/01"), Set(f"{items}/02", {"a": 1})]
    )
    assert await ids(documents, items, (Where("a", "==", 1),)) == ["02"]
    assert await ids(documents, items, order=(Order("a"),)) == ["02", "00"]


async def test_start_after_values_skips_all_ties_and_with_the_id_none(documents, items):
    await fill(documents, items, {"a": 1, "b": 1}, {"a": 1, "b": 2}, {"a": 1, "b": 1}, {"a": 0, "b": 5})
    both = (Order("a"), Order("b", descending=True))
    assert await ids(documents, items, order=both) == ["03", "01", "02", "00"]
    assert await ids(documents, items, order=both, start_after=(1, 2)) == ["02", "00"]
    assert await ids(documents, items, order=both, start_after=(1, 1)) == []
    assert await ids(documents, items, order=both, start_after=(1, 1, "02")) == ["00"]
    assert await ids(documents, items, order=both, start_after=(1.0, 1, "01")) == ["00"]
    assert await ids(documents, items, start_after=("01",)) == ["02", "03"]
    assert await ids(documents, items, (Where("a", ">", 0),), start_after=(1, "01")) == ["02"]


@settings(
    max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    ranks=st.lists(st.integers(0, 3), min_size=1, max_size=12), limit=st.integers(1, 5), descending=st.booleans(),
    changes=st.lists(st.tuples(st.booleans(), st.integers(0, 3)), max_size=6),
)  # fmt: skip
async def test_pages_neither_lose_nor_repeat_while_others_write(documents, ranks, limit, descending, changes):
    """Documents that are there all the time come exactly once, whatever is inserted and deleted meanwhile."""
    items = f"runs/{uuid.uuid4().hex}/items"
    await documents.commit([Create(f"{items}/s{n:02}", {"a": rank}) for n, rank in enumerate(ranks)])
    seen, after, extra = [], None, 0
    while True:
        query = Query(items, order=(Order("a", descending),), limit=limit, start_after=after)
        page = await documents.query(query)
        seen += [snapshot.id for snapshot in page if snapshot.id.startswith("s")]
        if len(page) < limit:
            break
        after = (page[-1].data["a"], page[-1].id)
        if changes:
            grows, rank = changes.pop()
            extra += 1
            write = (
                Create(f"{items}/x{extra:02}", {"a": rank}) if grows else Delete(f"{items}/x{extra - 1:02}")
            )
            await documents.commit([write])
    assert sorted(seen) == [f"s{n:02}" for n in range(len(ranks))]
    assert len(set(seen)) == len(seen)


async def test_count(documents, items):
    await fill(documents, items, *({"a": n % 3, "c": ["t"] * (n % 2)} for n in range(10)))
    assert await documents.count(Query(items)) == 10
    assert await documents.count(Query(items, (Where("a", "==", 0),))) == 4
    assert await documents.count(Query(items, (Where("a", "==", 0), Where("c", "array_contains", "t")))) == 2
    assert await documents.count(Query(items, (Where("a", ">", 0),), limit=3)) == 3
    assert await documents.count(Query(items, (Where("a", "==", "none"),))) == 0
    assert await documents.count(Query(items, order=(Order("a"),), start_after=(1,))) == 3


BAD = {
    "an operator": ((Where("a", "!=", 1),), ()),
    "no value to be in": ((Where("a", "in", []),), ()),
    "31 values": ((Where("a", "in", list(range(31))),), ()),
    "31 elements": ((Where("a", "array_contains_any", list(range(31))),), ()),
    "32 combinations": ((Where("a", "in", list(range(8))), Where("b", "in", list(range(4)))), ()),
    "in is not a list": ((Where("a", "in", "abc"),), ()),
    "null in a list": ((Where("a", "in", [1, None]),), ()),
    "a range of null": ((Where("a", ">", None),), ()),
    "a range of NaN": ((Where("a", "<", float("nan")),), ()),
    "two filters on elements": ((Where("a", "array_contains", 1), Where("b", "array_contains_any", [1])), ()),
    "a list in a list": ((Where("a", "array_contains", [1]),), ()),
    "an order of the fixed field": ((Where("a", "==", 1),), (Order("a"),)),
    "an order twice": ((), (Order("a"), Order("a"))),
    "a naive time": ((Where("a", "==", datetime(2026, 1, 1)),), ()),
    "an operator as field": ((Where("a`b", "==", 1),), ()),
    "the name": ((Where("__name__", "==", "x"),), ()),
    "an empty field": ((), (Order(""),)),
    "a field that is no text": ((Where(("a",), "==", 1),), ()),
}  # fmt: skip


@pytest.mark.parametrize(("where", "order"), BAD.values(), ids=BAD)
async def test_queries_that_are_refused(documents, items, where, order):
    for ask in (documents.query, documents.count):
        with pytest.raises(Refused):
            await ask(Query(items, where, order))


@pytest.mark.parametrize("limit", [0, -1, True, 2**31])
async def test_limits_that_are_refused(documents, items, limit):
    with pytest.raises(Refused):
        await documents.query(Query(items, limit=limit))


@pytest.mark.parametrize("after", [(), (1, "x", "y"), (1, "a/b"), (1, 2), (1, ""), (object(),), (1, "__x__")])
async def test_cursors_that_are_refused(documents, items, after):
    with pytest.raises(Refused):
        await documents.query(Query(items, order=(Order("a"),), start_after=after))


@pytest.mark.parametrize("collection", ["", "a/b", "/a", "a/", "__a__", "a/../b"])
async def test_what_is_no_collection(documents, collection):
    with pytest.raises(Refused):
        await documents.query(Query(collection))


async def test_a_query_without_its_index_is_refused(documents, run):
    bare = f"{run}/bare"
    for where, order in [
        ((Where("a", "==", 1),), (Order("b"),)),
        ((Where("a", "==", 1), Where("b", ">", 1)), ()),
        ((Where("c", "array_contains", 1),), (Order("a"),)),
        ((), (Order("a"), Order("b"))),
        ((Where("a", ">", 1), Where("b", ">", 1)), ()),
    ]:
        with pytest.raises(Refused, match="index"):
            await documents.query(Query(bare, where, order))
        with pytest.raises(Refused, match="index"):
            await documents.count(Query(bare, where, order))
    assert await documents.query(Query(bare, (Where("a", "==", 1), Where("b", "in", [1, 2])))) == []
