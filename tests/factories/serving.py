"""``python -m dev.run`` in a process of its own, as ``make run`` starts it."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import httpx
import pytest

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0

FoundT = TypeVar("FoundT")


def eventually(condition: Callable[[], FoundT]) -> FoundT:
    """What a condition gives once it is true; fails after a minute."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with contextlib.suppress(httpx.TransportError):
            if found := condition():
                return found
        time.sleep(0.02)
    return pytest.fail("it did not happen in time")


class Served:
    """A local host on a free port; ``log`` collects what it prints.

    ``environ`` is added to the environment. End it with ``stop`` and ``ended``; ``kill`` is for the test's own end.
    """

    def __init__(self, *options: str, environ: Mapping[str, str] | None = None) -> None:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "dev.run", "--port", "0", *options],
            cwd=ROOT,
            env={**inherited, **(environ or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.log = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def url(self, path: str) -> str:
        """The address of a path, once the host serves."""
        ports = eventually(lambda: re.findall(r"http://localhost:(\d+)", self.log) or self.process.poll())
        assert isinstance(ports, list), self.log
        return f"http://127.0.0.1:{ports[-1]}{path}"

    def stop(self, number: int = signal.SIGTERM) -> None:
        """Ask it to stop."""
        self.process.send_signal(number)

    def ended(self) -> int:
        """Its status, once it has ended."""
        return self.process.wait(PATIENCE)

    def kill(self) -> None:
        """End it at once and close what is open."""
        self.process.kill()
        self.process.wait()
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.log += line
