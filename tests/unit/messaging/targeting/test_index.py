"""The index of conditions answers what judging one condition after the other answers."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.messaging.targeting.conditions import EVERYONE, holds, parse
from shared.messaging.targeting.facts import Facts
from shared.messaging.targeting.index import ConditionIndex
from shared.messaging.targeting.normal_form import MAX_ROWS, rows
from shared.people.profiles.models import Profile
from tests.factories.examples import examples
from tests.factories.targeting import NOW, conditions, facts

NOBODY_IN_PARTICULAR = Facts(Profile("u1", "user"), NOW)


def holding(index, seen, among=None):
    return list(index.numbers(index.matching(seen, among), seen))


@settings(max_examples=examples(400))
@given(st.lists(conditions() | st.none(), max_size=12), facts)
def test_the_index_agrees_with_judging_one_by_one(raw, seen):
    parsed = [parse(each) for each in raw]

    assert holding(ConditionIndex(parsed), seen) == [n for n, each in enumerate(parsed) if holds(each, seen)]


@settings(max_examples=examples(400))
@given(conditions(), facts)
def test_the_rows_of_a_condition_mean_what_it_means(raw, seen):
    condition = parse(raw)
    found = rows(condition)

    if found is not None:
        assert any(all(literal.holds(seen) for literal in row) for row in found) is holds(condition, seen)


@given(st.lists(conditions(), min_size=1, max_size=8), facts, st.data())
def test_a_mask_narrows_to_the_conditions_it_names(raw, seen, data):
    parsed = [parse(each) for each in raw]
    index = ConditionIndex(parsed)
    wanted = data.draw(st.lists(st.booleans(), min_size=len(parsed), max_size=len(parsed)))

    expected = [n for n, each in enumerate(parsed) if wanted[n] and holds(each, seen)]
    assert holding(index, seen, index.rows_of(wanted)) == expected


def test_an_empty_index_matches_nothing():
    assert holding(ConditionIndex([]), NOBODY_IN_PARTICULAR) == []


def test_everyone_is_always_matched():
    assert holding(ConditionIndex([EVERYONE, EVERYONE]), NOBODY_IN_PARTICULAR) == [0, 1]


def test_a_condition_of_too_many_rows_is_judged_whole():
    """Five pairs of alternatives would be 32 rows."""
    pair = {"any": [leaf("visits.total", "gte", 1), leaf("request.page", "startsWith", "/e")]}
    condition = parse({"all": [pair] * 5})

    assert rows(condition) is None
    assert MAX_ROWS < 2**5
    assert holding(ConditionIndex([condition]), NOBODY_IN_PARTICULAR) == []
    assert holding(ConditionIndex([condition]), replace(NOBODY_IN_PARTICULAR, page="/events")) == [0]


def test_a_contradiction_never_holds():
    both = parse({"all": [leaf("person.type", "eq", "ip"), leaf("person.type", "eq", "user")]})

    assert holding(ConditionIndex([both]), NOBODY_IN_PARTICULAR) == []


def test_two_memberships_of_one_list_are_both_needed():
    both = parse(
        {"all": [leaf("person.segments", "contains", "a"), leaf("person.segments", "contains", "b")]}
    )
    index = ConditionIndex([both])

    assert holding(index, Facts(Profile("u1", "user", segments=("a",)), NOW)) == []
    assert holding(index, Facts(Profile("u1", "user", segments=("b", "a")), NOW)) == [0]


def leaf(attribute, op, value):
    return {"attribute": attribute, "op": op, "value": value}
