"""The blob port: bytes under a name, written once (design/architecture.md, Ports and twins)."""

import re
from typing import Final, Protocol

from shared.clients.errors import Refused

MAX_BYTES: Final = 1024 * 1024
"""Largest blob: one request to Azure Blob writes it whole or not at all."""
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")
_LONGEST: Final = 512


class Blobs(Protocol):
    """Blobs of one container. Names are 1-512 of ``A-Za-z0-9._-`` in parts between slashes. All methods raise StoreUnavailable."""

    async def create(self, name: str, body: bytes) -> None:
        """Write a new blob, whole or not at all. Raises AlreadyExists (perhaps by a try whose answer was lost), Refused."""
        ...

    async def read(self, name: str) -> bytes | None:
        """All of a blob, or None. Raises Refused."""
        ...

    async def close(self) -> None:
        """Give back connections."""
        ...


def check_name(name: str) -> None:
    """Raises Refused for what cannot name a blob, a way out of its folder above all."""
    if len(name) > _LONGEST or not _NAME.fullmatch(name):
        raise Refused("not a blob's name")


def check(name: str, body: bytes) -> None:
    """Raises Refused for what cannot be written."""
    check_name(name)
    if len(body) > MAX_BYTES:
        raise Refused(f"a blob of {len(body)} bytes; {MAX_BYTES} are taken")
