"""500/50/5 on a virtual clock."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.kernel.ramp import FORGOTTEN, STEP, Ramp, seconds_for

START = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)


def drive(writes, chunk=400, *, troubles=()):
    """Write as fast as is granted; gives the moments (seconds) of all chunks. Troubles come at those seconds."""
    ramp, now, sent, left = Ramp.new(START), START, [], list(troubles)
    while writes > 0:
        ramp, now = ramp.take(chunk, now, 500)
        if left and now >= START + timedelta(seconds=left[0]):
            ramp = ramp.slower(now)
            left.pop(0)
        sent.append((now - START).total_seconds())
        writes -= chunk
        now = max(now, ramp.free_at)
    return sent, (now - START).total_seconds()


def envelope(second):
    return 500 * 1.5 ** (second // 300)


def test_a_million_cold_writes_keep_to_the_guidance_and_take_no_longer_than_it_asks():
    sent, took = drive(1_000_000)

    assert seconds_for(1_000_000, 500) == pytest.approx(1070, abs=1)
    assert took <= 1.05 * 1070
    for index, second in enumerate(sent):
        within = sum(400 for later in sent[index:] if later < second + 10)
        allowed = sum(envelope(second + tenth / 10) / 10 for tenth in range(100))
        assert within <= 1.05 * allowed + 1e-6


def test_the_store_asks_for_less_and_gets_half_for_five_minutes():
    ramp = Ramp.new(START).slower(START)

    assert ramp.rate(START, 500) == 250
    assert ramp.slower(START).rate(START, 500) == 125
    assert ramp.rate(START + STEP, 500) == 750  # back where it would have been


def test_halving_costs_time_and_nothing_else():
    _, quick = drive(300_000)
    _, slow = drive(300_000, troubles=[100])
    assert quick < slow < quick + 300


def test_what_was_not_used_for_long_begins_anew():
    later = START + 2 * STEP
    ramp, _ = Ramp.new(START).take(1, later, 500)
    assert ramp.rate(later, 500) == 1125

    ramp, begin = ramp.take(500, later + FORGOTTEN + STEP, 500)

    assert ramp.rate(begin, 500) == 500


def test_a_stored_ramp_is_the_same_ramp():
    ramp = Ramp.new(START).slower(START)
    assert Ramp.from_data(ramp.to_data()) == ramp
