"""Filters are refused with a pointer to each fault."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.analytics.segments.attributes import ATTRIBUTES
from shared.analytics.segments.filters import fingerprint, parse
from shared.analytics.segments.kinds import MAX_DEPTH, MAX_LEAVES, MAX_VALUES
from shared.kernel.errors import Invalid

GOOD = {"attribute": "visits.total", "op": "gte", "value": 3}


def faults(raw):
    with pytest.raises(Invalid) as refused:
        parse(raw, "/filters")
    return [(fault.pointer, fault.code) for fault in refused.value.faults]


def leaf(attribute, op, value):
    return {"attribute": attribute, "op": op, "value": value}


def test_every_example_of_the_table_is_a_good_filter():
    for row in ATTRIBUTES.values():
        parse(leaf(row.name, *row.example))


@pytest.mark.parametrize(
    ("raw", "pointer", "code"),
    [
        (None, "/filters", "not_an_object"),
        ([], "/filters", "not_an_object"),
        ({}, "/filters", "missing_field"),
        ({**GOOD, "more": 1}, "/filters", "unknown_field"),
        ({"all": []}, "/filters/all", "empty_group"),
        ({"all": GOOD}, "/filters/all", "not_a_list"),
        ({"all": [GOOD], "any": [GOOD]}, "/filters", "unknown_field"),
        (
            {"all": [GOOD, {"not": [leaf("visits.totl", "gte", 3)]}]},
            "/filters/all/1/not/0/attribute",
            "unknown_attribute",
        ),
        (leaf({"$ne": 1}, "eq", 1), "/filters/attribute", "unknown_attribute"),
        (leaf("visits.total", "$gte", 3), "/filters/op", "operator_not_allowed"),
        (leaf("visits.total", "contains", 3), "/filters/op", "operator_not_allowed"),
        (leaf("visits.total", "gte", {"$gt": 0}), "/filters/value", "wrong_type"),
        (leaf("visits.total", "gte", float("nan")), "/filters/value", "wrong_type"),
        (leaf("visits.total", "gte", True), "/filters/value", "wrong_type"),
        (leaf("visits.total", "exists", 1), "/filters/value", "wrong_type"),
        (leaf("visits.last_at", "before", {"daysAgo": 3}), "/filters/value", "wrong_type"),
        (leaf("visits.last_at", "before", {"days_ago": -1}), "/filters/value", "wrong_type"),
        (leaf("visits.last_at", "before", "2026-02-30T00:00:00Z"), "/filters/value", "wrong_type"),
        (leaf("login.peak_hour", "during", {"from": 22, "to": 26}), "/filters/value", "wrong_type"),
        (leaf("login.peak_hour", "in", [22, 24]), "/filters/value/1", "wrong_type"),
        (leaf("class.primary_level", "eq", "expert"), "/filters/value", "not_a_choice"),
        (leaf("person.tier", "in", []), "/filters/value", "empty_list"),
        (leaf("person.tier", "in", "gold"), "/filters/value", "not_a_list"),
        (leaf("travel.cities", "contains", "a\x00"), "/filters/value", "wrong_type"),
        (
            leaf("travel.cities", "contains_any", ["x"] * (MAX_VALUES + 1)),
            "/filters/value",
            "too_many_values",
        ),
    ],
)
def test_a_fault_is_named_where_it_stands(raw, pointer, code):
    assert faults(raw) == [(pointer, code)]


def test_groups_nest_only_so_deep_and_hold_only_so_much():
    deep = GOOD
    for _ in range(MAX_DEPTH + 1):
        deep = {"all": [deep]}

    assert faults(deep)[0][1] == "too_deep"
    assert faults({"all": [GOOD] * (MAX_LEAVES + 1)}) == [(f"/filters/all/{MAX_LEAVES}", "too_many_leaves")]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(("all", "any", "not", "attribute", "op", "value")), inner, max_size=3
        )
    ),
    max_leaves=10,
)


@given(JSON)
def test_nothing_that_is_sent_is_more_than_refused(raw):
    with suppress(Invalid):
        parse(raw)


def test_the_order_of_fields_makes_no_other_filter():
    turned = dict(reversed(GOOD.items()))

    assert fingerprint({"all": [GOOD]}) == fingerprint({"all": [turned]}) != fingerprint({"any": [GOOD]})
