"""A local issuer without the wait for a new key pair, and a clock that stands at a round moment."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from shared.clients.identity.embedded import LocalIssuer
from shared.clients.local_files import kept
from shared.kernel.clock import Clock, ManualClock

PROJECT = "demo-cabeceo"
START = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)


@cache
def key_file(name: str = "ours") -> bytes:
    """A key pair as an issuer keeps it, made once per test run; another name is another key."""
    with TemporaryDirectory() as folder:
        LocalIssuer(Path(folder), PROJECT, ManualClock(START))
        return (Path(folder) / "issuer" / "key.pem").read_bytes()


def local_issuer(folder: Path, clock: Clock, *, project: str = PROJECT, key: str = "ours") -> LocalIssuer:
    """An issuer whose files lie in a folder; issuers of the same ``key`` name share their key pair."""
    kept(folder / "issuer" / "key.pem", lambda: key_file(key))
    return LocalIssuer(folder, project, clock)
