"""One run of an orchestrator over its history, through the SDK (platform-facts.md §6)."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from azure.functions.durable_functions import OrchestrationTriggerConverter
from azure.functions.meta import Datum

from dev.host.durable.history import Event
from dev.host.durable.store import Instance
from dev.host.loading import Function

_MARK: Final = "\n\n$OutOfProcData$:"


@dataclass(frozen=True, slots=True)
class Answer:
    """What an orchestrator said: actions since its start, and its end, if it ended."""

    actions: list[dict[str, Any]] = field(default_factory=list)
    done: bool = False
    output: Any = None
    error: str | None = None
    status: str | None = None
    """The custom status as JSON text."""
    broken: str | None = None
    """Why the answer is none."""


async def ask(
    call: Callable[[Function, Any], Awaitable[Any]],
    function: Function,
    one: Instance,
    past: list[Event],
    new: list[Event],
    *,
    twice: bool,
) -> Answer:
    """Run an orchestrator; ``twice`` compares a second run with the first."""
    body = context(one, past, new)
    first = await _run(call, function, body)
    if twice and await _run(call, function, body) != first:
        return Answer(broken="NonDeterministic: the same history gives other actions at a second run")
    return first


def context(one: Instance, past: list[Event], new: list[Event]) -> str:
    """The orchestration trigger's JSON: past events are played, those of this episode are not."""
    return json.dumps(
        {
            "history": [*({**item, "IsPlayed": True} for item in past), *new],
            "input": None if one.input is None else json.loads(one.input),
            "instanceId": one.id,
            "isReplaying": bool(past),
            "parentInstanceId": one.parent["instance"] if one.parent else None,
            "upperSchemaVersion": 1,
            "upperSchemaVersionNew": 2,
            "longRunningTimerIntervalDuration": "3.00:00:00",
            "maximumShortTimerDuration": "6.00:00:00",
            "defaultHttpAsyncRequestSleepTimeMillseconds": 30_000,
        }
    )


async def _run(call: Callable[[Function, Any], Awaitable[Any]], function: Function, body: str) -> Answer:
    try:
        value = OrchestrationTriggerConverter.decode(Datum(body, "json"), trigger_metadata={})
        text = await call(function, value)
    except Exception as error:  # noqa: BLE001 - an orchestrator may raise anything
        text = str(error).rpartition(_MARK)[2] if _MARK in str(error) else None
        if text is None:
            return Answer(broken=f"{type(error).__name__}: {error}")
    said = json.loads(text)
    if len(said["actions"]) != 1 or said.get("schemaVersion") != 2:  # noqa: PLR2004 - the version we offered
        return Answer(broken="its answer is not of schema version 2")
    status = said.get("customStatus")
    return Answer(
        said["actions"][0],
        said["isDone"],
        said.get("output"),
        said.get("error"),
        status and json.dumps(status),
    )
