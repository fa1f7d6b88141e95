"""Order keys sort as Firestore does, and writes are taken apart as meant."""

import math

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.clients.documents.embedded_codec import decode, encode
from shared.clients.documents.firestore_settling import may_repeat, verdict
from shared.clients.documents.paths import on_the_wire
from shared.clients.documents.port import (
    SERVER_TIME,
    ArrayUnion,
    Create,
    Delete,
    Increment,
    Set,
    Snapshot,
    Update,
)
from shared.clients.documents.values import order_key, plain, same, size
from shared.clients.documents.writes import steps_of
from shared.clients.errors import StoreUnavailable
from tests.contract.documents import strategies
from tests.factories.examples import examples

numbers = (
    st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.sampled_from([2**53, float(2**53), 2**53 + 1])
)


@given(strategies.values)
def test_what_is_short_as_json_is_no_large_value(value):
    """So that only commits of a quarter of a mebibyte and more are measured field by field."""
    kept = plain(value)
    assert size(kept) <= 4 * len(orjson.dumps([kept], default=bytes.hex))


@given(numbers, numbers)
def test_numbers_sort_exactly_whatever_their_type(one, other):
    assert (order_key(one) < order_key(other)) == (one < other)
    assert (order_key(one) == order_key(other)) == (one == other)


@given(numbers)
def test_nan_sorts_before_every_number(number):
    assert order_key(None) < order_key(True) < order_key(math.nan) < order_key(number)


@given(strategies.text, strategies.text)
def test_text_sorts_by_its_bytes(one, other):
    assert (order_key(one) < order_key(other)) == (one.encode() < other.encode())


@given(
    st.lists(st.integers(0, 2) | st.text("a\0", max_size=2), max_size=3),
    st.lists(st.integers(0, 2), max_size=3),
)
def test_lists_sort_by_element_then_length(one, other):
    keys = [order_key(item) for item in one], [order_key(item) for item in other]
    assert (order_key(one) < order_key(other)) == (keys[0] < keys[1])


@settings(max_examples=examples(50), deadline=None)
@given(strategies.documents)
def test_the_file_holds_every_document(data):
    assert same(decode(encode(plain(data))), plain(data))


def test_field_paths_on_the_wire():
    assert on_the_wire(("a", "_b1")) == "a._b1"
    assert on_the_wire(("caps", "a.b", "1", "x`y\\z", "é")) == "caps.`a.b`.`1`.`x\\`y\\\\z`.`é`"


@pytest.mark.parametrize(
    ("writes", "safe"),
    [
        ([Set("a/1", {"n": Increment(1)}), Delete("a/2"), Update("a/3", {"n": 1, "l": ArrayUnion((1,)), "t": SERVER_TIME})], True),
        ([Update("a/1", {"m": {"n": Increment(1)}})], False),
        ([Update("a/1", {"n": Increment(1)}, if_updated_at=1)], True),
        ([Update("a/1", {"n": Increment(1)}), Update("a/2", {"x": 1}, if_updated_at=1)], False),
        ([Update("a/1", {"n": Increment(1)}), Create("a/2", {})], True),
        ([Update("a/1", {"n": Increment(1)}), Create("a/2", {}), Delete("a/2")], False),
    ],
)  # fmt: skip
def test_which_commits_may_be_repeated(writes, safe):
    assert may_repeat(steps_of(writes)) is safe


CREATES = steps_of([Create("a/1", {"x": 1, "t": SERVER_TIME}), Create("a/2", {})])


class TestVerdict:
    """After a lost answer the created documents tell what happened, or nothing does."""

    @pytest.fixture
    def steps(self):
        return {step.path: step for step in CREATES}

    @pytest.fixture
    def found(self):
        stored = {"a/1": {"x": 1, "t": "any"}, "a/2": {}}
        return {path: Snapshot(path, data, 5, 5) for path, data in stored.items()}

    def test_all_there_with_our_content_is_ours(self, steps, found):
        assert verdict(steps, found) == 5

    def test_one_missing_or_of_another_moment_is_not(self, steps, found):
        assert verdict(steps, {"a/1": found["a/1"]}) is None
        assert verdict(steps, found | {"a/2": Snapshot("a/2", {}, 6, 6)}) is None

    def test_other_content_is_anothers_unless_it_changed_since(self, steps, found):
        assert verdict(steps, found | {"a/2": Snapshot("a/2", {"by": "another"}, 5, 5)}) is None
        with pytest.raises(StoreUnavailable):
            verdict(steps, found | {"a/2": Snapshot("a/2", {"by": "another"}, 5, 6)})

    def test_nothing_created_tells_nothing(self):
        with pytest.raises(StoreUnavailable):
            verdict({}, {})
