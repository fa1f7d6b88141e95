"""Events of an orchestration's history, in the words of the extension (platform-facts.md §6)."""

from datetime import UTC, datetime
from enum import IntEnum
from typing import Any, Final

from shared.kernel.clock import Clock

Event = dict[str, Any]
"""EventType, EventId, IsPlayed, Timestamp, and by type Name, Input, Result, Reason, Details, TaskScheduledId, …"""


class Kind(IntEnum):
    """The EventType of each event that this engine writes."""

    EXECUTION_STARTED = 0
    EXECUTION_COMPLETED = 1
    EXECUTION_FAILED = 2
    EXECUTION_TERMINATED = 3
    TASK_SCHEDULED = 4
    TASK_COMPLETED = 5
    TASK_FAILED = 6
    SUB_ORCHESTRATION_CREATED = 7
    SUB_ORCHESTRATION_COMPLETED = 8
    SUB_ORCHESTRATION_FAILED = 9
    TIMER_CREATED = 10
    TIMER_FIRED = 11
    ORCHESTRATOR_STARTED = 12
    ORCHESTRATOR_COMPLETED = 13
    EVENT_RAISED = 15


SCHEDULED: Final = (Kind.TASK_SCHEDULED, Kind.SUB_ORCHESTRATION_CREATED, Kind.TIMER_CREATED)
FAILED: Final = (Kind.TASK_FAILED, Kind.SUB_ORCHESTRATION_FAILED)
COMPLETED: Final = (Kind.TASK_COMPLETED, Kind.SUB_ORCHESTRATION_COMPLETED, Kind.TIMER_FIRED, *FAILED)


def event(kind: Kind, clock: Clock, ident: int = -1, **more: Any) -> Event:
    """A new event, not yet played; ``ident`` is the number of a scheduled action, else -1."""
    return {
        "EventType": int(kind),
        "EventId": ident,
        "IsPlayed": False,
        "Timestamp": written(clock.now()),
        **more,
    }


def completes(one: Event) -> int | None:
    """The number of the action that an event ends, if it ends one."""
    if one["EventType"] not in COMPLETED:
        return None
    return int(one["TimerId" if one["EventType"] == Kind.TIMER_FIRED else "TaskScheduledId"])


def written(moment: datetime) -> str:
    """A moment as the SDK writes it, in UTC to the microsecond."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def read(text: str) -> datetime:
    """The moment of a Timestamp or FireAt."""
    return datetime.fromisoformat(text).astimezone(UTC)
