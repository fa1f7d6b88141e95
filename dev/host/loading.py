"""Loads the app and checks every function by the rules of worker and host (platform-facts.md §1, §3, §4, §5)."""

import importlib.util
import inspect
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, get_type_hints

import azure.functions as func
from azure.functions.http import HttpRequestConverter, HttpResponseConverter
from azure.functions.queue import QueueMessageInConverter
from azure.functions.timer import TimerRequestConverter

from dev.host.config import Refused, expand
from dev.host.durable.declared import faults_of_durable
from dev.host.routing import Template, clashes
from dev.host.schedules import Schedule

_NAME: Final = re.compile(r"(?!host$)[a-z][a-z0-9_-]{0,127}", re.IGNORECASE)
_BINDING: Final = re.compile(r"(?!.*__)[a-zA-Z_][a-zA-Z0-9_]{0,127}")
_CONVERTERS: Final = {
    "httpTrigger": HttpRequestConverter,
    "queueTrigger": QueueMessageInConverter,
    "timerTrigger": TimerRequestConverter,
}
_QUEUE: Final = re.compile(r"(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")


@dataclass(frozen=True, slots=True)
class Function:
    """One function of the app; ``trigger`` is its binding as in function.json, with every ``%NAME%`` filled in.

    ``clients`` are the parameters that take a durable client.
    """

    name: str
    code: Callable[..., Any]
    trigger: Mapping[str, Any]
    disabled: bool = False
    clients: Sequence[str] = ()

    @property
    def kind(self) -> str:
        """``httpTrigger``, ``queueTrigger``, ``timerTrigger``, ``orchestrationTrigger`` or ``activityTrigger``."""
        return str(self.trigger["type"])

    @property
    def durable_name(self) -> str:
        """What orchestrations call it by."""
        return str(self.trigger.get("orchestration") or self.trigger.get("activity") or self.name)

    @property
    def route(self) -> tuple[Sequence[str], str]:
        """Methods (none mean all) and route template of an HTTP function."""
        return self.trigger.get("methods", ()), self.trigger["route"]

    @property
    def wants_context(self) -> bool:
        """Whether it takes func.Context: a parameter ``context`` that no binding fills."""
        return self.trigger["name"] != "context" and "context" in inspect.signature(self.code).parameters


def import_app(path: Path) -> func.FunctionRegister:
    """Import function_app.py and give its one top-level app, found as the worker finds it. Raises Refused."""
    if not path.exists():
        raise Refused(f"there is no {path}")
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None, "a .py file has a loader"  # noqa: S101, PT018
    module = sys.modules[path.stem] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    apps = [value for value in vars(module).values() if isinstance(value, func.FunctionRegister)]
    if len(apps) != 1:
        raise Refused(f"{path.name} needs one top-level function app and has {len(apps)}")
    return apps[0]


def read_functions(app: func.FunctionRegister, environ: Mapping[str, str]) -> list[Function]:
    """The app's functions in the host's order: by name, ignoring case. Raises Refused with every fault found."""
    try:
        indexed = sorted(app.get_functions(), key=lambda one: str(one.get_function_name()).lower())
    except ValueError as error:
        raise Refused(str(error)) from error
    faults: list[str] = []
    found: dict[str, Function] = {}
    for one in indexed:
        function = _read(one, environ)
        problems = [*_faults_of_declaration(function, one), *_faults_of_trigger(function)]
        if function.name.lower() in found:
            problems.append("another function has this name")
        faults += [f"{function.name}: {problem}" for problem in problems]
        found[function.name.lower()] = function
    routes = {one.name: one.route for one in found.values() if one.kind == "httpTrigger"}
    faults += clashes(routes)
    if faults:
        raise Refused("\n".join(faults))
    return list(found.values())


def _read(one: Any, environ: Mapping[str, str]) -> Function:
    name = one.get_function_name()
    bindings = [json.loads(raw) for raw in one.get_raw_bindings()]
    trigger = next(binding for binding in bindings if binding["type"].lower().endswith("trigger"))
    for key in {"queueName", "schedule"} & trigger.keys():
        trigger[key] = expand(trigger[key], environ)
    switch = f"azurewebjobs.{name}.disabled".lower()
    switches = [value for key, value in environ.items() if key.lower().replace("__", ".") == switch]
    return Function(
        name,
        one.get_user_function(),
        trigger,
        any(value.lower() in ("true", "1") for value in switches),
        [binding["name"] for binding in bindings if binding["type"] == "durableClient"],
    )


def _faults_of_declaration(function: Function, one: Any) -> Iterator[str]:
    """What the worker checks, and what only Azure has."""
    parameter = function.trigger["name"]
    if not _NAME.fullmatch(function.name):
        yield "the name is not valid"
    if not _BINDING.fullmatch(parameter):
        yield f"the binding name {parameter!r} is not valid"
    if one.get_settings_dict("retry_policy"):
        yield "retry policies are not served by the local host"
    others = [binding for binding in one.get_bindings() if binding is not one.get_trigger()]
    clients = [binding for binding in others if binding.name in function.clients]
    yield from faults_of_durable(function.kind, function.code, clients)
    for binding in others:
        if binding.name not in function.clients and (binding.type, binding.name, function.kind) != (
            "http",
            "$return",
            "httpTrigger",
        ):
            yield f"the binding {binding.type} {binding.name!r} is not served by the local host"
    taken = set(inspect.signature(function.code).parameters) - (
        {"context"} if function.wants_context else set()
    )
    if taken != {parameter} | {binding.name for binding in others if binding.name != "$return"}:
        yield f"its parameters {sorted(taken)} differ from its bindings"
    try:
        hints = get_type_hints(function.code)
    except NameError as error:
        yield f"an annotation names what is missing at run time: {error.name}"
        return
    accepts = _CONVERTERS.get(function.kind)
    if accepts and parameter in hints and not _is(accepts.check_input_type_annotation, hints[parameter]):
        yield f"the annotation of {parameter!r} does not fit {function.kind} (the local host takes no str or bytes)"
    answer = hints.get("return", func.HttpResponse)
    if function.kind == "httpTrigger" and not _is(HttpResponseConverter.check_output_type_annotation, answer):
        yield "its return annotation is no func.HttpResponse"


def _is(check: Callable[[type], bool], annotation: Any) -> bool:
    return isinstance(annotation, type) and check(annotation)


def _faults_of_trigger(function: Function) -> Iterator[str]:
    """What the host checks of each kind of trigger."""
    trigger = function.trigger
    missing = re.findall("%.+?%", trigger.get("queueName", "") + trigger.get("schedule", ""))
    if missing:
        yield f"there is no app setting {' '.join(missing)}"
        return
    try:
        if function.kind == "httpTrigger":
            Template(trigger["route"])
        elif function.kind == "queueTrigger":
            if not _QUEUE.fullmatch(trigger["queueName"]):
                yield f"{trigger['queueName']!r} is no queue name"
            if trigger["connection"] != "AzureWebJobsStorage":
                yield "the local host has one storage account, AzureWebJobsStorage"
        elif function.kind == "timerTrigger":
            Schedule(trigger["schedule"])
        elif function.kind not in ("orchestrationTrigger", "activityTrigger"):
            yield f"the local host serves no {function.kind}; use func start"
    except ValueError as error:
        yield str(error)
