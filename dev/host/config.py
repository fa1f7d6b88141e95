"""host.json, app settings and keys, read as the Functions host reads them (platform-facts.md §1 Keys, §2)."""

import json
import os
import re
import secrets
from collections.abc import Mapping, MutableMapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

MAX_BODY: Final = 104_857_600


class Refused(Exception):
    """The host does not start; the message names every fault and the function it lies in."""


class _Section(BaseModel):
    """A part of host.json, whose keys ignore case; unknown keys are ignored, as the Functions host does."""

    model_config = ConfigDict(alias_generator=lambda name: name.replace("_", ""), frozen=True)


class QueueOptions(_Section):
    """``extensions.queues`` with the host's defaults (platform-facts.md §4)."""

    batch_size: int = Field(16, ge=1, le=32)
    new_batch_threshold: int | None = Field(None, ge=0)
    max_dequeue_count: int = Field(5, ge=1)
    visibility_timeout: timedelta = Field(timedelta(), ge=timedelta(), le=timedelta(days=7))
    max_polling_interval: timedelta = Field(timedelta(minutes=1), ge=timedelta(milliseconds=100))
    message_encoding: Literal["base64"] = "base64"

    @property
    def threshold(self) -> int:
        """Messages under way up to which the queue is polled again; by default half a batch for each processor."""
        half = self.batch_size // 2 * (os.cpu_count() or 1)
        return half if self.new_batch_threshold is None else self.new_batch_threshold


class DurableOptions(_Section):
    """``extensions.durableTask``: the task hub, and how many functions of each kind run at once (platform-facts.md §6)."""

    hub_name: str = Field("TestHubName", pattern="^[A-Za-z][A-Za-z0-9]{2,44}$")
    max_concurrent_activity_functions: int = Field(10 * (os.cpu_count() or 1), ge=1)
    max_concurrent_orchestrator_functions: int = Field(10 * (os.cpu_count() or 1), ge=1)
    default_version: str = ""


class _Http(_Section):
    route_prefix: str = "api"


class _Extensions(_Section):
    http: _Http = _Http()
    queues: QueueOptions = QueueOptions()
    durable_task: DurableOptions = DurableOptions()


class _Concurrency(_Section):
    dynamic_concurrency_enabled: Literal[False, "false", "False"] = False


class HostJson(_Section):
    """What this host reads of host.json, and the setting of the largest body (bytes) beside it."""

    version: Literal["2.0"]
    extensions: _Extensions = _Extensions()
    concurrency: _Concurrency = _Concurrency()
    body_limit: int


def read_host_json(path: Path, environ: Mapping[str, str]) -> HostJson:
    """Read host.json and the ``AzureFunctionsJobHost__…`` settings that override it. Raises Refused."""
    if "WEBSITE_TIME_ZONE" in environ:
        raise Refused("WEBSITE_TIME_ZONE: timers run in UTC here, as on Flex Consumption; remove the setting")
    try:
        tree = _lowered(json.loads(path.read_text()))
        for name, value in environ.items():
            head, *keys = name.lower().split("__")
            if head == "azurefunctionsjobhost" and keys:
                node = tree
                for key in keys[:-1]:
                    node = node.setdefault(key, {})
                node[keys[-1]] = value
        if "functiontimeout" in tree:
            raise Refused("functionTimeout: functions are not ended here; set it where the app is deployed")
        tree["bodylimit"] = environ.get("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", MAX_BODY)
        return HostJson.model_validate(tree)
    except (OSError, ValueError) as error:
        faults = error.errors() if isinstance(error, ValidationError) else []
        lines = [f"{path.name}: {'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults]
        raise Refused("\n".join(lines) or f"{path.name}: not readable as JSON") from error


def _lowered(node: Any) -> Any:
    return {key.lower(): _lowered(value) for key, value in node.items()} if isinstance(node, dict) else node


def read_local_settings(path: Path, environ: MutableMapping[str, str]) -> None:
    """Add the ``Values`` of local.settings.json, if there is one; what the environment has already wins."""
    if path.exists():
        for name, value in json.loads(path.read_text()).get("Values", {}).items():
            environ.setdefault(name, str(value))


def expand(text: str, environ: Mapping[str, str]) -> str:
    """Replace every ``%NAME%`` by that app setting; without one it stays."""
    return re.sub(r"%([^%]+)%", lambda match: environ.get(match[1], match[0]), text)


class Keys(BaseModel):
    """The master key opens everything; the host key functions of level FUNCTION; the system key orchestrations' API."""

    master: str = Field(default_factory=lambda: secrets.token_urlsafe(40), repr=False)
    host: str = Field(default_factory=lambda: secrets.token_urlsafe(40), repr=False)
    system: str = Field(default_factory=lambda: secrets.token_urlsafe(40), repr=False)

    @classmethod
    def kept_in(cls, path: Path) -> "Keys":
        """The keys in a file, which is made at the first start, readable by its owner only."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        keys = cls.model_validate_json(path.read_text() or "{}")
        path.write_text(keys.model_dump_json(indent=2))
        return keys
