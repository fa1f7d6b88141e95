"""The words of an orchestrator's answer: actions by number, and what is refused of them (platform-facts.md §6)."""

from collections.abc import Container
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from dev.host.durable.history import Kind

_TRIGGERS: Final = {
    Kind.TASK_SCHEDULED: "activityTrigger",
    Kind.SUB_ORCHESTRATION_CREATED: "orchestrationTrigger",
}


class Asked(IntEnum):
    """The actionType of each action that the SDK knows; those after the gap are refused."""

    CALL_ACTIVITY = 0
    CALL_ACTIVITY_WITH_RETRY = 1
    CALL_SUB_ORCHESTRATOR = 2
    CALL_SUB_ORCHESTRATOR_WITH_RETRY = 3
    CONTINUE_AS_NEW = 4
    CREATE_TIMER = 5
    WAIT_FOR_EXTERNAL_EVENT = 6
    WHEN_ANY = 11
    WHEN_ALL = 12

    CALL_ENTITY = 7
    CALL_HTTP = 8
    SIGNAL_ENTITY = 9
    SCHEDULED_SIGNAL_ENTITY = 10


class NonDeterministic(Exception):
    """The orchestrator asks for other things than its history holds."""


class Unsupported(Exception):
    """The orchestrator asks for what the local host does not serve."""


@dataclass(frozen=True, slots=True)
class Command:
    """An action to schedule: ``kind`` is that of the event which records it; ``text`` its input as JSON text."""

    number: int
    kind: Kind
    name: str = ""
    text: str | None = None
    fire_at: str = ""
    instance: str | None = None
    version: str | None = None

    @property
    def fields(self) -> dict[str, Any]:
        """What its event says beside the kind and the number."""
        if self.kind == Kind.TIMER_CREATED:
            return {"FireAt": self.fire_at}
        return {"Name": self.name, "Input": self.text} | (
            {"InstanceId": self.instance} if self.kind == Kind.SUB_ORCHESTRATION_CREATED else {}
        )

    def check(self, functions: Container[tuple[str, str]]) -> None:
        """Raises LookupError when the app has no such activity or orchestrator."""
        trigger = _TRIGGERS.get(self.kind)
        if trigger and (trigger, self.name) not in functions:
            raise LookupError(f"the function '{self.name}' does not exist or is no {trigger}")
