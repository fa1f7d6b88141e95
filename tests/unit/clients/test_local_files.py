"""Files that are made once, whoever comes first."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from shared.clients.local_files import kept, local_secrets
from shared.kernel.settings import MIN_SECRET


def test_is_made_once_and_private(tmp_path: Path):
    path = tmp_path / "new" / "file"
    assert kept(path, lambda: b"first") == b"first"
    assert kept(path, lambda: b"second") == b"first"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_all_who_come_first_at_once_get_the_same(tmp_path: Path):
    """Nobody reads half a file, and no draft stays behind."""
    barrier = Barrier(8)

    def start(number: int) -> bytes:
        barrier.wait()
        return kept(tmp_path / "file", lambda: str(number).encode() * 100_000)

    with ThreadPoolExecutor(8) as threads:
        found = set(threads.map(start, range(8)))

    assert len(found) == 1
    assert len(found.pop()) == 100_000
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_failure_leaves_nothing(tmp_path: Path):
    def fail() -> bytes:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        kept(tmp_path / "file", fail)
    assert list(tmp_path.iterdir()) == []


def test_secrets_are_long_different_and_kept(tmp_path: Path):
    made = local_secrets(tmp_path)
    assert local_secrets(tmp_path) == made
    assert min(map(len, [made.hash_secret, *made.signing_secrets])) >= MIN_SECRET
    assert made.hash_secret not in made.signing_secrets
    assert made.hash_secret not in repr(made)
    assert local_secrets(tmp_path / "other") != made
