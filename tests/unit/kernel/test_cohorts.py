"""Numbers of people in words that hide small ones."""

from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.cohorts import at_most, coarse

NUMBERS = st.integers(0, 500)


@given(NUMBERS, NUMBERS)
def test_what_is_priced_by_tells_no_more_than_the_words(one, other):
    assert (coarse(one) == coarse(other)) == (at_most(one) == at_most(other))


@given(NUMBERS)
def test_it_is_never_less_than_the_truth_and_close_to_it(number):
    assert number <= at_most(number) <= max(19, number + 4)
