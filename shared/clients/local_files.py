"""Private files that the embedded stack makes for itself at its first start, and keeps."""

import contextlib
import os
import secrets
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import orjson


def kept(path: Path, make: Callable[[], bytes]) -> bytes:
    """What a file holds; when it is missing, what ``make`` gives is kept in it first, readable by its owner only.

    When several processes come first at once, one of them wins and all get what it kept: a link to a whole file either
    appears or is refused, so nobody reads half of one.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(make())
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        Path(draft).unlink()
    return path.read_bytes()


@dataclass(frozen=True, slots=True)
class LocalSecrets:
    """Secrets of an installation that was given none."""

    hash_secret: str = field(repr=False)
    signing_secrets: list[str] = field(repr=False)


def local_secrets(folder: Path) -> LocalSecrets:
    """The secrets kept in ``secrets.json`` of a folder; never used in production, whose settings must name their own."""
    made = {"hashSecret": secrets.token_urlsafe(32), "signingSecrets": [secrets.token_urlsafe(32)]}
    values = orjson.loads(kept(folder / "secrets.json", lambda: orjson.dumps(made)))
    return LocalSecrets(values["hashSecret"], values["signingSecrets"])
