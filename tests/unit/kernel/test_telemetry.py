"""What a queue or timer function reports about itself."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from shared.kernel import telemetry
from shared.kernel.clock import ManualClock


def lines(caplog):
    return [json.loads(record.message) for record in caplog.records if record.name == "cabeceo"]


def test_an_invocation_reports_its_time_and_cost(caplog):
    caplog.set_level("INFO", "cabeceo")
    clock = ManualClock(datetime(2026, 11, 21, tzinfo=UTC))

    with telemetry.invocation("activity_worker", clock) as bill:
        telemetry.count("write", 3)
        telemetry.log().info("inside")
        clock.advance(timedelta(milliseconds=20))

    inside, end = lines(caplog)
    assert inside["function"] == "activity_worker"
    assert (end["event"], end["outcome"], end["duration_ms"], end["operations"]) == (
        "invocation",
        "done",
        20,
        {"write": 3},
    )
    assert dict(bill) == {"write": 3}


def test_a_failed_invocation_says_which_error_and_lets_it_go_on(caplog):
    caplog.set_level("INFO", "cabeceo")

    with (
        pytest.raises(ValueError, match="secret"),
        telemetry.invocation("worker", ManualClock(datetime(2026, 1, 1, tzinfo=UTC))),
    ):
        raise ValueError("secret")

    failed, end = lines(caplog)
    assert (failed["error"], end["outcome"]) == ("ValueError", "ValueError")
    assert "secret" not in caplog.text


def test_nothing_stays_bound_after_an_invocation(caplog):
    caplog.set_level("INFO", "cabeceo")
    with telemetry.invocation("worker", ManualClock(datetime(2026, 1, 1, tzinfo=UTC))):
        pass
    telemetry.log().info("after")

    assert "function" not in lines(caplog)[-1]
