"""Orchestrations in a test: the local host's engine over real functions, without HTTP and without real time.

    engine = Engine(app)                                  # every blueprint of the app; or Engine(app, bp, other_bp)
    ident = await engine.start("broadcast", {"id": "b1"})  # what the client's start_new does
    await engine.run_until_idle()                         # all that can happen while the clock stands still
    engine.clock.advance(timedelta(hours=1))              # then run_until_idle again: due timers fire
    engine.status(ident).runtime_status, .output, .custom_status

``await engine.run_to_end()`` also moves the clock from timer to timer. ``engine.kill_at(n)`` ends the host at its n-th
step from now (before and after everything that is kept); a new one on the same file goes on by itself, so the test sees
only what it lost: ``for n in range(1, engine.steps + 1)`` proves every place. Each episode runs twice, and an orchestrator
that answers differently fails. ``engine.client()`` is the real DurableOrchestrationClient, without a network;
``Client(app, durable=engine)`` hands it to HTTP functions. ``engine.recorded(ident)`` is a history to keep under
``tests/data/histories`` (see tests/integration/durable/test_histories.py).

An event's data arrives as JSON text in the orchestrator, as in Azure with the 1.x SDK: ``json.loads(task.result)``.
"""

import asyncio
import json
import sys
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

import azure.durable_functions as df
import azure.functions as func

from blueprints import BLUEPRINTS
from dev.host.config import DurableOptions
from dev.host.durable import engine as durable
from dev.host.durable.actions import Replay
from dev.host.durable.episodes import Answer, ask
from dev.host.durable.history import Event
from dev.host.durable.management import Management
from dev.host.durable.store import Instance, Store
from dev.host.invoking import Runtime
from dev.host.loading import Function, read_functions
from shared import wiring
from shared.kernel.clock import ManualClock
from shared.wiring import App
from tests.factories.app import NOW

_managements: dict[str, Management] = {}


class Killed(Exception):  # asyncio lets a BaseException end its loop
    """The host died here."""


@dataclass(frozen=True)
class Status:
    """What get_status says of an instance, its JSON read."""

    runtime_status: str
    output: Any
    custom_status: Any


class Engine:
    """A task hub that a test drives. ``file`` outlives a kill; pass a path to look at it with a second engine.

    ``options`` are those of host.json, such as ``{"maxConcurrentActivityFunctions": 2}``.
    """

    def __init__(
        self,
        app: App | None,
        *blueprints: Any,
        clock: ManualClock | None = None,
        file: Path | Literal[":memory:"] = ":memory:",
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self._app = app
        given = clock or (app.clock if app else None)
        assert isinstance(given, ManualClock), "an engine needs a clock that a test moves"
        self.clock = given
        self.functions = functions_of(*blueprints)
        self._options = DurableOptions(**{name.lower(): value for name, value in (options or {}).items()})
        self._store = Store(file)
        self._tasks: set[asyncio.Task[None]] = set()
        self._left: int | None = None
        self.steps = 0
        self.kills = 0
        self._origin = f"http://engine-{id(self)}.test"
        self._boot()

    def _boot(self) -> None:
        self._runtime = Runtime(self.clock)
        self.engine = durable.Engine(
            self.functions, self._call, self._store, self.clock, self._options,
            spawn=self._spawn, step=self._step, verify=True,
        )  # fmt: skip
        self.management = Management(self.engine, "key", self._origin)
        self._runtime.durable_binding = self.management.binding
        _managements[urlsplit(self._origin).netloc] = self.management
        _connect()

    async def start(self, name: str, input_: Any = None, instance_id: str | None = None) -> str:
        """Start an orchestration; its id."""
        return await self.client().start_new(name, instance_id, input_)

    async def run_until_idle(self) -> None:
        """Run all that can run while the clock stands still, through every kill."""
        if self._app:
            wiring.use(self._app)
        while True:
            try:
                await self.engine.run_until_idle()
            except Killed:
                await self._die()
            else:
                return

    async def run_to_end(self, *, timers: int = 1000) -> None:
        """Run, moving the clock to each next timer, until nothing is left to happen."""
        await self.run_until_idle()
        for _ in range(timers):
            due = self._store.next_due()
            if due is None:
                return
            self.clock.advance(max(due - self.clock.now(), timedelta()))
            await self.run_until_idle()
        raise AssertionError("the orchestrations do not come to an end")

    def kill_at(self, step: int) -> None:
        """Die at that step from now, counted from 1."""
        self._left = step

    async def raise_event(self, instance_id: str, name: str, data: Any = None) -> None:
        """Tell a running instance of an event."""
        await self.client().raise_event(instance_id, name, data)

    def client(self) -> df.DurableOrchestrationClient:
        """The SDK's own client."""
        return df.DurableOrchestrationClient(self.management.binding())

    def instance(self, instance_id: str) -> Instance:
        """What is kept of an instance."""
        one = self._store.instance(instance_id)
        assert one is not None, f"there is no instance {instance_id}"
        return one

    def status(self, instance_id: str) -> Status:
        """How an instance stands."""
        one = self.instance(instance_id)
        output, custom = (json.loads(text) if text else None for text in (one.output, one.custom_status))
        return Status(one.status, output, custom)

    def history(self, instance_id: str) -> list[Event]:
        """The events of an instance's present execution."""
        return self._store.history(instance_id)

    def recorded(self, instance_id: str) -> dict[str, Any]:
        """An instance as tests/data/histories keeps it."""
        one = self.instance(instance_id)
        return {
            "orchestrator": one.name,
            "instance": one.id,
            "input": one.input,
            "status": one.status,
            "output": one.output,
            "history": self.history(instance_id),
        }

    async def close(self) -> None:
        """Stop everything."""
        await self._die(reboot=False)
        self._store.close()

    async def _call(self, function: Function, value: Any) -> Any:
        if function.kind == "orchestrationTrigger":  # pure: no thread is needed
            return function.code(value)
        return await self._runtime.call(function, value)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _step(self, place: str) -> None:
        self.steps += 1
        if self._left is not None:
            self._left -= 1
            if self._left == 0:
                self._left = None
                raise Killed(place)

    async def _die(self, *, reboot: bool = True) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._runtime.drain(0)
        _managements.pop(urlsplit(self._origin).netloc, None)
        if reboot:
            self.kills += 1
            self._boot()


async def replay(record: Mapping[str, Any], functions: Sequence[Function]) -> Answer:
    """Run the present code over a recorded history; what it answers. Raises NonDeterministic when it no longer fits."""
    function = next(one for one in functions if one.durable_name == record["orchestrator"])
    one = Instance(
        record["instance"],
        "",
        record["orchestrator"],
        "",
        record["input"],
        "Running",
        None,
        None,
        None,
        NOW,
        NOW,
    )

    async def call(function: Function, value: Any) -> Any:
        return function.code(value)

    answer = await ask(call, function, one, [], record["history"], twice=True)
    actions = Replay(answer.actions)
    for item in record["history"]:
        actions.feed(item)
    return answer


@cache
def functions_of(*blueprints: Any) -> list[Function]:
    """The functions of some blueprints, by default of all, read and checked as the host does."""
    app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
    for blueprint in blueprints or BLUEPRINTS:
        app.register_functions(blueprint)
    return read_functions(app, {})


def _connect() -> None:
    """Answer the SDK's HTTP calls to an engine without a network; all others go where they went."""
    module = sys.modules["azure.durable_functions.models.DurableOrchestrationClient"]
    if getattr(module, "without_network", False):
        return
    module.without_network = True  # type: ignore[attr-defined]
    for verb in ("post", "get", "delete"):
        name = f"{verb}_async_request"
        setattr(module, name, _call(verb.upper(), getattr(module, name)))


def _call(verb: str, network: Any) -> Any:
    async def call(url: str, data: Any = None, *rest: Any, **more: Any) -> list[Any]:
        parts = urlsplit(url)
        management = _managements.get(parts.netloc)
        if management is None:
            return await network(url, *((data,) if verb == "POST" else ()), *rest, **more)
        path = parts.path.removeprefix(f"/{management.rpc_path}")
        body = b"" if data is None else json.dumps(data).encode()
        status, value = management.answer(verb, path, dict(parse_qsl(parts.query)), body)
        return [status, json.loads(json.dumps(value)) if value is not None or verb != "GET" else ""]

    return call
