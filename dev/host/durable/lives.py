"""How instances begin, go on and end: what is written when an orchestrator has answered."""

import json
import uuid
from collections.abc import Container
from dataclasses import replace
from datetime import timedelta
from typing import Any

from dev.host.durable.actions import Replay
from dev.host.durable.commands import Command, NonDeterministic, Unsupported
from dev.host.durable.episodes import Answer
from dev.host.durable.history import Event, Kind, event, read
from dev.host.durable.store import Instance, Store
from shared.kernel.clock import Clock
from shared.kernel.telemetry import log


class Lives:
    """Writes to the store; every call belongs inside a transaction of its caller.

    ``functions`` are trigger and name of what orchestrations may call.
    """

    def __init__(
        self, functions: Container[tuple[str, str]], store: Store, clock: Clock, version: str
    ) -> None:
        self._functions, self._store, self._clock, self._version = functions, store, clock, version

    def follow(self, one: Instance, history: list[Event], new: list[Event], answer: Answer) -> None:
        """Write what an episode's answer means."""
        one.custom_status = answer.status or one.custom_status
        replay = Replay(answer.actions)
        if answer.broken:
            self._fail(one, new, answer.broken)
            return
        try:
            for item in history:
                replay.feed(item)
            for command in replay.pending.values():
                command.check(self._functions)
        except (NonDeterministic, Unsupported, LookupError, ValueError) as error:
            self._fail(one, new, f"{type(error).__name__}: {error}")
            return
        self._store.cancel_timers(one, replay.cancelled)
        if replay.behind(ended=answer.done or answer.error is not None):
            log().warning("orchestration_behind", orchestration=one.name, instance=one.id)
        if replay.finished and replay.restart is not None:
            self.begin(one.id, one.name, json.dumps(replay.restart), one.version, before=one)
        elif replay.finished and answer.error is not None:
            self._fail(one, new, answer.error)
        elif replay.finished and answer.done:
            result = json.dumps(answer.output)
            ended = event(
                Kind.EXECUTION_COMPLETED, self._clock, Result=result, OrchestrationStatus="Completed"
            )
            self.end(one, "Completed", result, [*new, ended])
        else:
            self._go_on(one, new, replay)

    def _go_on(self, one: Instance, new: list[Event], replay: Replay) -> None:
        scheduled = [
            event(each.kind, self._clock, each.number, **each.fields) for each in replay.pending.values()
        ]
        self._store.append(one.id, [*new, *scheduled, event(Kind.ORCHESTRATOR_COMPLETED, self._clock)])
        status = one.status if one.status == "Suspended" else "Running"
        self._store.keep(replace(one, status=status, updated_at=self._clock.now()))
        for each in replay.pending.values():
            if each.kind == Kind.TASK_SCHEDULED:
                self._store.add_work(one, each.number, each.name, each.text)
            elif each.kind == Kind.SUB_ORCHESTRATION_CREATED:
                self._begin_child(one, each)
            elif each.number not in replay.cancelled:
                fired = event(Kind.TIMER_FIRED, self._clock, TimerId=each.number, FireAt=each.fire_at)
                fired["Timestamp"] = each.fire_at
                due = read(each.fire_at) + timedelta(microseconds=999)  # kept in milliseconds, rounded down
                self._store.send(one.id, fired, due, execution=one.execution, timer=each.number)

    def _begin_child(self, one: Instance, asked: Command) -> None:
        ident = asked.instance or f"{one.execution}:{asked.number:04x}"
        parent = {"instance": one.id, "execution": one.execution, "number": asked.number}
        known = self._store.instance(ident)
        if known is None or known.ended:
            self.begin(ident, asked.name, asked.text, asked.version, parent=parent)
            return
        reason = f"an instance with the id {ident} has not ended"
        self._tell(parent, failure=f"Orchestrator function '{asked.name}' failed: {reason}")

    def begin(
        self,
        ident: str,
        name: str,
        text: str | None,
        version: str | None,
        *,
        parent: dict[str, Any] | None = None,
        before: Instance | None = None,
    ) -> None:
        """Write a new instance, or the next execution of one, whose raised events are kept."""
        now, execution = self._clock.now(), uuid.uuid4().hex
        version = version or self._version
        self._store.forget(ident, events=before is None)
        if before:
            one = replace(before, execution=execution, input=text, updated_at=now)
        else:
            one = Instance(ident, execution, name, version, text, "Pending", None, None, parent, now, now)
        self._store.keep(one)
        started = event(
            Kind.EXECUTION_STARTED, self._clock, Name=name, Version=one.version, Input=text, Tags=None
        )
        started["OrchestrationInstance"] = {"InstanceId": ident, "ExecutionId": execution}
        self._store.send(ident, started, now, execution=execution)

    def _fail(self, one: Instance, new: list[Event], reason: str) -> None:
        said = f"Orchestrator function '{one.name}' failed: {reason}"
        log().error("orchestration_failed", orchestration=one.name, instance=one.id, error=reason)
        ended = event(Kind.EXECUTION_COMPLETED, self._clock, Result=said, OrchestrationStatus="Failed")
        self.end(one, "Failed", json.dumps(said), [*new, ended])

    def end(self, one: Instance, status: str, output: str, events: list[Event]) -> None:
        """Write an instance's last events and its output, drop what it waited for, and tell who waits for it."""
        self._store.append(one.id, [*events, event(Kind.ORCHESTRATOR_COMPLETED, self._clock)])
        self._store.drop_pending(one.id)
        self._store.keep(replace(one, status=status, output=output, updated_at=self._clock.now()))
        if one.parent and status == "Completed":
            self._tell(one.parent, result=output)
        elif one.parent:
            self._tell(one.parent, failure=str(json.loads(output)))

    def _tell(self, parent: dict[str, Any], *, result: str | None = None, failure: str = "") -> None:
        told: dict[str, Any] = {"TaskScheduledId": parent["number"]}
        if result is None:
            one = event(Kind.SUB_ORCHESTRATION_FAILED, self._clock, **told, Reason=failure, Details=failure)
        else:
            one = event(Kind.SUB_ORCHESTRATION_COMPLETED, self._clock, **told, Result=result)
        if self._store.instance(parent["instance"]):
            self._store.send(parent["instance"], one, self._clock.now(), execution=parent["execution"])
