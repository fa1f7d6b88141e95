"""How far people come in a funnel, against every attempt there is."""

from itertools import combinations, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.analytics.funnels.figures import OTHER, broken_down, figures, people
from shared.analytics.funnels.models import FunnelShape, Row
from shared.analytics.funnels.rules import Outcome, Span, outcome

DAY = 24 * 3600 * 1000
ALWAYS = Span(0, 1000 * DAY)


def funnel(*types, **fields):
    return FunnelShape(steps=[{"event_type": each} for each in types], **fields)


def rows(*types, gap=1000, **details):
    return [Row(index * gap, 0, f"e{index:02}", each, details) for index, each in enumerate(types)]


def reached(shape, given_rows, span=ALWAYS):
    found = outcome(shape, given_rows, span)
    return [row.id for row in found.reached] if found else []


VIEW_TO_PURCHASE = ("view", "cart_add", "checkout_start", "purchase")


def test_the_four_steps_to_a_ticket():
    shape = funnel(*VIEW_TO_PURCHASE)

    assert reached(shape, rows(*VIEW_TO_PURCHASE)) == ["e00", "e01", "e02", "e03"]
    assert reached(shape, rows("view", "login", "cart_add")) == ["e00", "e02"]
    assert reached(shape, rows("purchase", "checkout_start")) == []


def test_events_of_the_same_millisecond_follow_each_other_by_sequence_and_id():
    same = [Row(5, 1, "a", "cart_add"), Row(5, 0, "b", "view"), Row(5, 1, "c", "purchase")]

    assert reached(funnel("view", "cart_add", "purchase"), same) == ["b", "a", "c"]


def test_a_repeated_step_takes_two_events():
    shape = funnel("view", "view")

    assert reached(shape, rows("view")) == ["e00"]
    assert reached(shape, rows("view", "view")) == ["e00", "e01"]


def test_nothing_comes_between_strict_steps():
    shape = funnel("view", "purchase", order="strict")

    assert reached(shape, rows("view", "login", "purchase")) == ["e00"]
    assert reached(shape, rows("view", "login", "view", "purchase")) == ["e02", "e03"]


def test_steps_in_any_order():
    shape = funnel("checkin", "favorite", "rsvp", order="any")

    assert reached(shape, rows("rsvp", "login", "checkin", "favorite")) == ["e00", "e02", "e03"]


def test_an_attempt_ends_with_its_window_and_a_later_one_may_do_better():
    shape = funnel("view", "cart_add", "purchase", window_seconds=7 * 24 * 3600)
    slow = [Row(0, 0, "a", "view"), Row(DAY, 0, "b", "cart_add"), Row(7 * DAY + 1, 0, "c", "purchase")]
    again = [*slow, Row(6 * DAY, 0, "d", "view"), Row(6 * DAY + 5, 0, "e", "cart_add")]

    assert reached(shape, slow) == ["a", "b"]
    assert reached(shape, [*slow[:2], Row(7 * DAY, 0, "c", "purchase")]) == ["a", "b", "c"]
    assert reached(shape, again) == ["d", "e", "c"]


def test_attempts_begin_in_the_span_and_may_end_behind_it():
    shape = funnel("view", "purchase")

    assert reached(shape, rows("view", "purchase"), Span(0, 1)) == ["e00", "e01"]
    assert reached(shape, rows("view", "purchase"), Span(1, 99)) == []


def excluded(shape, given_rows):
    return outcome(shape, given_rows, ALWAYS).excluded


def test_an_exclusion_removes_who_does_it_between_its_steps():
    shape = funnel("view", "cart_add", "purchase", exclusions=[{"event_type": "refund", "from_step": 2}])

    assert excluded(shape, rows("view", "cart_add", "refund", "purchase"))
    assert excluded(shape, rows("view", "cart_add", "refund"))
    assert not excluded(shape, rows("view", "refund", "cart_add", "purchase"))
    assert not excluded(shape, rows("view", "cart_add", "purchase", "refund"))
    assert not excluded(shape, rows("view", "refund"))


@pytest.mark.parametrize(
    ("order", "exclusion"),
    [
        ("sequential", {"event_type": "view"}),
        ("sequential", {"event_type": "x", "from_step": 2, "to_step": 2}),
        ("sequential", {"event_type": "x", "to_step": 3}),
        ("any", {"event_type": "x", "from_step": 1, "to_step": 2}),
    ],
)
def test_an_exclusion_fits_its_funnel(order, exclusion):
    steps = ("view", "cart_add") if order == "sequential" else ("view", "cart_add", "purchase")

    with pytest.raises(ValidationError):
        funnel(*steps, order=order, exclusions=[exclusion])


@pytest.mark.parametrize("count", [1, 9])
def test_a_funnel_has_two_to_eight_steps(count):
    with pytest.raises(ValidationError):
        funnel(*["view"] * count)


TYPES = ("a", "b", "c")
PEOPLE = st.lists(
    st.lists(
        st.builds(
            Row, st.integers(0, 6), st.integers(0, 1), st.uuids().map(str), st.sampled_from((*TYPES, "x"))
        ),
        max_size=7,
    ),
    max_size=8,
)
SHAPES = st.builds(
    lambda steps, order, window, fences: funnel(
        *steps, order=order, window_seconds=window, exclusions=[{"event_type": "x"}] if fences else []
    ),
    st.lists(st.sampled_from(TYPES), min_size=2, max_size=4),
    st.sampled_from(("sequential", "strict", "any")),
    st.integers(1, 3),
    st.booleans(),
)


def furthest(shape, given_rows, span):
    """The number of steps by trying every choice of rows."""
    ordered = sorted(given_rows, key=lambda row: row.place)
    for size in range(len(shape.steps), 0, -1):
        for places in combinations(range(len(ordered)), size):
            taken = [ordered[place] for place in places]
            near = taken[-1].at - taken[0].at <= shape.window_ms and span.holds(taken[0])
            close = shape.order != "strict" or places[-1] - places[0] == size - 1
            if near and close and any(fits(steps, taken) for steps in choices(shape, size)):
                return size
    return 0


def choices(shape, size):
    return permutations(shape.steps, size) if shape.order == "any" else [shape.steps[:size]]


def fits(steps, taken):
    return all(step.takes(row) for step, row in zip(steps, taken, strict=True))


@given(SHAPES, PEOPLE, st.integers(0, 4))
@settings(max_examples=80, deadline=None)
def test_nobody_could_have_come_further(shape, crowd, start):
    span = Span(start, start + 3)
    # seconds in the window, so that the generated milliseconds meet its end
    spread = [[Row(row.at * 1000, row.sequence, row.id, row.type) for row in each] for each in crowd]
    span = Span(start * 1000, start * 1000 + 3000)
    for each in spread:
        assert len(reached(shape, each, span)) == furthest(shape, each, span)


@given(SHAPES, PEOPLE)
@settings(max_examples=80, deadline=None)
def test_chart_and_list_of_people_agree(shape, crowd):
    outcomes = {
        f"p{number}": found
        for number, given_rows in enumerate(crowd)
        if (found := outcome(shape, given_rows, ALWAYS)) is not None
    }
    drawn = figures(shape, list(outcomes.values()))

    for number, step in enumerate(drawn.steps, start=1):
        assert len(people(outcomes, number, "reached")) == step.people
        if number > 1:
            assert len(people(outcomes, number, "dropped")) == drawn.steps[number - 2].people - step.people
    assert sum(each.excluded for each in outcomes.values()) == drawn.excluded


@given(SHAPES, PEOPLE, st.randoms())
@settings(max_examples=30, deadline=None)
def test_the_order_in_which_rows_arrive_does_not_matter(shape, crowd, chance):
    for each in crowd:
        shuffled = chance.sample(each, len(each))

        assert outcome(shape, shuffled, ALWAYS) == outcome(shape, each, ALWAYS)


def came(*times, city="boston"):
    types = VIEW_TO_PURCHASE
    steps = tuple(Row(at, 0, f"{at}", types[step], {"city_id": city}) for step, at in enumerate(times))
    return Outcome(steps)


def test_conversion_and_median_times():
    shape = funnel("view", "cart_add")
    drawn = figures(shape, [came(0, 10), came(0, 30), came(0), came(0)])

    assert [(step.people, step.overall, step.relative) for step in drawn.steps] == [(4, 1, 1), (2, 0.5, 0.5)]
    assert (drawn.steps[1].median_ms, drawn.steps[0].median_ms) == (20, None)


def test_nobody_has_no_conversion():
    drawn = figures(funnel("view", "cart_add"), [])

    assert [(step.people, step.overall, step.relative) for step in drawn.steps] == [(0, None, None)] * 2


def test_a_breakdown_hides_small_groups_and_loses_nobody():
    shape = funnel("view", "cart_add", breakdown="city_id")
    crowd = [came(0, 1)] * 25 + [came(0, city="rome")] * 19 + [came(0, city="berlin")] * 2
    parts = broken_down(shape, crowd)

    assert list(parts) == ["boston", OTHER]
    assert sum(part.steps[0].people for part in parts.values()) == len(crowd)
