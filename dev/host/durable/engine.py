"""Runs orchestrations and activities: what is kept in the store is what happened, the rest is done again.

An orchestrator's episode reads its inbox, runs the code over the whole history and writes what follows in one
transaction; an activity's result is written in one with the end of its work. So a host that dies anywhere goes on: an
episode happens once, an activity at least once.
"""

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from azure.functions.durable_functions import ActivityTriggerConverter
from azure.functions.meta import Datum

from dev.host.config import DurableOptions
from dev.host.durable.actions import Command, NonDeterministic, Replay, Unsupported
from dev.host.durable.episodes import Answer, ask
from dev.host.durable.history import Event, Kind, completes, event, read
from dev.host.durable.store import Instance, Store, Work
from dev.host.loading import Function
from shared.kernel.clock import Clock
from shared.kernel.telemetry import log

Call = Callable[[Function, Any], Awaitable[Any]]
Spawn = Callable[[Coroutine[Any, Any, None]], "asyncio.Task[None]"]
MAX_ATTEMPTS: Final = 10
"""Starts of one activity after which a host that dies of it is spared."""


class AlreadyExists(Exception):
    """An instance of this id has not ended."""


class Engine:
    """One task hub over a store.

    Args:
        functions: the app's; orchestrators and activities are taken from them.
        call: runs a function on its trigger's value.
        store: keeps everything.
        clock: tells when timers are due.
        options: hub name and how much runs at once.
        spawn: begins a task.
        step: hears of each place where a host may die: before and after each thing that is kept.
        verify: run each episode twice and refuse an orchestrator that answers differently.
    """

    def __init__(
        self,
        functions: Iterable[Function],
        call: Call,
        store: Store,
        clock: Clock,
        options: DurableOptions,
        *,
        spawn: Spawn = asyncio.create_task,
        step: Callable[[str], object] = str,
        verify: bool = False,
    ) -> None:
        self._functions = {(one.kind, one.durable_name): one for one in functions}
        self._call, self.store, self.clock, self.options = call, store, clock, options
        self._spawn, self._step, self._verify = spawn, step, verify
        self._running: dict[tuple[str, str | int], asyncio.Task[None]] = {}
        self.bell = asyncio.Event()

    def start(
        self, name: str, text: str | None = None, ident: str | None = None, version: str | None = None
    ) -> str:
        """Start an orchestration on the JSON text of its input; its id. Raises LookupError and AlreadyExists."""
        self._known("orchestrationTrigger", name)
        ident = ident or uuid.uuid4().hex
        known = self.store.instance(ident)
        if known and not known.ended:
            raise AlreadyExists(
                f"An orchestration instance with the id {ident} and the status {known.status} exists."
            )
        with self.store.transaction():
            self._begin(ident, name, text, version)
        self.bell.set()
        return ident

    def raise_event(self, one: Instance, name: str, text: str) -> None:
        """Tell a running instance of an event; ``text`` is the JSON text of its data."""
        self._send(one, event(Kind.EVENT_RAISED, self.clock, Name=name, Input=text))

    def terminate(self, one: Instance, reason: str) -> None:
        """End a running instance where it is; its activities under way are not heard, its children go on."""
        with self.store.transaction():
            self._end(
                one,
                "Terminated",
                json.dumps(reason),
                [event(Kind.EXECUTION_TERMINATED, self.clock, Input=reason)],
            )

    def suspend(self, one: Instance, *, suspended: bool) -> None:
        """Let a running instance take no more steps, or go on; what happens meanwhile waits."""
        self.store.keep(
            replace(one, status="Suspended" if suspended else "Running", updated_at=self.clock.now())
        )
        self.bell.set()

    def purge(self, one: Instance) -> None:
        """Forget an instance that ended."""
        with self.store.transaction():
            self.store.forget(one.id, instance=True)

    def launch(self) -> None:
        """Begin what is ready, as much as the options let run at once."""
        for key, work in list(self._ready()):
            task = self._running[key] = self._spawn(work())
            task.add_done_callback(lambda _, key=key: self._over(key))  # type: ignore[misc]

    async def run_until_idle(self) -> None:
        """Run all that can run without time passing; what a step raises is raised here."""
        while True:
            self.launch()
            if not self._running:
                return
            done, _ = await asyncio.wait(self._running.values(), return_when=asyncio.FIRST_COMPLETED)
            await asyncio.sleep(0)  # lets the callbacks take what is done off the list
            for task in done:
                task.result()

    def _over(self, key: tuple[str, str | int]) -> None:
        del self._running[key]
        self.bell.set()

    def _ready(self) -> Iterator[tuple[tuple[str, str | int], Callable[[], Coroutine[Any, Any, None]]]]:
        kinds = [kind for kind, _ in self._running]
        left = self.options.max_concurrent_orchestrator_functions - kinds.count("episode")
        episodes = [
            ident for ident in self.store.awake(self.clock.now()) if ("episode", ident) not in self._running
        ]
        for ident in episodes[: max(left, 0)]:
            yield ("episode", ident), lambda ident=ident: self._episode(ident)  # type: ignore[misc]
        left = self.options.max_concurrent_activity_functions - kinds.count("activity")
        works = [one for one in self.store.work() if ("activity", one.position) not in self._running]
        for one in works[: max(left, 0)]:
            yield ("activity", one.position), lambda one=one: self._activity(one)  # type: ignore[misc]

    async def _activity(self, work: Work) -> None:
        self.store.count_attempt(work)
        if work.attempts:
            log().warning(
                "activity_again", activity=work.name, instance=work.instance, attempt=work.attempts + 1
            )
        self._step("activity begins")
        answer = await self._result(work)
        self._step("activity ran")
        with self.store.transaction():
            if self.store.end_work(work):
                self.store.send(work.instance, answer, self.clock.now(), execution=work.execution)
        self._step("activity kept")

    async def _result(self, work: Work) -> Event:
        function = self._known("activityTrigger", work.name)
        try:
            if work.attempts >= MAX_ATTEMPTS:
                raise RuntimeError(f"the host ended during each of its {work.attempts} attempts")  # noqa: TRY301
            value = ActivityTriggerConverter.decode(Datum(work.input, "json"), trigger_metadata={})
            result = ActivityTriggerConverter.encode(
                await self._call(function, value), expected_type=None
            ).value
        except Exception as error:  # noqa: BLE001 - whatever it raises is its failure
            log().error("activity_failed", activity=work.name, instance=work.instance, exc_info=True)
            said = f"{type(error).__name__}: {error}"
            reason = f"Activity function '{work.name}' failed: {said}"
            return event(
                Kind.TASK_FAILED, self.clock, TaskScheduledId=work.number, Reason=reason, Details=said
            )
        return event(Kind.TASK_COMPLETED, self.clock, TaskScheduledId=work.number, Result=result)

    async def _episode(self, ident: str) -> None:
        one = self.store.instance(ident)
        if one is None:
            return
        read_, events = self.store.inbox(one, self.clock.now())
        past = self.store.history(ident)
        new = list(_first_completions(past, events))
        if one.ended or not new:
            self.store.take(read_)
            return
        new.insert(0, event(Kind.ORCHESTRATOR_STARTED, self.clock))
        self._step("episode begins")
        function = self._known("orchestrationTrigger", one.name)
        answer = await ask(self._call, function, one, past, new, twice=self._verify)
        self._step("episode ran")
        with self.store.transaction():
            now = self.store.instance(ident)
            if now and now.execution == one.execution and not now.ended:
                self.store.take(read_)
                self._follow(now, [*past, *new], new, answer)
        self._step("episode kept")

    def _follow(self, one: Instance, history: list[Event], new: list[Event], answer: Answer) -> None:
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
        except (NonDeterministic, Unsupported, LookupError) as error:
            self._fail(one, new, f"{type(error).__name__}: {error}")
            return
        self.store.cancel_timers(one, replay.cancelled)
        if replay.behind(ended=answer.done or answer.error is not None):
            log().warning("orchestration_behind", orchestration=one.name, instance=one.id)
        if replay.finished and replay.restart is not None:
            self._begin(one.id, one.name, json.dumps(replay.restart), one.version, before=one)
        elif replay.finished and answer.error is not None:
            self._fail(one, new, answer.error)
        elif replay.finished and answer.done:
            result = json.dumps(answer.output)
            ended = event(
                Kind.EXECUTION_COMPLETED, self.clock, Result=result, OrchestrationStatus="Completed"
            )
            self._end(one, "Completed", result, [*new, ended])
        else:
            self._go_on(one, new, replay)

    def _go_on(self, one: Instance, new: list[Event], replay: Replay) -> None:
        scheduled = [
            event(each.kind, self.clock, each.number, **each.fields) for each in replay.pending.values()
        ]
        self.store.append(one.id, [*new, *scheduled, event(Kind.ORCHESTRATOR_COMPLETED, self.clock)])
        status = one.status if one.status == "Suspended" else "Running"
        self.store.keep(replace(one, status=status, updated_at=self.clock.now()))
        for each in replay.pending.values():
            if each.kind == Kind.TASK_SCHEDULED:
                self.store.add_work(one, each.number, each.name, each.text)
            elif each.kind == Kind.SUB_ORCHESTRATION_CREATED:
                self._begin_child(one, each)
            elif each.number not in replay.cancelled:
                fired = event(Kind.TIMER_FIRED, self.clock, TimerId=each.number, FireAt=each.fire_at)
                fired["Timestamp"] = each.fire_at
                due = read(each.fire_at) + timedelta(microseconds=999)  # kept in milliseconds, rounded down
                self.store.send(one.id, fired, due, execution=one.execution, timer=each.number)

    def _begin_child(self, one: Instance, asked: Command) -> None:
        ident = asked.instance or f"{one.execution}:{asked.number:04x}"
        parent = {"instance": one.id, "execution": one.execution, "number": asked.number}
        known = self.store.instance(ident)
        if known is None or known.ended:
            self._begin(ident, asked.name, asked.text, asked.version, parent=parent)
            return
        reason = f"an instance with the id {ident} has not ended"
        self._tell(parent, failure=f"Orchestrator function '{asked.name}' failed: {reason}")

    def _begin(
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
        now, execution = self.clock.now(), uuid.uuid4().hex
        version = version or self.options.default_version
        self.store.forget(ident, inbox=before is None)
        if before:
            one = replace(before, execution=execution, input=text, updated_at=now)
        else:
            one = Instance(ident, execution, name, version, text, "Pending", None, None, parent, now, now)
        self.store.keep(one)
        started = event(
            Kind.EXECUTION_STARTED, self.clock, Name=name, Version=one.version, Input=text, Tags=None
        )
        started["OrchestrationInstance"] = {"InstanceId": ident, "ExecutionId": execution}
        self.store.send(ident, started, now, execution=execution)

    def _fail(self, one: Instance, new: list[Event], reason: str) -> None:
        said = f"Orchestrator function '{one.name}' failed: {reason}"
        log().error("orchestration_failed", orchestration=one.name, instance=one.id, error=reason)
        ended = event(Kind.EXECUTION_COMPLETED, self.clock, Result=said, OrchestrationStatus="Failed")
        self._end(one, "Failed", json.dumps(said), [*new, ended])

    def _end(self, one: Instance, status: str, output: str, events: list[Event]) -> None:
        self.store.append(one.id, [*events, event(Kind.ORCHESTRATOR_COMPLETED, self.clock)])
        self.store.drop_pending(one.id)
        self.store.keep(replace(one, status=status, output=output, updated_at=self.clock.now()))
        if one.parent and status == "Completed":
            self._tell(one.parent, result=output)
        elif one.parent:
            self._tell(one.parent, failure=str(json.loads(output)))

    def _tell(self, parent: dict[str, Any], *, result: str | None = None, failure: str = "") -> None:
        told: dict[str, Any] = {"TaskScheduledId": parent["number"]}
        if result is None:
            one = event(Kind.SUB_ORCHESTRATION_FAILED, self.clock, **told, Reason=failure, Details=failure)
        else:
            one = event(Kind.SUB_ORCHESTRATION_COMPLETED, self.clock, **told, Result=result)
        if self.store.instance(parent["instance"]):
            self.store.send(parent["instance"], one, self.clock.now(), execution=parent["execution"])

    def _send(self, one: Instance, item: Event) -> None:
        self.store.send(one.id, item, self.clock.now())
        self.bell.set()

    def _known(self, kind: str, name: str) -> Function:
        found = self._functions.get((kind, name))
        if found is None:
            raise LookupError(f"The function '{name}' doesn't exist, is disabled, or is not of this kind.")
        return found


def _first_completions(past: list[Event], events: list[Event]) -> Iterator[Event]:
    """New events without the ends of actions that ended before."""
    over = {completes(item) for item in past} - {None}
    for item in events:
        number = completes(item)
        if number is None or number not in over:
            over |= {number} - {None}
            yield item
