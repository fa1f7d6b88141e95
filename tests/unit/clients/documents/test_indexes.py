"""Which queries need which index, by Firebase's own file."""

import orjson
import pytest

from shared.clients.documents.indexes import INDEXES_FILE, Indexes
from shared.clients.documents.port import Order, Query, Where
from shared.clients.documents.queries import plan
from shared.clients.errors import Refused

UP, DOWN, CONTAINS = {"order": "ASCENDING"}, {"order": "DESCENDING"}, {"arrayConfig": "CONTAINS"}
EQUAL, RANGE = Where("a", "==", 1), Where("b", ">", 1)


def composite(*fields, scope="COLLECTION", group="items"):
    return {
        "collectionGroup": group,
        "queryScope": scope,
        "fields": [{"fieldPath": path, **mode} for path, mode in fields],
    }


@pytest.fixture
def load(tmp_path):
    """Indexes from such a file."""

    def from_file(*indexes, overrides=()):
        path = tmp_path / "firestore.indexes.json"
        path.write_bytes(orjson.dumps({"indexes": list(indexes), "fieldOverrides": list(overrides)}))
        return Indexes.load(path)

    return from_file


def served(indexes, *where, order=(), collection="runs/x/items"):
    try:
        indexes.check(plan(Query(collection, where, tuple(order))))
    except Refused:
        return False
    return True


def test_the_repositorys_own_file_is_read():
    assert INDEXES_FILE.exists()
    Indexes.load()


def test_an_absent_file_means_automatic_indexes_alone(tmp_path):
    indexes = Indexes.load(tmp_path / "none.json")
    assert served(indexes, EQUAL)
    assert not served(indexes, EQUAL, RANGE)


def test_automatic_indexes_serve_equalities_together_or_one_order(load):
    indexes = load()
    assert served(indexes)
    assert served(indexes, EQUAL, Where("b", "in", [1, 2]), Where("c", "array_contains", 1))
    assert served(indexes, Where("c", "array_contains_any", [1]), EQUAL)
    assert served(indexes, RANGE, Where("b", "<", 9))
    assert served(indexes, RANGE, order=[Order("b", descending=True)])
    assert served(indexes, order=[Order("m.n", descending=True)])


@pytest.mark.parametrize(
    ("where", "order", "index"),
    [
        ([EQUAL, RANGE], [], [("a", UP), ("b", UP)]),
        ([EQUAL], [Order("b", descending=True)], [("a", DOWN), ("b", DOWN)]),
        ([Where("a", "in", [1])], [Order("b")], [("a", UP), ("b", UP)]),
        ([Where("c", "array_contains", 1)], [Order("b")], [("c", CONTAINS), ("b", UP)]),
        ([], [Order("a"), Order("b", descending=True)], [("a", UP), ("b", DOWN)]),
        ([RANGE], [Order("a")], [("a", UP), ("b", UP)]),
        ([RANGE, Where("a", "<", 1)], [], [("a", UP), ("b", UP)]),
        (
            [EQUAL, Where("d", "==", 1)],
            [Order("b"), Order("c")],
            [("d", UP), ("a", UP), ("b", UP), ("c", UP)],
        ),
    ],
)
def test_other_queries_need_their_very_index(load, where, order, index):
    assert not served(load(), *where, order=order)
    assert served(load(composite(*index)), *where, order=order)
    assert served(load(composite(*index, ("__name__", index[-1][1]))), *where, order=order)
    reverse = [(path, DOWN if mode is UP else UP if mode is DOWN else mode) for path, mode in index]
    for other in (
        composite(*index[:-1], reverse[-1]),
        composite(*reversed(index)),
        composite(*index, ("z", UP)),
        composite(*index, group="others"),
        composite(*index, scope="COLLECTION_GROUP"),
    ):
        assert not served(load(other), *where, order=order)


def test_indexes_that_end_in_the_same_order_are_merged(load):
    where = [EQUAL, Where("d", "==", 1), Where("c", "array_contains", 1)]
    by_a, by_d = composite(("a", UP), ("b", UP)), composite(("d", UP), ("b", UP))
    by_c = composite(("c", CONTAINS), ("b", UP))
    assert served(load(by_a, by_d, by_c), *where, order=[Order("b")])
    assert not served(load(by_a, by_d), *where, order=[Order("b")])
    assert not served(load(by_a, by_d, composite(("c", UP), ("b", UP))), *where, order=[Order("b")])


def test_a_field_may_be_exempt(load):
    none = {"collectionGroup": "items", "fieldPath": "a", "indexes": []}
    indexes = load(overrides=[none])
    assert not served(indexes, EQUAL)
    assert not served(indexes, Where("a.deep", "==", 1))
    assert not served(indexes, order=[Order("a")])
    assert served(indexes, EQUAL, collection="others")
    assert served(indexes, Where("ab", "==", 1))
    assert served(load(composite(("a", UP), ("b", UP)), overrides=[none]), EQUAL, RANGE)


def test_an_override_lists_what_a_field_has(load):
    some = {"collectionGroup": "items", "fieldPath": "a", "indexes": [{**UP, "queryScope": "COLLECTION"}]}
    deeper = {"collectionGroup": "items", "fieldPath": "a.b", "indexes": [CONTAINS]}
    group = {
        "collectionGroup": "items",
        "fieldPath": "z",
        "indexes": [{**UP, "queryScope": "COLLECTION_GROUP"}],
    }
    indexes = load(overrides=[some, deeper, group])
    assert served(indexes, EQUAL, order=[])
    assert served(indexes, order=[Order("a")])
    assert not served(indexes, order=[Order("a", descending=True)])
    assert not served(indexes, Where("a", "array_contains", 1))
    assert served(indexes, Where("a.b", "array_contains", 1))
    assert not served(indexes, Where("a.b", "==", 1))
    assert not served(indexes, Where("z", "==", 1))


def test_an_override_of_every_field(load):
    indexes = load(overrides=[{"collectionGroup": "items", "fieldPath": "*", "indexes": []}])
    assert not served(indexes, EQUAL)
    assert served(indexes)


def test_a_refusal_names_the_index(load):
    asked = plan(Query("runs/x/items", (EQUAL,), (Order("b", descending=True),)))
    with pytest.raises(Refused, match=r"items has no index on \(a ASCENDING, b DESCENDING\)"):
        load().check(asked)
