"""What an organizer can learn from sizes: nothing that tells one person from the cohort."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.analytics.bitmaps.bits import bits, from_bytes, to_bytes
from shared.analytics.segments.shield import BOUND, FLOOR, Shield
from shared.clients.analytics.embedded import EmbeddedAnalytics
from shared.kernel.clock import ManualClock
from shared.kernel.errors import TooManyRequests
from tests.factories.app import NOW


def shields(count=1, per_day=1000, secret="s" * 32):
    """Instances with one memory."""
    clock, store = ManualClock(NOW), EmbeddedAnalytics(":memory:")
    return clock, [Shield(store, secret, clock, per_day=per_day) for _ in range(count)]


async def told(shield, members, owner="org_1"):
    return (await shield.tell(owner, bits(members))).count


async def test_fewer_than_twenty_are_not_told():
    _, (shield,) = shields()

    assert [
        await told(shield, range(start, start + size)) for start, size in ((0, 0), (500, 1), (900, 19))
    ] == [None] * 3


@pytest.mark.parametrize("size", [25, 60, 137, 5000])
async def test_a_number_is_a_multiple_of_five_near_the_truth(size):
    _, (shield,) = shields()
    count = await told(shield, range(size))

    assert count % 5 == 0
    assert abs(count - size) <= 5


async def test_the_same_people_have_one_number_whoever_asks_on_whatever_instance():
    _, (one, other) = shields(2)
    people = range(0, 700, 7)
    answers = {
        await told(one, people),
        await told(other, people),
        await told(one, people, "org_2"),
        (await other.tell("org_3", from_bytes(to_bytes(bits(people))))).count,
    }

    assert len(answers) == 1


@given(st.sets(st.integers(0, 400), min_size=20), st.integers(0, 400))
@settings(max_examples=40)
async def test_whether_somebody_is_in_a_cohort_cannot_be_asked_for(cohort, target):
    """«All of them» and «all of them but one» have one answer, whether that one is among them or not."""
    _, (shield,) = shields()
    everyone = await told(shield, cohort)

    assert await told(shield, cohort - {target}) == everyone
    assert await told(shield, cohort | {target}) == everyone


@given(st.lists(st.sets(st.integers(0, 120)), min_size=2, max_size=12))
@settings(max_examples=40)
async def test_every_number_is_that_of_the_first_told_cohort_near_by_and_those_are_far_apart(cohorts):
    _, (shield,) = shields()
    first_told = []
    for members in cohorts:
        count = await told(shield, members)
        near = [number for other, number in first_told if len(other ^ members) < FLOOR]
        if near:
            assert count == near[0]
        else:
            first_told.append((members, count))
        assert count is None or abs(count - len(members)) <= BOUND


async def test_a_cohort_asked_for_yesterday_is_remembered():
    clock, (shield,) = shields()
    everyone = await told(shield, range(100))
    clock.advance(timedelta(days=6))

    assert await told(shield, range(99)) == everyone


async def test_the_questions_of_a_day_are_counted_together_on_all_instances():
    clock, (one, other) = shields(2, per_day=3)
    for shield in (one, other, one):
        await told(shield, range(50))
    with pytest.raises(TooManyRequests) as refused:
        await told(other, range(500))
    assert refused.value.code == "cohort_budget_spent"
    assert refused.value.retry_after == 4 * 3600 + 1

    await told(other, range(500), "org_2")
    clock.advance(timedelta(hours=4))
    assert await told(other, range(500)) is not None


async def test_what_is_eight_days_old_is_forgotten():
    clock, (shield,) = shields()
    await told(shield, range(100))
    assert await shield.retain(clock.now()) == 0
    clock.advance(timedelta(days=9))

    assert await shield.retain(clock.now()) == 1


async def test_another_secret_makes_other_numbers():
    numbers = [
        [await told(shields(secret=secret)[1][0], range(size)) for size in range(40, 140, 3)]
        for secret in ("a" * 32, "b" * 32)
    ]

    assert numbers[0] != numbers[1]
    assert min(numbers[0]) >= FLOOR
