"""Filters over bitmaps find exactly the people of whom they hold."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.analytics.bitmaps.bits import bits
from shared.analytics.segments.facets import Facets, facets_of, members, needed
from shared.analytics.segments.filters import parse
from shared.analytics.segments.ready import READY, TAGS
from tests.factories.segments import AS_OF, READ, holds, people

PEOPLE = people(4000)
FACETS = Facets(facets_of(PEOPLE), AS_OF)


def found(raw):
    return set(members(parse(raw), FACETS))


def judged(raw):
    return {number for number, person in PEOPLE.items() if holds(raw, person)}


@pytest.mark.parametrize("name", READY)
def test_each_ready_made_segment_is_who_it_says(name):
    filters = READY[name][1]

    assert found(filters) == judged(filters)
    assert 0 < len(found(filters)) < len(PEOPLE)


@pytest.mark.parametrize("name", TAGS)
def test_each_tag_goes_to_whom_it_says(name):
    assert found(TAGS[name]) == judged(TAGS[name]) != set()


def test_night_owls_come_at_22_23_0_and_1():
    filters = {"attribute": "login.peak_hour", "op": "during", "value": {"from": 22, "to": 2}}

    assert {PEOPLE[number].peak_hour for number in found(filters)} == {22, 23, 0, 1}


def test_whoever_was_never_seen_is_not_away():
    never = {number for number, person in PEOPLE.items() if person.last_seen_at is None}
    away = {"attribute": "visits.last_at", "op": "before", "value": {"days_ago": 45}}

    assert never
    assert not never & found(away)
    assert never <= found({"not": [away]})


NUMBERS = ("travel.unique_cities", "visits.total", "login.night_share", "attendance.total", "purchases.total")
HUNDREDTHS = ("visits.frequency", "visits.prior_frequency")
LISTS = {
    "follows.organizers": ("org_1", "org_2", "org_9"),
    "travel.cities": ("boston", "rome", "nowhere"),
    "attendance.types": ("milonga", "practica"),
}
WORDS = {
    "person.tier": ("basic", "gold", "silver"),
    "class.primary_level": ("beginner", "advanced"),
    "home.country": ("US", "AR", "IT"),
}


def leaf(attribute, op, value):
    return {"attribute": attribute, "op": op, "value": value}


ORDER = st.sampled_from(("eq", "lt", "lte", "gt", "gte"))
LEAVES = st.one_of(
    st.builds(leaf, st.sampled_from(NUMBERS), ORDER, st.integers(0, 400) | st.sampled_from((2.5, 2**32))),
    st.builds(leaf, st.sampled_from(HUNDREDTHS), ORDER, st.sampled_from((0, 1.99, 2, 2.3, 3.01, 500))),
    st.builds(
        leaf,
        st.sampled_from(("visits.last_at", "purchases.last_at")),
        st.sampled_from(("before", "after")),
        st.builds(lambda days: {"days_ago": days}, st.integers(0, 400)),
    ),
    st.builds(
        leaf,
        st.just("login.peak_hour"),
        st.just("during"),
        st.builds(lambda a, b: {"from": a, "to": b}, st.integers(0, 23), st.integers(0, 23)),
    ),
    st.builds(leaf, st.just("login.peak_hour"), st.just("in"), st.lists(st.integers(0, 23), min_size=1)),
    st.sampled_from(sorted(LISTS)).flatmap(
        lambda name: st.builds(leaf, st.just(name), st.just("contains"), st.sampled_from(LISTS[name]))
    ),
    st.sampled_from(sorted(LISTS)).flatmap(
        lambda name: st.builds(
            leaf, st.just(name), st.just("contains_any"), st.lists(st.sampled_from(LISTS[name]), min_size=1)
        )
    ),
    st.sampled_from(sorted(WORDS)).flatmap(
        lambda name: st.builds(leaf, st.just(name), st.just("eq"), st.sampled_from(WORDS[name]))
    ),
    st.builds(leaf, st.sampled_from(sorted(READ)), st.just("exists"), st.booleans()),
)
FILTERS = st.recursive(
    LEAVES,
    lambda inner: st.builds(
        lambda kind, parts: {kind: parts},
        st.sampled_from(("all", "any", "not")),
        st.lists(inner, min_size=1, max_size=4),
    ),
    max_leaves=10,
)


@given(FILTERS)
@settings(max_examples=60, deadline=None)
def test_bitmaps_and_a_look_at_everyone_agree(raw):
    assert found(raw) == judged(raw)


@given(FILTERS)
@settings(max_examples=20, deadline=None)
def test_what_is_loaded_beforehand_is_all_that_is_needed(raw):
    tree = parse(raw)
    loaded = Facets({key: FACETS.get(key) for key in needed(tree)}, AS_OF)

    assert members(tree, loaded) == members(tree, FACETS)


def test_a_set_is_not_changed_by_asking():
    before = {key: bits(found) for key, found in FACETS.sets.items()}
    members(parse(READY["dormant_regulars"][1]), FACETS)

    assert dict(FACETS.sets) == before
