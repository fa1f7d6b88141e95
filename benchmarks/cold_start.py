"""A worker's start: importing the app, against importing the bare SDKs that such an app is built on.

The work: a new interpreter imports and ends. Ours is ``function_app`` whole: every route, model and rule declared, no client built (each SDK is
imported when it is first needed). The other ways import SDKs alone and declare nothing. Time and CPU are the child process's.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from benchmarks import Case

ROOT = Path(__file__).parents[1]
HOST = "azure.functions, azure.durable_functions, pydantic_settings"
SDKS = f"{HOST}, google.cloud.firestore, firebase_admin.auth, azure.storage.queue.aio, pymongo, structlog, opentelemetry.trace"


def cases() -> Iterator[Case]:
    """One case; each repetition is one start."""
    yield Case(
        title="importing the app",
        unit="start",
        units=1,
        ways={
            "function_app": partial(start, "function_app"),
            "the bare SDKs": partial(start, SDKS),
            "azure.functions, Durable, pydantic-settings": partial(start, HOST),
            "nothing": partial(start, "sys"),
        },
        answers=lambda _: None,
        measure=measure,
    )


def start(modules: str) -> None:
    subprocess.run(
        [sys.executable, "-c", f"import {modules}"], cwd=ROOT, check=True, stderr=subprocess.DEVNULL
    )


def measure(work: Callable[[], None]) -> tuple[float, float]:
    began, before = time.perf_counter(), os.times()
    work()
    after = os.times()
    busy = after.children_user + after.children_system - before.children_user - before.children_system
    return time.perf_counter() - began, busy
