"""What replaying the orchestration of a broadcast costs: a million recipients, by the SDK's own executor (row 9).

A million recipients are 100 pages: 100 steps that freeze and 100 that write, were each a step of its own (four share one). The
orchestrator is the real one, its histories as the extension would send them after each result. The other way is the same number of
activities in one history. Goal: at most 5 s of CPU, at most 100 activities and 60 KiB a history.
"""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

from benchmarks import Case
from blueprints.messaging import broadcasts_durable

START = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
ACTIVITIES = 200
NAME = "b_dgzfqvxbyfimva2m77ellgzdvw"


def cases() -> Iterator[Case]:
    longest = len(json.dumps(history(broadcasts_durable.STEPS)))
    yield Case(
        title=f"replays for a million recipients; {broadcasts_durable.STEPS} activities and "
        f"{longest / 1024:.0f} KiB a history at most; goal 5 s",
        unit="broadcast",
        units=1,
        ways={
            "the orchestration, a new history each 40 steps": partial(replayed, broadcasts_durable.STEPS),
            "the same in one history": partial(replayed, ACTIVITIES),
        },
    )


def replayed(in_one: int) -> int:
    """Every episode of every history; gives how many steps were asked for in all."""
    asked = 0
    run = executor(in_one)
    for _ in range(ACTIVITIES // in_one):
        for done in range(in_one):
            answer = json.loads(run(body(done)))
            asked += len(answer["actions"][0]) == done + 1
    return asked


def executor(steps: int) -> Callable[[str], str]:
    """The blueprint's orchestrator as the worker runs it, with so many steps to a history."""

    def told(context: str) -> str:
        broadcasts_durable.STEPS = steps
        return RUN(context)

    return told


def body(done: int) -> str:
    return json.dumps(
        {
            "history": history(done),
            "input": json.dumps(NAME),
            "instanceId": NAME,
            "isReplaying": False,
            "parentInstanceId": None,
            "upperSchemaVersion": 1,
            "upperSchemaVersionNew": 2,
            "maximumShortTimerDuration": "6.00:00:00",
            "longRunningTimerIntervalDuration": "3.00:00:00",
        }
    )


def history(done: int) -> list[dict[str, object]]:
    """The events after so many results, which all say: at once."""
    events = [
        event(12, 0),
        event(0, 0, Name="broadcast", Input=json.dumps(NAME), Version=""),
    ]
    for number in range(done):
        second = number + 1
        events += [
            event(4, second - 1, EventId=number, Name="broadcast_step"),
            event(13, second - 1),
            event(12, second),
            event(5, second, TaskScheduledId=number, Result=json.dumps(moment(0))),
        ]
    return events


def event(kind: int, second: int, **more: object) -> dict[str, object]:
    return {"EventType": kind, "EventId": -1, "IsPlayed": False, "Timestamp": moment(second), **more}


def moment(second: int) -> str:
    return (START + timedelta(seconds=second)).isoformat().replace("+00:00", "Z")


RUN = broadcasts_durable.broadcast._function.get_user_function()  # noqa: SLF001 - as the host finds it
