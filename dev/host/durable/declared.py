"""What an orchestrator and a durable client cannot be (platform-facts.md §6, Client)."""

import inspect
from collections.abc import Callable, Iterator, Sequence
from typing import Any


def faults_of_durable(kind: str, code: Callable[..., Any], clients: Sequence[Any]) -> Iterator[str]:
    """Why a function with a trigger of that kind is not served; ``clients`` are its bindings to durable clients."""
    if inspect.iscoroutinefunction(getattr(code, "orchestrator_function", None)):
        yield "an orchestrator must not be async"
    if not clients:
        return
    if kind == "orchestrationTrigger":
        yield "an orchestrator takes no durable client"
    if any(getattr(one, place, None) for one in clients for place in ("task_hub", "connection_name")):
        yield "the local host has one task hub, that of host.json"
    if not inspect.iscoroutinefunction(getattr(code, "client_function", code)):
        yield "a function with a durable client must be async"
