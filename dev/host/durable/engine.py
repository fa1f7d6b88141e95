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
from typing import Any, Final

from azure.functions.durable_functions import ActivityTriggerConverter
from azure.functions.meta import Datum

from dev.host.config import DurableOptions
from dev.host.durable.episodes import ask
from dev.host.durable.history import Event, Kind, completes, event
from dev.host.durable.lives import Lives
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
        self._lives = Lives(self._functions, store, clock, options.default_version)
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
            self._lives.begin(ident, name, text, version)
        self.bell.set()
        return ident

    def raise_event(self, one: Instance, name: str, text: str) -> None:
        """Tell a running instance of an event; ``text`` is the JSON text of its data."""
        self.store.send(one.id, event(Kind.EVENT_RAISED, self.clock, Name=name, Input=text), self.clock.now())
        self.bell.set()

    def terminate(self, one: Instance, reason: str) -> None:
        """End a running instance where it is; its activities under way are not heard, its children go on."""
        ended = event(Kind.EXECUTION_TERMINATED, self.clock, Input=reason)
        with self.store.transaction():
            self._lives.end(one, "Terminated", json.dumps(reason), [ended])
        self.bell.set()

    def suspend(self, one: Instance, *, suspended: bool) -> None:
        """Let a running instance take no more steps, or go on; what happens meanwhile waits."""
        self.store.keep(
            replace(one, status="Suspended" if suspended else "Running", updated_at=self.clock.now())
        )
        self.bell.set()

    def purge(self, one: Instance) -> None:
        """Forget an instance that ended."""
        with self.store.transaction():
            self.store.forget(one.id, instance=True, events=True)

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
                self._lives.follow(now, [*past, *new], new, answer)
        self._step("episode kept")

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
