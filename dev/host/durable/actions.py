"""What an orchestrator asks for, awaited against its history as Microsoft's extension awaits it (platform-facts.md §6).

An orchestrator answers with every action since its start. They are awaited one after the other while the history goes
by; each that is scheduled takes the next number, and a history that says otherwise is not that orchestrator's.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from dev.host.durable.commands import Asked, Command, NonDeterministic, Unsupported
from dev.host.durable.history import COMPLETED, FAILED, SCHEDULED, Event, Kind, completes, read, written

_NEVER: Final = datetime.min.replace(tzinfo=UTC)


class Awaited:
    """Something awaited; the base is done at once."""

    @property
    def done(self) -> bool:
        """Whether the await is over."""
        return True


@dataclass
class _Task(Awaited):
    """One number; ``then`` hears how it ended."""

    over: bool = False
    then: Callable[[bool], object] = bool

    @property
    def done(self) -> bool:
        return self.over


@dataclass
class _All(Awaited):
    parts: list[Awaited]

    @property
    def done(self) -> bool:
        return all(part.done for part in self.parts)


@dataclass
class _Any(Awaited):
    parts: list[Awaited]

    @property
    def done(self) -> bool:
        return any(part.done for part in self.parts)


@dataclass
class Replay:
    """One orchestrator's actions against its history: feed every event in order, then read what is left to do.

    ``pending`` are the actions to schedule, ``restart`` the input of a continue_as_new, ``cancelled`` the numbers of
    timers that need not fire. Feeding raises NonDeterministic and Unsupported.
    """

    actions: list[dict[str, Any]]
    pending: dict[int, Command] = field(default_factory=dict)
    cancelled: set[int] = field(default_factory=set)
    restart: str | None = None
    _number: int = 0
    _next: int = 0
    _current: Awaited = field(default_factory=Awaited)
    _open: dict[int, _Task] = field(default_factory=dict)
    _timers: set[int] = field(default_factory=set)
    _waiting: dict[str, list[_Task]] = field(default_factory=dict)
    _raised: dict[str, int] = field(default_factory=dict)
    _now: datetime = _NEVER

    @property
    def finished(self) -> bool:
        """Whether every action is over, timers that nobody awaits and nobody cancelled included."""
        unawaited = self._timers & self._open.keys() - self.cancelled
        return self._next == len(self.actions) and self._current.done and not unawaited

    def behind(self, *, ended: bool) -> bool:
        """Whether the orchestrator went on, or ended, while the extension still waits, as after a failed task_all."""
        return not self._current.done and (ended or self._next < len(self.actions))

    def feed(self, one: Event) -> None:
        """Let one event of the history happen."""
        kind = one["EventType"]
        if kind == Kind.ORCHESTRATOR_STARTED:
            self._now = max(self._now, read(one["Timestamp"]))
        elif kind in SCHEDULED:
            self._confirm(one)
        elif kind == Kind.EVENT_RAISED:
            self._raise(one["Name"])
        elif (number := completes(one)) is not None:
            task = self._open.pop(number, None)
            if task:
                task.over = True
                task.then(kind in FAILED)
        if kind in (Kind.EXECUTION_STARTED, Kind.EVENT_RAISED, *COMPLETED):
            while self._current.done and self._next < len(self.actions):
                self._current = self._await(self.actions[self._next])
                self._next += 1

    def _confirm(self, one: Event) -> None:
        number, kept = one["EventId"], _said(one["EventType"], one.get("Name"))
        mine = self.pending.pop(number, None)
        asked = _said(mine.kind, mine.name) if mine else "nothing"
        if kept != asked:
            raise NonDeterministic(f"as number {number} its history has {kept}, the code {asked}")

    def _raise(self, name: str) -> None:
        waiting = self._waiting.get(name)
        if waiting:
            waiting.pop().over = True
        else:
            self._raised[name] = self._raised.get(name, 0) + 1

    def _await(self, action: dict[str, Any]) -> Awaited:
        kind = Asked(action["actionType"])
        awaited = Awaited()
        match kind:
            case Asked.CALL_ACTIVITY | Asked.CALL_SUB_ORCHESTRATOR:
                awaited = self.call(action)
            case Asked.CALL_ACTIVITY_WITH_RETRY | Asked.CALL_SUB_ORCHESTRATOR_WITH_RETRY:
                awaited = _Retried(self, action)
            case Asked.CONTINUE_AS_NEW:
                self.restart = action["input"]
            case Asked.CREATE_TIMER:
                awaited = self.timer(read(action["fireAt"]), cancelled=action["isCanceled"])
            case Asked.WAIT_FOR_EXTERNAL_EVENT:
                awaited = self._event(action["externalEventName"])
            case Asked.WHEN_ANY:
                awaited = _Any([self._await(part) for part in action["compoundActions"]])
            case Asked.WHEN_ALL:
                awaited = _All([self._await(part) for part in action["compoundActions"]])
            case _:
                raise Unsupported(f"{kind.name.lower()} is not served by the local host")
        return awaited

    def call(self, action: dict[str, Any]) -> _Task:
        """Schedule an activity or a sub-orchestration under the next number."""
        sub = action["actionType"] in (Asked.CALL_SUB_ORCHESTRATOR, Asked.CALL_SUB_ORCHESTRATOR_WITH_RETRY)
        return self._schedule(
            Command(
                self._number,
                Kind.SUB_ORCHESTRATION_CREATED if sub else Kind.TASK_SCHEDULED,
                action["functionName"],
                json.dumps(action["input"]) if sub else action["input"],
                instance=action.get("instanceId"),
                version=action.get("version"),
            )
        )

    def timer(self, fire_at: datetime, *, cancelled: bool = False) -> _Task:
        """Schedule a timer under the next number."""
        self._timers.add(self._number)
        if cancelled:
            self.cancelled.add(self._number)
        return self._schedule(Command(self._number, Kind.TIMER_CREATED, fire_at=written(fire_at)))

    def retry_in(self, milliseconds: int) -> _Task:
        """A timer from the orchestration's present moment."""
        return self.timer(self._now + timedelta(milliseconds=milliseconds))

    def _schedule(self, command: Command) -> _Task:
        self.pending[self._number] = command
        task = self._open[self._number] = _Task()
        self._number += 1
        return task

    def _event(self, name: str) -> _Task:
        """Wait for an event, which takes no number; one that came before is taken at once."""
        task = _Task(over=self._raised.get(name, 0) > 0)
        if task.over:
            self._raised[name] -= 1
        else:
            self._waiting.setdefault(name, []).append(task)
        return task


class _Retried(Awaited):
    """Attempt, timer, attempt, timer, …: one more timer runs after the last failure before the error surfaces."""

    def __init__(self, replay: Replay, action: dict[str, Any]) -> None:
        self._replay, self._action = replay, action
        options = action["retryOptions"]
        self._pause, self._left = options["firstRetryIntervalInMilliseconds"], options["maxNumberOfAttempts"]
        self._over = False
        self._attempt()

    @property
    def done(self) -> bool:
        return self._over

    def _attempt(self) -> None:
        self._left -= 1
        self._replay.call(self._action).then = self._ended

    def _ended(self, failed: bool) -> None:  # noqa: FBT001 - called by position
        if failed:
            self._replay.retry_in(self._pause).then = self._waited
        else:
            self._over = True

    def _waited(self, _failed: bool) -> None:  # noqa: FBT001
        if self._left > 0:
            self._attempt()
        else:
            self._over = True


def _said(kind: int, name: str | None) -> str:
    return f"{Kind(kind).name.lower()} {name or ''}".strip()
