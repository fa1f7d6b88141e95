"""Samples, their bounds, and numbers that tell organizers about nobody."""

import math
import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.experience.simulate.figures import coarse, lost_between, plain
from shared.experience.simulate.rules import coming
from shared.experience.simulate.sampling import shares, start
from shared.kernel.clock import to_millis
from shared.kernel.estimates import Interval, wilson
from shared.people.profiles.models import Profile, Visits
from shared.people.visitors import is_visitor_key
from tests.factories.messaging import NOW


def exactly(number):
    return Interval(number, number, number)


class TestSample:
    def test_a_few_are_all_read(self):
        assert shares({"ip": 30, "user": 12}, 100) == {"ip": 30, "user": 12}

    def test_many_are_read_in_proportion(self):
        assert shares({"ip": 9000, "user": 1000}, 2000) == {"ip": 1800, "user": 200}

    def test_the_smallest_stratum_is_not_forgotten(self):
        assert shares({"ip": 1_000_000, "user": 3}, 2000) == {"ip": 1999, "user": 1}
        assert shares({"ip": 0, "user": 5000}, 2000) == {"ip": 0, "user": 2000}

    def test_it_begins_where_the_seed_says_among_the_strata_own_ids(self):
        assert start("ip", "c_1") == start("ip", "c_1") != start("ip", "c_2")
        assert is_visitor_key(start("ip", "c_1"))
        assert start("user", "c_1").isalnum()


class TestBounds:
    def test_nothing_is_estimated_when_everybody_was_read(self):
        assert wilson(30, 200, 200) == (30, 30, 30)

    def test_a_known_interval(self):
        """10 of 100: Wilson's 95 % interval is 5.52 % to 17.44 % (Brown, Cai, DasGupta 2001)."""
        found = wilson(10, 100, 100_000)

        assert found.estimate == pytest.approx(10_000)
        assert found.low == pytest.approx(5523, abs=2)
        assert found.high == pytest.approx(17437, abs=2)

    def test_nobody_among_those_read_is_not_nobody(self):
        found = wilson(0, 2000, 100_000)

        assert (found.estimate, found.low) == (0, 0)
        assert 150 < found.high < 250

    def test_it_covers_the_truth_nineteen_times_in_twenty(self):
        dice = random.Random(7)
        population, inside = 20_000, 0
        for _ in range(400):
            share = dice.choice([0.01, 0.1, 0.5, 0.9])
            hits = sum(dice.random() < share for _ in range(500))
            found = wilson(hits, 500, population)
            inside += found.low <= share * population <= found.high

        assert inside >= 0.93 * 400

    @given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 100_000))
    def test_never_fewer_than_seen_nor_more_than_left(self, hits, missed, rest):
        read = hits + missed
        found = wilson(hits, read, read + rest)

        assert 0 <= found.low <= found.high <= read + rest
        assert found.low >= hits - 1e-9 or read == 0
        assert found.high <= read + rest - missed + 1e-9


class TestFigures:
    def test_admins_see_numbers_as_they_are(self):
        assert plain(exactly(7)).model_dump(exclude_none=True) == {"value": 7, "text": "7"}
        assert plain(Interval(100.4, 80.2, 119.7)).text == "100 (80 to 120)"

    @pytest.mark.parametrize(
        ("number", "text"), [(0, "under 20"), (19, "under 20"), (20, "20"), (22.6, "25"), (1232, "1230")]
    )
    def test_organizers_see_them_coarse(self, number, text):
        assert coarse(exactly(number)).text == text

    def test_a_hidden_number_is_nowhere_in_it(self):
        assert coarse(exactly(7)).model_dump(exclude_none=True) == {"text": "under 20"}
        assert coarse(Interval(40, 12, 71)).model_dump(exclude_none=True) == {
            "value": 40,
            "high": 75,
            "text": "40 (under 20 to 75)",
        }

    @given(st.integers(0, 400), st.integers(0, 400))
    def test_a_loss_tells_no_more_than_the_numbers_around_it(self, before, after):
        one, other = coarse(exactly(max(before, after))), coarse(exactly(min(before, after)))
        lost = lost_between(one, other)

        if other.value is None:
            assert lost.value is None
        else:
            assert lost.value == one.value - other.value


class TestComing:
    def test_who_came_daily_is_likely_to_come_tomorrow(self):
        days = [to_millis(NOW - timedelta(days=number)) for number in range(28, 0, -1)]
        daily = Profile("u", "user", visits=Visits(tuple((day + 1, day + 2) for day in days)))

        assert coming(daily, NOW) == pytest.approx(1 - math.exp(-1))
        assert coming(Profile("u", "user"), NOW) == 0
