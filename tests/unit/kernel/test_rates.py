"""A limit lets its number through, fills evenly again, and forgets nobody who matters."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.clock import ManualClock
from shared.kernel.rates import Meter


def make(**options):
    clock = ManualClock(datetime(2026, 11, 21, tzinfo=UTC))
    return clock, Meter(clock, **options)


def test_a_limit_is_let_through_at_once_and_then_no_more():
    _, meter = make()

    taken = [meter.take("a", 3) for _ in range(4)]

    assert [one.remaining for one in taken] == [2, 1, 0, 0]
    assert [one.retry_after for one in taken] == [None, None, None, 20]


def test_it_fills_evenly():
    clock, meter = make()
    for _ in range(3):
        meter.take("a", 3)

    clock.advance(timedelta(seconds=19))
    assert meter.take("a", 3).retry_after == 1
    clock.advance(timedelta(seconds=1))
    assert meter.take("a", 3).retry_after is None
    assert meter.take("a", 3).retry_after == 20


def test_reset_says_when_all_are_back():
    clock, meter = make()
    meter.take("a", 3)
    reset = meter.take("a", 3).reset

    clock.advance(timedelta(seconds=reset))

    assert meter.take("a", 3).remaining == 2


def test_keys_do_not_share():
    _, meter = make()
    meter.take("a", 1)

    assert meter.take("b", 1).retry_after is None
    assert meter.take("a", 1).retry_after == 60


def test_memory_is_bounded():
    _, meter = make(capacity=10)
    for number in range(1000):
        meter.take(str(number), 5)

    assert len(meter._full_at) == 10


@given(st.lists(st.floats(0, 30), max_size=60), st.integers(1, 10))
def test_no_pattern_gets_more_than_twice_the_limit_in_a_period(pauses, limit):
    """A bucket allows the limit at once and its refill meanwhile, never more."""
    clock, meter = make()
    let_through = []
    for pause in pauses:
        clock.advance(timedelta(seconds=pause))
        if meter.take("a", limit).retry_after is None:
            let_through.append(clock.monotonic())

    for start in let_through:
        assert sum(start <= moment < start + 60 for moment in let_through) <= 2 * limit


@given(st.integers(1, 600))
def test_waiting_as_told_is_always_enough(limit):
    clock, meter = make()
    while (taken := meter.take("a", limit)).retry_after is None:
        pass

    clock.advance(timedelta(seconds=taken.retry_after))

    assert meter.take("a", limit).retry_after is None
